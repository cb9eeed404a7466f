// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.mini.MiniThread;
import org.jkd.engine.expr.CxxType;
import org.jkd.engine.expr.CxxValue;
import org.jkd.engine.expr.ExpressionContext;
import org.jkd.engine.expr.RegisterNames;
import org.jkd.engine.redact.Redaction;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;
import org.jkd.stack.CallStack;
import org.jkd.stack.StackWalker;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelTarget;
import org.jkd.target.KernelThread;
import org.jkd.target.Processor;
import org.jkd.target.Target;
import org.jkd.target.UserTarget;
import org.jspecify.annotations.Nullable;

/**
 * What lasts from one command to the next: the target, the register context that commands look at,
 * and the settings.
 */
public final class Session implements ExpressionContext {
  /** The most frames that a back-trace may be asked for. */
  static final int MAX_FRAMES = 0x10000;

  private final Debuggee debuggee;
  private final Names names;

  private MemoryReader memory;
  private CpuContext registers;
  private boolean contextIsSet;
  private int processor;
  private int userThread;
  private @Nullable KernelThread thread;
  private @Nullable KernelProcess process;
  private int radix = 16;
  private int frameCount = 0x100;
  private boolean json;
  private @Nullable Redaction redaction;
  private boolean lines = true;
  private int frame;
  private String sourcePath = "";
  private boolean paging;
  private int registerMask;
  private @Nullable Runnable clear;
  private boolean cxx;
  private final CxxNames cxxNames = new CxxNames(this);
  private Disassembly disassembly = new KdDisassembly();
  private final Bookmarks bookmarks;
  private final KeptNumbers numbers = new KeptNumbers();
  private final Aliases aliases = new Aliases();
  private final LogFile log = new LogFile();
  private final Host host;
  private @Nullable Interpreter interpreter;

  /** A session that looks at the processor which stopped the system. */
  public Session(Debuggee debuggee) {
    this(debuggee, new LocalHost(false));
  }

  /**
   * A session that looks at the processor which stopped the system.
   *
   * @param host what commands may do on the machine that jkd runs on
   */
  public Session(Debuggee debuggee, Host host) {
    this.host = host;
    this.debuggee = debuggee;
    this.names = new SymbolNames(debuggee);
    this.registerMask = RegisterMaskCommand.usual(debuggee.arch());
    this.registers = debuggee.registers();
    this.memory = new MemoryReader(debuggee.target().memory(), debuggee.arch().pointerSize());
    Optional<Processor> current =
        debuggee.target() instanceof KernelTarget kernel
            ? kernel.currentProcessor()
            : Optional.empty();
    this.processor = current.isPresent() ? current.get().number() : 0;
    this.bookmarks = new Bookmarks(this, registers.ip());
    this.userThread =
        debuggee.target() instanceof UserTarget user
            ? user.firstThread().map(MiniThread::index).orElse(0)
            : 0;
  }

  /** The dump and its symbols. */
  public Debuggee debuggee() {
    return debuggee;
  }

  /** What is being debugged. */
  public Target target() {
    return debuggee.target();
  }

  /**
   * The kernel that is being debugged.
   *
   * @throws CommandException if it is something else
   */
  public KernelTarget kernel() {
    return debuggee
        .kernel()
        .orElseThrow(() -> new CommandException("This command needs a kernel dump"));
  }

  /** The names of addresses. */
  public Names names() {
    return names;
  }

  /** Numbers out of the target's virtual memory. */
  public MemoryReader memory() {
    return memory;
  }

  /** The registers that commands look at. */
  public CpuContext registers() {
    return registers;
  }

  /** Looks at other registers from now on. */
  public void setRegisters(CpuContext context) {
    frame = 0;
    registers = context;
    contextIsSet = true;
  }

  /** Looks at the registers of the current processor, or of the thread that was chosen, again. */
  public void resetRegisters() {
    frame = 0;
    registers = processorRegisters();
    contextIsSet = false;
  }

  /** Looks at other registers for a moment, without becoming their context. */
  void setRegistersSilently(CpuContext context) {
    registers = context;
  }

  /** The number of the thread that commands look at in a user-mode dump. */
  public int userThread() {
    return userThread;
  }

  /**
   * Makes another thread of a user-mode dump the current one; the caller has checked the number.
   */
  void selectUserThread(int index) {
    userThread = index;
    resetRegisters();
  }

  private CpuContext processorRegisters() {
    if (target() instanceof UserTarget user) {
      return user.threads().stream()
          .filter(t -> t.index() == userThread)
          .findFirst()
          .flatMap(user::context)
          .orElse(CpuContext.unknown(arch()));
    }
    Optional<KernelTarget> kernel = debuggee.kernel();
    if (kernel.isEmpty() || isCrashing(kernel.get())) {
      return debuggee.registers();
    }
    return processorRecord().flatMap(Processor::context).orElse(CpuContext.unknown(arch()));
  }

  private boolean isCrashing(KernelTarget kernel) {
    Optional<Processor> crashing = kernel.currentProcessor();
    return crashing.isEmpty() || crashing.get().number() == processor;
  }

  /** True if a command has chosen the register context. */
  public boolean contextIsSet() {
    return contextIsSet;
  }

  /** The number of the current processor. */
  public int processor() {
    return processor;
  }

  /** What the dump knows of the current processor. */
  public Optional<Processor> processorRecord() {
    return debuggee.kernel().stream()
        .flatMap(k -> k.processors().stream())
        .filter(p -> p.number() == processor)
        .findFirst();
  }

  /**
   * Makes another processor the current one.
   *
   * @return false if the dump holds no such processor
   */
  public boolean selectProcessor(int number) {
    int before = processor;
    processor = number;
    if (processorRecord().isEmpty()) {
      processor = before;
      return false;
    }
    thread = null;
    resetRegisters();
    return true;
  }

  /** Selects the processor whose number stands before a command's name, as in {@code 2r}. */
  void selectProcessorFor(Arguments arguments) {
    String name = arguments.name();
    int end = 0;
    while (end < name.length() && Character.isDigit(name.charAt(end))) {
      end++;
    }
    int number = end > 4 ? -1 : Integer.parseInt(name.substring(0, end));
    kernel();
    if (!selectProcessor(number)) {
      throw new CommandException(name.substring(0, end) + " is not a valid processor number");
    }
  }

  /** Goes back to a processor and its registers. */
  void restore(int formerProcessor, CpuContext formerRegisters, boolean formerlySet) {
    processor = formerProcessor;
    registers = formerRegisters;
    contextIsSet = formerlySet;
  }

  /** How instructions are shown. */
  public Disassembly disassembly() {
    return disassembly;
  }

  /** Shows instructions in this way from now on. */
  public void setDisassembly(Disassembly how) {
    disassembly = how;
  }

  /** The thread that commands look at: the one that was chosen, else that of the processor. */
  public Optional<KernelThread> thread() {
    if (thread != null) {
      return Optional.of(thread);
    }
    Optional<KernelTarget> kernel = debuggee.kernel();
    if (kernel.isEmpty() || isCrashing(kernel.get())) {
      return kernel.flatMap(KernelTarget::currentThread);
    }
    OptionalLong address =
        processorRecord().map(Processor::currentThread).orElse(OptionalLong.empty());
    return address.isPresent()
        ? Optional.of(kernel.get().thread(address.getAsLong()))
        : Optional.empty();
  }

  /** Chooses a thread, or with null that of the processor. */
  void setThread(@Nullable KernelThread chosen) {
    thread = chosen;
  }

  /** The process that commands look at. */
  public Optional<KernelProcess> process() {
    if (process != null) {
      return Optional.of(process);
    }
    OptionalLong owner = thread().map(KernelThread::process).orElse(OptionalLong.empty());
    return owner.isPresent() ? Optional.of(kernel().process(owner.getAsLong())) : Optional.empty();
  }

  /** Chooses a process and its address space, or with null those of the thread. */
  void setProcess(@Nullable KernelProcess chosen) {
    process = chosen;
    Memory space = chosen == null ? target().memory() : kernel().memory(chosen);
    memory = new MemoryReader(space, arch().pointerSize());
  }

  /** Walks the stack from the given registers. */
  public CallStack walk(CpuContext start, int frames) {
    if (arch() == Arch.ARM64) {
      throw new CommandException("Stacks of ARM64 are not walked");
    }
    StackWalker walker =
        new StackWalker(arch(), memory.memory(), debuggee.code(), debuggee.environment(thread()));
    return walker.walk(start, frames);
  }

  /** Walks the stack of some thread, whichever commands look at. */
  public CallStack walk(KernelThread of, CpuContext start, int frames) {
    if (arch() == Arch.ARM64) {
      throw new CommandException("Stacks of ARM64 are not walked");
    }
    return new StackWalker(
            arch(), memory.memory(), debuggee.code(), debuggee.environment(Optional.of(of)))
        .walk(start, frames);
  }

  /** True if source lines are shown where they are known. */
  public boolean lines() {
    return lines;
  }

  void setLines(boolean on) {
    lines = on;
  }

  /** Folders in which source files are looked for, with semicolons between them. */
  String sourcePath() {
    return sourcePath;
  }

  void setSourcePath(String path) {
    sourcePath = path;
  }

  /** The number of the frame whose variables commands look at; inlined calls count as frames. */
  int frame() {
    return frame;
  }

  void selectFrame(int number) {
    frame = number;
  }

  /** The first frames of the stack from the current registers, at least so many rows of them. */
  Backtrace frames(int count) {
    return Backtrace.of(this, walk(registers, count), BacktraceOptions.NONE, false);
  }

  /** True if the stack can be walked as far as the current frame. */
  boolean hasFrame() {
    return frame < frames(frame + 1).rows().size();
  }

  /** The scope of the current frame. */
  FrameScope frameScope() {
    List<Backtrace.Row> rows = frames(frame + 1).rows();
    if (frame >= rows.size()) {
      throw new CommandException("There is no frame 0x" + Integer.toHexString(frame));
    }
    int first = frame;
    while (first > 0 && rows.get(first - 1).frame() == rows.get(frame).frame()) {
      first--;
    }
    return new FrameScope(this, rows.get(frame).frame(), frame - first);
  }

  /** What pseudo-registers keep. */
  KeptNumbers numbers() {
    return numbers;
  }

  /** Where commands go on that are given without an address. */
  Bookmarks bookmarks() {
    return bookmarks;
  }

  /** What commands may do on the machine that jkd runs on. */
  Host host() {
    return host;
  }

  /** The words that stand for other texts. */
  Aliases aliases() {
    return aliases;
  }

  /** The copy of all answers, if one was asked for. */
  LogFile log() {
    return log;
  }

  /** Who runs the commands of this session. */
  void setInterpreter(Interpreter runner) {
    interpreter = runner;
  }

  /** Runs commands and gives back their text instead of showing it. */
  String capture(String commands) {
    return interpreter == null ? "" : interpreter.capture(commands);
  }

  /** How many frames a back-trace shows unless told otherwise. */
  public int frameCount() {
    return frameCount;
  }

  void setFrameCount(int count) {
    frameCount = count;
  }

  /** True if answers are JSON. */
  public boolean json() {
    return json;
  }

  /** Switches between text and JSON. */
  public void setJson(boolean on) {
    json = on;
  }

  /** What every answer goes through before it is shown, if names are to be taken out. */
  Optional<Redaction> redaction() {
    return Optional.ofNullable(redaction);
  }

  /** Writes a line into the log that is no command's answer. */
  void logLine(String line) {
    log().write(redaction().map(r -> r.apply(line)).orElse(line) + "\n");
  }

  /** A line that is no answer, as it may be shown. */
  public String redacted(String line) {
    return redaction == null ? line : redaction.apply(line);
  }

  /** From now on, answers go through a redaction, and contents of memory are not shown. */
  public void redact(Redaction by) {
    redaction = by;
  }

  /** Which groups of registers {@code r} shows, with the bits of {@code rM}. */
  int registerMask() {
    return registerMask;
  }

  void setRegisterMask(int mask) {
    registerMask = mask;
  }

  /** True if a terminal stops after each screen of an answer. */
  public boolean paging() {
    return paging;
  }

  /** Switches stops after each screen on or off; without a terminal there are none. */
  public void setPaging(boolean on) {
    paging = on;
  }

  void setRadix(int newRadix) {
    radix = newRadix;
  }

  @Override
  public OptionalLong line(String module, String file, int line) {
    return debuggee.symbols().modules().stream()
        .filter(m -> module.isEmpty() || m.name().equalsIgnoreCase(module))
        .flatMap(m ->
            debuggee.symbols().symbols(m).lineStarts(file, line).stream().map(a -> m.base() + a))
        .mapToLong(a -> a)
        .findFirst();
  }

  @Override
  public boolean isCxx() {
    return cxx;
  }

  /** What the names in C++ expressions stand for. */
  CxxNames cxxNames() {
    return cxxNames;
  }

  @Override
  public Optional<CxxType> cxxType(String name) {
    return cxxNames.type(name);
  }

  @Override
  public Optional<CxxValue> cxxName(String name) {
    return cxxNames.value(name);
  }

  void setCxx(boolean on) {
    cxx = on;
  }

  /** The text before the cursor, for instance {@code 3: kd>} with a blank after it. */
  public String prompt() {
    if (target() instanceof UserTarget) {
      return "0:000> ";
    }
    boolean several = target() instanceof KernelTarget k && k.system().processors() > 1;
    return several ? processor + ": kd> " : "kd> ";
  }

  @Override
  public Arch arch() {
    return debuggee.arch();
  }

  @Override
  public boolean kernelMode() {
    return !(target() instanceof UserTarget);
  }

  @Override
  public int radix() {
    return radix;
  }

  @Override
  public OptionalLong register(String name) {
    var part = RegisterNames.find(arch(), name);
    return part.isPresent() ? OptionalLong.of(part.get().of(registers)) : OptionalLong.empty();
  }

  @Override
  public OptionalLong pseudoRegister(String name) {
    OptionalLong kept = numbers.value(name);
    return kept.isPresent() ? kept : new PseudoRegisters(this).value(name);
  }

  /** What clears the terminal; without one nothing does. */
  public void setClear(Runnable how) {
    clear = how;
  }

  void clearScreen() {
    if (clear != null) {
      clear.run();
    }
  }

  @Override
  public OptionalLong symbol(String name) {
    return names.address(name);
  }

  @Override
  public OptionalLong read(long address, int size) {
    return memory.number(address, size);
  }

  @Override
  public OptionalLong readPhysical(long address, int size) {
    return physical()
        .map(m -> new MemoryReader(m, 8).number(address, size))
        .orElse(OptionalLong.empty());
  }

  /**
   * The physical memory.
   *
   * @throws CommandException if the dump holds none
   */
  Memory neededPhysical() {
    return physical().orElseThrow(() -> new CommandException("This dump holds no physical memory"));
  }

  /** The physical memory, if the dump holds it. */
  public Optional<Memory> physical() {
    return debuggee.kernel().flatMap(KernelTarget::physicalMemory).map(PhysicalView::new);
  }
}
