// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.ContextRecord;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.TaskState;
import org.jkd.cpu.TrapFrame;
import org.jkd.dump.Dump;
import org.jkd.dump.DumpFile;
import org.jkd.dump.DumpHeader;
import org.jkd.image.BlockMemory;
import org.jkd.image.FormatException;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;
import org.jkd.image.PageTables;
import org.jkd.image.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * A Windows kernel as a dump shows it. Works without symbols; {@link #withSymbols} gives the same
 * target with more of its fields known. Immutable; anything that the dump does not tell is empty,
 * and {@link #notes} says what was odd.
 */
public final class KernelTarget implements Target {
  /** How many threads are asked whose stack an address may be. */
  private static final int MAX_THREADS = 1 << 16;

  private final Dump dump;
  private final KernelCore core;
  private final Optional<AddressSpaces> spaces;
  private final List<Processor> processors;
  private final int current;
  private final Optional<KernelThread> thread;
  private final List<String> notes;
  private final List<LoadedModule> modules;
  private final List<UnloadedModule> unloaded;
  private final ThreadReader threads;

  /** Found when first asked for; finding them twice gives the same. */
  private volatile @Nullable List<StackClass> stacks;

  private KernelTarget(KernelOpener.Opened opened) {
    this.core = opened.core();
    this.dump = core.dump();
    this.spaces = opened.spaces();
    this.processors = opened.processors();
    this.current = opened.current();
    this.thread = opened.thread();
    this.notes = opened.notes();
    ModuleReader reader = new ModuleReader(core);
    this.modules = reader.loaded();
    this.unloaded = reader.unloaded();
    this.threads = new ThreadReader(core);
  }

  /**
   * Opens a dump file.
   *
   * @throws FormatException if the file is no kernel dump
   */
  public static KernelTarget open(Path file) throws IOException {
    return of(DumpFile.open(file));
  }

  /** The kernel in a dump that is open already. */
  public static KernelTarget of(Dump dump) {
    return new KernelTarget(new KernelOpener(dump, KernelNames.NONE, Layouts.NONE).open());
  }

  /** The same kernel, seen with the help of its symbols. */
  public KernelTarget withSymbols(KernelNames names, Layouts types) {
    return new KernelTarget(new KernelOpener(dump, names, types).open());
  }

  /** The dump file. */
  public Dump dump() {
    return dump;
  }

  /** The dump's header. */
  public DumpHeader header() {
    return dump.header();
  }

  /** What is odd about the dump and what could not be found, one line each. */
  public List<String> notes() {
    return notes;
  }

  @Override
  public Arch arch() {
    return core.arch();
  }

  @Override
  public Memory memory() {
    return core.reader().memory();
  }

  /** Numbers from {@link #memory}. */
  public MemoryReader reader() {
    return core.reader();
  }

  @Override
  public List<LoadedModule> modules() {
    return modules;
  }

  @Override
  public List<UnloadedModule> unloadedModules() {
    return unloaded;
  }

  /** The kernel image. */
  public Optional<LoadedModule> kernel() {
    for (LoadedModule m : modules) {
      if (m.name().equals("nt")) {
        return Optional.of(m);
      }
    }
    return Optional.empty();
  }

  /** Why the system stopped. */
  public BugCheck bugCheck() {
    return new BugCheck(header().bugCheckCode(), header().bugCheckParameters());
  }

  /** Version, times and the like. */
  public SystemInfo system() {
    return SystemInfo.read(core);
  }

  /** What the kernel tells debuggers about itself. */
  public Optional<DebuggerData> debuggerData() {
    return core.debuggerData();
  }

  /** The processors that could be found, ascending; in small dumps often only the crashing one. */
  public List<Processor> processors() {
    return processors;
  }

  /** The processor that stopped the system. */
  public Optional<Processor> currentProcessor() {
    return current < processors.size() ? Optional.of(processors.get(current)) : Optional.empty();
  }

  /** The thread that ran on the processor that stopped the system. */
  public Optional<KernelThread> currentThread() {
    return thread;
  }

  /** The thread at an address; fields that cannot be read are empty. */
  public KernelThread thread(long address) {
    return threads.thread(address);
  }

  /** The process at an address; fields that cannot be read are empty. */
  public KernelProcess process(long address) {
    return threads.process(address);
  }

  /** The process that owns the current thread. */
  public Optional<KernelProcess> currentProcess() {
    OptionalLong owner = thread.map(KernelThread::process).orElse(OptionalLong.empty());
    return owner.isPresent() ? Optional.of(process(owner.getAsLong())) : Optional.empty();
  }

  /** The processes of the system's list. */
  public List<KernelProcess> processes() {
    return processList().items();
  }

  /** The processes of the system's list, and what is wrong with the list. */
  public Listed<KernelProcess> processList() {
    return threads.processes();
  }

  /** The threads of a process. */
  public List<KernelThread> threads(KernelProcess process) {
    return threadList(process).items();
  }

  /** The threads of a process, and what is wrong with their list. */
  public Listed<KernelThread> threadList(KernelProcess process) {
    return threads.threads(process.address());
  }

  /** The registers in the dump's header: those of the code that stopped the system. */
  public CpuContext context() {
    return ContextRecord.read(arch(), header().context());
  }

  /**
   * The registers of a thread: of its processor if it runs, else those that the last switch away
   * from it left on its stack. The latter count only when they lead into a module.
   */
  public Optional<CpuContext> context(KernelThread of) {
    for (int i = 0; i < processors.size(); i++) {
      Processor p = processors.get(i);
      if (p.currentThread().equals(OptionalLong.of(of.address()))) {
        return i == current ? Optional.of(context()) : p.context();
      }
    }
    return threads.switchedOut(of).filter(c -> moduleAt(c.ip()).isPresent());
  }

  /** The task state segment behind a selector of the current processor; x86 only. */
  public Optional<TaskState> taskState(int selector) {
    return currentProcessor().flatMap(p -> taskState(p, selector));
  }

  /** The task state segment behind a selector of a processor; x86 only. */
  public Optional<TaskState> taskState(Processor processor, int selector) {
    return new TaskStates(core).bySelector(processor, selector);
  }

  /** What lies at an address, read as a trap frame; nothing says that it is one. */
  public Optional<TrapFrame> trapFrame(long address) {
    return TrapFrame.read(arch(), header().build(), memory(), address);
  }

  /** The stacks of the processors and of the threads that run on them, with the user's half. */
  public List<StackClass> stacks() {
    List<StackClass> known = stacks;
    if (known == null) {
      StackFinder finder = new StackFinder(core);
      List<StackClass> found = new ArrayList<>(finder.stacks(processors));
      thread.flatMap(finder::userStack).ifPresent(found::add);
      known = List.copyOf(found);
      stacks = known;
    }
    return known;
  }

  /** The kernel stack of a thread and the segments chained behind it, innermost first. */
  public List<StackClass> stacks(KernelThread of) {
    return new StackFinder(core).ofThread(of, StackClass.Kind.THREAD, OptionalInt.empty());
  }

  /**
   * The stack that an address belongs to: of {@link #stacks()}, else of any thread that is known.
   */
  public Optional<StackClass> stackAt(long address) {
    for (StackClass stack : stacks()) {
      if (stack.contains(address)) {
        return Optional.of(stack);
      }
    }
    int seen = 0;
    for (KernelProcess process : processes()) {
      for (KernelThread candidate : threads(process)) {
        if (candidate.onStack(address)) {
          return Optional.of(stacks(candidate).getFirst());
        }
        if (++seen > MAX_THREADS) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  /** The ranges of virtual memory that a small dump holds; empty for other dumps. */
  public List<BlockMemory.Block> heldRanges() {
    return memory() instanceof BlockMemory blocks ? blocks.ranges() : List.of();
  }

  /** The physical memory, in dumps that have it. */
  public Optional<PhysicalMemory> physicalMemory() {
    return spaces.map(AddressSpaces::physical);
  }

  /** The page tables of an address space, in dumps of physical memory. */
  public Optional<PageTables> pageTables(long directoryTableBase) {
    return spaces.map(s -> s.tables(directoryTableBase));
  }

  /** The page tables of the current process, or of the header. */
  public Optional<PageTables> pageTables() {
    OptionalLong own =
        currentProcess().map(KernelProcess::directoryTableBase).orElse(OptionalLong.empty());
    OptionalLong base =
        own.isPresent() && own.getAsLong() != 0 ? own : header().directoryTableBase();
    return pageTables(base.orElse(0));
  }

  /** The memory as a process sees it; in small dumps there is but one. */
  public Memory memory(KernelProcess of) {
    OptionalLong base = of.directoryTableBase();
    if (spaces.isEmpty() || base.isEmpty()) {
      return memory();
    }
    return spaces
        .get()
        .memory(List.of(base.getAsLong(), header().directoryTableBase().orElse(base.getAsLong())));
  }
}
