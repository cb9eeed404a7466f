// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;
import org.jkd.pe.PeImage;
import org.jkd.pe.RuntimeFunctions;
import org.jkd.symbols.Symbol;
import org.jspecify.annotations.Nullable;

/**
 * The code of a whole target: all modules, what calls what, and the analysed functions, which are
 * analysed when they are asked for and kept.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class CodeSpace {
  /** Times that a function swallows labels which turned out to be its own. */
  private static final int MAX_ABSORB_ROUNDS = 3;

  private static final int MAX_CALLEE_DEPTH = 6;

  /** Bytes of a direct call. */
  private static final int DIRECT_CALL = 5;

  /** Longest encoding of a near call. */
  private static final int MAX_CALL = 8;

  /**
   * How far behind an x64 module the stubs may lie to which Windows 10 redirects its indirect calls
   * (retpolines): seen 0x2a0 bytes behind Wdf01000 of build 19041.
   */
  private static final long STUBS = 1 << 16;

  private final Arch arch;
  private final CodeImage[] images;
  private final OpReader reader;
  private final Imports imports;
  private final FunctionFinder finder = new FunctionFinder(this);
  private final TailCalls tails = new TailCalls(this);
  private final Map<CodeImage, Analysed> analysed = new HashMap<>();

  /** What was found out about one module. */
  private static final class Analysed {
    final LongIntMap functionIndex = new LongIntMap(64);
    final List<FunctionCode> functions = new ArrayList<>();
    final LongIntMap calleeIndex = new LongIntMap(256);
    final List<Callee> callees = new ArrayList<>();
    final @Nullable RuntimeFunctions runtimeFunctions;

    Analysed(CodeImage image) {
      RuntimeFunctions f =
          image.arch() == Arch.X64
              ? image.headers().map(PeImage::runtimeFunctions).orElse(null)
              : null;
      runtimeFunctions = f != null && f.count() > 0 ? f : null;
    }
  }

  /**
   * @param memory the target's memory, for the pointers through which calls go
   * @param modules in any order
   */
  public CodeSpace(Arch arch, Memory memory, List<CodeImage> modules) {
    this.arch = arch;
    this.images = modules.toArray(new CodeImage[0]);
    Arrays.sort(images, Comparator.comparingLong(CodeImage::base));
    this.reader = new OpReader(arch);
    this.imports = new Imports(this, new MemoryReader(memory, arch.pointerSize()));
  }

  /** The processor. */
  public Arch arch() {
    return arch;
  }

  /** The modules by address. */
  public List<CodeImage> images() {
    return List.of(images);
  }

  /** The module that contains an address. */
  public Optional<CodeImage> imageAt(long address) {
    int low = 0;
    int high = images.length - 1;
    while (low <= high) {
      int mid = (low + high) >>> 1;
      CodeImage image = images[mid];
      if (image.contains(address)) {
        return Optional.of(image);
      }
      if (address < image.base()) {
        high = mid - 1;
      } else {
        low = mid + 1;
      }
    }
    return Optional.empty();
  }

  /** True when the address lies in a code section of a module. */
  public boolean isExecutable(long address) {
    Optional<CodeImage> image = imageAt(address);
    return image.isPresent() && image.get().isExecutable(address);
  }

  /**
   * True when the bytes before an address are some call instruction that ends there. This costs
   * little and says little: residue on a stack passes as well.
   */
  public boolean isPrecededByCall(long address) {
    Optional<CodeImage> image = imageAt(address);
    return image.isPresent() && callEndingAt(image.get(), address) != null;
  }

  private @Nullable Op callEndingAt(CodeImage image, long address) {
    Op best = null;
    for (int length = 2; length <= MAX_CALL; length++) {
      Op op = image.isExecutable(address - length) ? reader.read(image, address - length) : null;
      // Of several readings the longest is the likeliest: FF 15 .. .. .. .. may end in FF D0.
      if (op != null && op.isCall() && op.next() == address && isPlausible(image, op)) {
        best = op;
      }
    }
    return best;
  }

  private boolean isPlausible(CodeImage image, Op call) {
    return call.kind != Op.Kind.CALL
        || isExecutable(call.target)
        || arch == Arch.X64 && call.target - image.end() >= 0 && call.target - image.end() < STUBS;
  }

  /** The function of which an instruction covers the address. */
  public Optional<FunctionCode> functionAt(long address) {
    CodeImage image = imageAt(address).orElse(null);
    return image == null || !image.isExecutable(address)
        ? Optional.empty()
        : finder.functionAt(image, address);
  }

  /** The function that starts at an address; the address is believed. */
  public Optional<FunctionCode> functionStartingAt(long start) {
    return imageAt(start).filter(i -> i.isExecutable(start)).map(i -> function(i, start));
  }

  FunctionCode function(CodeImage image, long start) {
    Analysed known = of(image);
    int at = known.functionIndex.get(start);
    if (at != LongIntMap.ABSENT) {
      return known.functions.get(at);
    }
    LongIntMap absorbed = new LongIntMap(4);
    FlowGraph graph = FlowGraph.build(this, image, start, absorbed, 0);
    StackFlow flow = StackFlow.run(this, graph, entryState(graph));
    for (int round = 0; round < MAX_ABSORB_ROUNDS; round++) {
      if (!absorbLabels(graph, flow, absorbed)) {
        break;
      }
      graph = FlowGraph.build(this, image, start, absorbed, 0);
      flow = StackFlow.run(this, graph, entryState(graph));
    }
    FunctionCode function = new FunctionCode(this, graph, flow);
    known.functionIndex.put(start, known.functions.size());
    known.functions.add(function);
    return function;
  }

  /** A known function with more of its code in its graph. */
  FunctionCode extend(FunctionCode known, FlowGraph graph) {
    return new FunctionCode(this, graph, StackFlow.run(this, graph, entryState(graph)));
  }

  /** Keeps a function in place of the one that was known at its start. */
  void replace(FunctionCode known, FunctionCode by) {
    Analysed a = of(known.image());
    a.functions.set(a.functionIndex.get(known.start()), by);
  }

  /** The unwind table of an x64 module; null when there is none. */
  @Nullable RuntimeFunctions runtimeFunctions(CodeImage image) {
    return of(image).runtimeFunctions;
  }

  /** A jump that leaves with something still on the stack goes to a label, not to a function. */
  private boolean absorbLabels(FlowGraph graph, StackFlow flow, LongIntMap absorbed) {
    boolean any = false;
    for (int i = 0; i < graph.size(); i++) {
      Op op = graph.op(i);
      long target = graph.tailTarget(op);
      if (target == 0 || !graph.image().contains(target)) {
        continue;
      }
      State state = flow.before(i);
      boolean balanced = state == null || !state.spKnown() || Value.payload(state.sp()) == 0;
      if (!balanced && !absorbed.has(target)) {
        absorbed.put(target, 1);
        any = true;
      }
    }
    return any;
  }

  private State entryState(FlowGraph graph) {
    State state = State.entry(arch.pointerSize());
    RuntimeFunctions table = of(graph.image()).runtimeFunctions;
    if (table != null) {
      // Parts of functions that were moved away start with their parent's frame in place.
      UnwindDepth.at(table, graph.start() - graph.image().base())
          .filter(f -> f.depth() > 0)
          .ifPresent(f -> state.regs[Op.SP] = Value.stack(-f.depth()));
    }
    return state;
  }

  /** What the unwind codes of x64 say; unknown on x86 and where there are none. */
  Depth depthByTables(CodeImage image, long address) {
    RuntimeFunctions table = of(image).runtimeFunctions;
    if (table == null) {
      return Depth.unknown();
    }
    Optional<UnwindDepth.Frame> frame = UnwindDepth.at(table, address - image.base());
    if (frame.isEmpty() || frame.get().depth() < 0) {
      return Depth.unknown();
    }
    return new Depth.Exact(frame.get().depth());
  }

  /** The stack before an instruction; empty when the address is in no function. */
  public Optional<StackState> stateAt(long address) {
    return functionAt(address).flatMap(f -> f.stateAt(address));
  }

  /**
   * The call that returns to an address; empty when the bytes before it are no call.
   *
   * <p>A call that is not part of any function's flow is answered with an empty function and an
   * unknown depth: such an answer may be an accident of the bytes.
   */
  public Optional<CallSite> callSite(long returnAddress) {
    CodeImage image = imageAt(returnAddress - 1).orElse(null);
    if (image == null) {
      return Optional.empty();
    }
    Op call = callEndingAt(image, returnAddress);
    if (call == null) {
      return redirected(image, returnAddress);
    }
    Optional<CallSite> inFlow =
        functionAt(returnAddress - 1).flatMap(f -> f.siteReturningTo(returnAddress));
    return inFlow.isPresent() ? inFlow : Optional.of(loose(image, call));
  }

  /**
   * Windows 10 writes {@code call stub, nop} over the six bytes of {@code call [pointer]} in x64
   * drivers. Where the bytes come from the image file the return address lies inside the call.
   */
  private Optional<CallSite> redirected(CodeImage image, long returnAddress) {
    Op op = arch == Arch.X64 ? reader.read(image, returnAddress - DIRECT_CALL) : null;
    if (op == null || op.kind != Op.Kind.CALL_MEMORY || op.next() != returnAddress + 1) {
      return Optional.empty();
    }
    return Optional.of(
        new CallSite(
            returnAddress,
            op.address,
            CallSite.Kind.MEMORY,
            0,
            0,
            Optional.empty(),
            functionAt(op.address),
            new StackState(
                op.address, depthByTables(image, op.address), List.of(), List.of(), List.of()),
            -1,
            List.of()));
  }

  private CallSite loose(CodeImage image, Op call) {
    long target = callTarget(image, call, null);
    long pointer = callPointer(call, null);
    // Unwind codes cover code whose flow was not understood as well.
    RuntimeFunctions table = of(image).runtimeFunctions;
    Optional<FunctionCode> owner =
        table == null
            ? Optional.empty()
            : UnwindDepth.root(table, call.address - image.base())
                .map(e -> function(image, image.base() + e.begin()));
    return new CallSite(
        call.next(),
        call.address,
        FunctionCode.kind(call),
        target,
        pointer,
        pointer == 0 ? Optional.empty() : imports.name(pointer),
        owner,
        new StackState(
            call.address, depthByTables(image, call.address), List.of(), List.of(), List.of()),
        target == 0 ? -1 : callee(target, 1).pop(),
        List.of());
  }

  /** Whether a call can have led to a function. */
  public enum Agreement {
    /** The call's target is the function. */
    TARGET,
    /** The target jumps to the function, directly or through others. */
    TAIL,
    /** The target is not known before run time, or it jumps where nobody knows. */
    POSSIBLE,
    /** The target is known, and it is another function. */
    CONTRADICTED
  }

  /** Whether the callee of a call site can be the function that starts at an address. */
  public Agreement agreement(CallSite site, long functionStart) {
    return tails.agreement(site, functionStart);
  }

  /**
   * The functions in which execution can be while the return address of a call to {@code target}
   * lies on top: the target itself first, then all that it and they jump to.
   */
  public long[] reachableWithoutCall(long target) {
    return tails.reachableWithoutCall(target);
  }

  // ---- for the analysis

  private Analysed of(CodeImage image) {
    return analysed.computeIfAbsent(image, Analysed::new);
  }

  @Nullable Op op(CodeImage image, long address) {
    return reader.read(image, address);
  }

  /** Where a call leads, 0 when that is not known. */
  long callTarget(CodeImage image, Op op, @Nullable State state) {
    if (op.kind == Op.Kind.CALL) {
      return op.target;
    }
    long pointer = callPointer(op, state);
    if (pointer != 0) {
      return imports.target(image, pointer);
    }
    if (op.kind == Op.Kind.CALL_REGISTER && state != null) {
      long v = state.regs[op.src];
      if (Value.isConstant(v)) {
        long target = arch.address(Value.payload(v));
        return isExecutable(target) ? target : 0;
      }
    }
    return 0;
  }

  /** The fixed address of the pointer through which a call goes, 0 when there is none. */
  long callPointer(Op op, @Nullable State state) {
    if (op.kind == Op.Kind.CALL_MEMORY && op.isAbsolute()) {
      return arch.address(op.disp);
    }
    if (op.kind == Op.Kind.CALL_REGISTER && state != null) {
      long v = state.regs[op.src];
      if (Value.isPointee(v)) {
        return arch.address(Value.payload(v));
      }
    }
    return 0;
  }

  /** What the import tables say. */
  Imports imports() {
    return imports;
  }

  /** True when a direct call of an address never comes back. */
  boolean noReturn(long target, int depth) {
    return depth < FlowGraph.MAX_NO_RETURN_DEPTH && callee(target, depth + 1).never();
  }

  /** What a caller has to know about the function at an address. */
  Callee callee(long target, int depth) {
    CodeImage image = imageAt(target).orElse(null);
    if (image == null || !image.isExecutable(target)) {
      return Callee.UNKNOWN;
    }
    Analysed known = of(image);
    int at = known.calleeIndex.get(target);
    if (at != LongIntMap.ABSENT) {
      return known.callees.get(at);
    }
    if (depth > MAX_CALLEE_DEPTH) {
      return Callee.UNKNOWN;
    }
    // While it is being worked out it counts as unknown: functions that call each other end here.
    int index = known.callees.size();
    known.calleeIndex.put(target, index);
    known.callees.add(Callee.UNKNOWN);
    FlowGraph graph = FlowGraph.build(this, image, target, new LongIntMap(4), depth);
    Callee callee = Callee.of(graph, this, depth);
    if (callee.pop() < 0) {
      callee = byName(image, target, callee);
    }
    known.callees.set(index, callee);
    return callee;
  }

  /** Decorated names say what a function pops: {@code _name@8}, {@code @name@12}. */
  private static Callee byName(CodeImage image, long target, Callee callee) {
    Symbol symbol = image.symbols().flatMap(s -> s.nearest(target - image.base())).orElse(null);
    if (symbol == null || symbol.rva() != target - image.base() || image.arch() != Arch.X86) {
      return callee;
    }
    String name = symbol.decorated();
    int at = name.lastIndexOf('@');
    if (at <= 0 || at + 1 == name.length() || name.startsWith("?")) {
      return callee;
    }
    int bytes = 0;
    for (int i = at + 1; i < name.length(); i++) {
      int digit = name.charAt(i) - '0';
      if (digit < 0 || digit > 9 || bytes > PopSolver.MAX_POP) {
        return callee;
      }
      bytes = bytes * 10 + digit;
    }
    // fastcall passes the first two words in registers.
    int pop = name.charAt(0) == '@' ? Math.max(0, bytes - 8) : bytes;
    return new Callee(pop, callee.never(), callee.helper(), callee.preserved());
  }
}
