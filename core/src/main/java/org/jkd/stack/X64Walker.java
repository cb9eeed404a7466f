// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.image.Memory;
import org.jkd.symbols.Symbol;
import org.jspecify.annotations.Nullable;

/** One walk over an x64 stack. */
final class X64Walker {
  /** KTRAP_FRAME.Rip: where the machine frame lies in a trap frame. */
  private static final long TRAP_FRAME_RIP = 0x168;

  /** How often a walk may go to another stack. */
  private static final int MAX_SWITCHES = 64;

  /** Bytes that no interrupted function and its trap frame put between two frames. */
  private static final long MAX_TRAP_DISTANCE = 0x18000;

  private final StackEnvironment environment;
  private final CodeSource code;
  private final StackWords words;
  private final X64Unwinder unwinder;
  private final AddressMap<Image> images = new AddressMap<>();
  private final List<Frame> frames = new ArrayList<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private boolean warned;
  private boolean stackChanges;
  private int switches;

  private record Image(StackWords words, @Nullable FunctionTable functions) {}

  X64Walker(Memory memory, CodeSource code, StackEnvironment environment) {
    this.environment = environment;
    this.code = code;
    this.words = new StackWords(memory);
    this.unwinder = new X64Unwinder(words);
  }

  CallStack walk(CpuContext start, int maxFrames) {
    X64State state = X64State.of(start);
    CallStack.End end = CallStack.End.FRAME_COUNT;
    while (frames.size() < maxFrames) {
      X64State next = state.copy();
      X64Unwinder.Outcome outcome = step(state, next);
      if (outcome == X64Unwinder.Outcome.UNREADABLE) {
        end = CallStack.End.UNREADABLE;
        break;
      }
      if (next.ip == 0) {
        end = CallStack.End.RETURN_ADDRESS_ZERO;
        break;
      }
      if (!progresses(state, next, outcome)) {
        end = CallStack.End.NO_PROGRESS;
        break;
      }
      state = next;
    }
    noteCallout(state);
    return new CallStack(Arch.X64, frames, List.copyOf(notes), end);
  }

  /**
   * Says that a walk that ends in user mode is not the whole story. The layout of the x64 callout
   * frame is not public, so the kernel function that called user mode is not guessed at.
   */
  private void noteCallout(X64State last) {
    long frame = environment.callbackStack().orElse(0);
    if (last.ip >= 0 && frame < 0) {
      notes.add(
          "the kernel called this user-mode code (callout frame "
              + Long.toHexString(frame)
              + "); the layout of that frame is not known, so the frames before the call are"
              + " missing");
    }
  }

  /** The registers of a frame, as far as the walk knows them; empty if there is no such frame. */
  static Optional<CpuContext> registers(
      Memory memory, CodeSource code, StackEnvironment environment, CpuContext start, int index) {
    X64Walker walker = new X64Walker(memory, code, environment);
    X64State state = X64State.of(start);
    for (int i = 0; i < index; i++) {
      X64State next = state.copy();
      X64Unwinder.Outcome outcome = walker.step(state, next);
      if (outcome == X64Unwinder.Outcome.UNREADABLE
          || next.ip == 0
          || !walker.progresses(state, next, outcome)) {
        return Optional.empty();
      }
      state = next;
    }
    return Optional.of(index == 0 ? start : state.toContext());
  }

  /** Leaves one frame and adds its row. */
  private X64Unwinder.Outcome step(X64State state, X64State next) {
    CodeSource.Module module = code.at(state.ip).orElse(null);
    Image image = module == null ? null : image(module);
    Frame.Source source = Frame.Source.LEAF;
    X64Unwinder.Outcome outcome;
    Optional<FunctionTable.Function> function = Optional.empty();
    if (module == null || image == null || image.functions == null) {
      source = Frame.Source.NO_IMAGE;
    } else {
      function = function(image.functions, state.ip - module.base(), state.exact);
    }
    if (module != null && image != null && function.isPresent()) {
      source = Frame.Source.UNWIND_INFO;
      outcome = unwinder.unwind(next, image.words, module.base(), function.get());
      if (outcome == X64Unwinder.Outcome.BAD_INFORMATION) {
        notes.add(
            module.name()
                + ": unwind information of an unknown form, or not in the dump, at rva "
                + Long.toHexString(function.get().unwind()));
        source = Frame.Source.NO_IMAGE;
        System.arraycopy(state.registers, 0, next.registers, 0, next.registers.length);
        next.known = state.known;
        outcome = unwinder.leaf(next);
      }
    } else {
      outcome = unwinder.leaf(next);
    }
    if (source == Frame.Source.NO_IMAGE && module != null) {
      X64State byRules = state.copy();
      if (rules(module, state, byRules)) {
        next.assign(byRules);
        outcome = X64Unwinder.Outcome.DONE;
        source = Frame.Source.CFI;
      }
    }
    addFrame(module, state, next, outcome, source);
    return outcome;
  }

  /** Leaves a frame by the rules of a symbol file; false if there are none or they lead nowhere. */
  private boolean rules(CodeSource.Module module, X64State state, X64State next) {
    Optional<String> text =
        module.symbols().cfi().rules(state.ip - module.base() - (state.exact ? 0 : 1));
    if (text.isEmpty()) {
      return false;
    }
    CfiProgram program = CfiProgram.parse(text.get());
    OptionalLong cfa = program.evaluate(".cfa", state::byName, words, 8);
    if (cfa.isEmpty()) {
      return false;
    }
    Function<String, OptionalLong> values = name -> name.equals(".cfa") ? cfa : state.byName(name);
    OptionalLong ra = program.evaluate(".ra", values, words, 8);
    if (ra.isEmpty()) {
      return false;
    }
    for (String name : program.names()) {
      int register = X64State.register(name);
      OptionalLong value = program.evaluate(name, values, words, 8);
      if (register >= 0 && value.isPresent()) {
        next.set(register, value.getAsLong());
      }
    }
    next.ip = ra.getAsLong();
    next.set(X64State.RSP, cfa.getAsLong());
    next.exact = false;
    unwinder.slot = cfa.getAsLong() - 8;
    return true;
  }

  /**
   * The entry for an address. A return address at the very start of an entry belongs to a call that
   * ends the function before.
   */
  private static Optional<FunctionTable.Function> function(
      FunctionTable functions, long rva, boolean exact) {
    Optional<FunctionTable.Function> found = functions.at(rva);
    if (!exact && (found.isEmpty() || found.get().begin() == rva)) {
      Optional<FunctionTable.Function> before = functions.at(rva - 1);
      return before.isPresent() ? before : found;
    }
    return found;
  }

  private Image image(CodeSource.Module module) {
    Image known = images.get(module.base());
    if (known == null) {
      StackWords bytes = new StackWords(module.image());
      Optional<FunctionTable> table = FunctionTable.read(bytes, module.base(), module.size());
      if (table.isEmpty()) {
        notes.add(
            module.name()
                + ": no unwind information (its image is not in the dump and not on the image"
                + " path)");
      }
      known = new Image(bytes, table.orElse(null));
      images.put(module.base(), known);
    }
    return known;
  }

  private boolean progresses(X64State from, X64State to, X64Unwinder.Outcome outcome) {
    boolean trap = outcome == X64Unwinder.Outcome.MACHINE_FRAME;
    Optional<StackEnvironment.Range> range = environment.stackAt(from.sp());
    if (range.isPresent()) {
      stackChanges = !range.get().contains(to.sp());
    } else {
      long distance = to.sp() - from.sp();
      stackChanges = trap && (distance <= 0 || distance > MAX_TRAP_DISTANCE);
      if (!trap && distance < 0) {
        // Only a function that switches stacks itself (KiSwitchKernelStackAndCallout and the like:
        // a frame register restored from elsewhere) takes the stack pointer down.
        stackChanges = -distance >= MAX_TRAP_DISTANCE;
      }
    }
    if (stackChanges) {
      return ++switches <= MAX_SWITCHES;
    }
    return Long.compareUnsigned(to.sp(), from.sp()) > 0;
  }

  private void addFrame(
      CodeSource.@Nullable Module module,
      X64State state,
      X64State next,
      X64Unwinder.Outcome outcome,
      Frame.Source source) {
    boolean read = outcome != X64Unwinder.Outcome.UNREADABLE;
    boolean trap = outcome == X64Unwinder.Outcome.MACHINE_FRAME;
    Optional<StackWarning> warning = Optional.empty();
    if (!warned && source == Frame.Source.NO_IMAGE) {
      warned = true;
      warning =
          Optional.of(
              module == null ? StackWarning.NOT_IN_MODULE : StackWarning.NO_UNWIND_INFORMATION);
    }
    long args = read && !trap ? unwinder.slot + 8 : next.sp();
    frames.add(
        new Frame(
            frames.size(),
            state.ip,
            state.sp(),
            state.sp(),
            read ? next.ip : 0,
            read ? OptionalLong.of(unwinder.slot) : OptionalLong.empty(),
            frames.isEmpty() || stackChanges
                ? OptionalLong.empty()
                : OptionalLong.of(state.sp() - frames.getLast().base()),
            new Frame.Args(
                words.u64(args), words.u64(args + 8), words.u64(args + 16), words.u64(args + 24)),
            trap ? trapKind(module, state.ip) : Frame.Kind.CALL,
            read ? source : Frame.Source.NONE,
            trap
                ? Optional.of(
                    new FrameNote.Trap(unwinder.slot - TRAP_FRAME_RIP, OptionalInt.empty(), 0))
                : Optional.empty(),
            warning,
            FrameRegisters.x64(state),
            state.exact));
  }

  private static Frame.Kind trapKind(CodeSource.@Nullable Module module, long ip) {
    String name =
        module == null
            ? ""
            : module.symbols().nearest(ip - module.base()).map(Symbol::name).orElse("");
    return TrapEntries.isService(name) ? Frame.Kind.SYSCALL : Frame.Kind.TRAP;
  }
}
