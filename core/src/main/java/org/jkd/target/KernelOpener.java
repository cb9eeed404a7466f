// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.dump.Dump;
import org.jkd.dump.DumpFormat;
import org.jkd.dump.DumpHeader;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;
import org.jkd.image.PhysicalMemory;
import org.jkd.image.Unreadable;

/**
 * Finds the kernel in a dump, step by step; no step is fatal: what fails is noted, and the next one
 * does with less. Page tables, debugger data, offsets of fields, processors, current thread, and
 * with it the address space that is to be read.
 */
final class KernelOpener {
  private final Dump dump;
  private final KernelNames names;
  private final Layouts types;
  private final List<String> notes;
  private final Arch arch;
  private final int variant;

  /** What was found. */
  record Opened(
      KernelCore core,
      Optional<AddressSpaces> spaces,
      List<Processor> processors,
      int current,
      Optional<KernelThread> thread,
      List<String> notes) {}

  KernelOpener(Dump dump, KernelNames names, Layouts types) {
    this(dump, names, types, 0);
  }

  private KernelOpener(Dump dump, KernelNames names, Layouts types, int variant) {
    this.variant = variant;
    this.dump = dump;
    this.names = names;
    this.types = types;
    this.notes = new ArrayList<>(dump.notes());
    this.arch = arch();
  }

  private Arch arch() {
    int machine = dump.header().machine();
    for (Arch arch : Arch.values()) {
      if (arch.machine() == machine && arch.pointerSize() == dump.header().format().pointerSize()) {
        return arch;
      }
    }
    Arch usual = dump.header().format() == DumpFormat.PAGEDUMP ? Arch.X86 : Arch.X64;
    notes.add(
        "machine type 0x" + Integer.toHexString(machine) + " is not known; taken to be " + usual);
    return usual;
  }

  /**
   * Opens the dump. Where several layouts are known for a build number and nothing tells which one
   * holds, the one under which the thread's client id names its own process is taken.
   */
  Opened open() {
    Opened first = attempt();
    int variants = first.core.layout().variants();
    for (int v = 1; v < variants && !isConsistent(first); v++) {
      Opened other = new KernelOpener(dump, names, types, v).attempt();
      if (isConsistent(other)) {
        return other;
      }
    }
    return first;
  }

  private static boolean isConsistent(Opened opened) {
    if (opened.thread.isEmpty() || opened.thread.get().process().isEmpty()) {
      return true;
    }
    long process = opened.thread.get().process().getAsLong();
    OptionalLong id = opened.core.pointer(process, KernelField.PROCESS_ID);
    return opened.thread.get().processId().equals(id);
  }

  private Opened attempt() {
    DumpHeader header = dump.header();
    Optional<AddressSpaces> spaces =
        dump instanceof Dump.PhysicalDump pages && arch != Arch.ARM64
            ? Optional.of(AddressSpaces.choose(header, pages.memory(), notes))
            : Optional.empty();
    KernelCore core = core(firstReader(spaces), Optional.empty());
    Optional<DebuggerData> data = debuggerData(core);
    if (data.isPresent() && spaces.isPresent()) {
      spaces = Optional.of(spaces.get().with(data.get()));
      core = core(reader(spaces.get().memory(header.directoryTableBase().orElse(0))), data);
    } else {
      core = core(core.reader(), data);
    }
    List<Processor> processors = new ProcessorReader(core, names).processors();
    if (dump instanceof Dump.TriageDump triage) {
      core = core.with(reader(withCopies(triage, core, processors)));
      processors = new ProcessorReader(core, names).processors();
    }
    int current = new CrashingProcessor(core, processors).index();
    Optional<KernelThread> thread = thread(core, processors, current);
    if (spaces.isPresent()) {
      core = core.with(reader(spaces.get().memory(roots(core, thread))));
      thread = thread(core, processors, current);
    }
    compareBugCheck(core);
    return new Opened(core, spaces, processors, current, thread, List.copyOf(notes));
  }

  /** Memory as it can be read while nothing of the kernel is known. */
  private MemoryReader firstReader(Optional<AddressSpaces> spaces) {
    if (spaces.isPresent()) {
      return reader(spaces.get().memory(dump.header().directoryTableBase().orElse(0)));
    }
    if (dump instanceof Dump.TriageDump triage) {
      return reader(triage.memory());
    }
    return nothing(
        dump instanceof Dump.HeaderDump
            ? "the dump has only a header"
            : "the page tables of ARM64 are not read");
  }

  /** The kernel's own record of the bug check should be that of the header. */
  private void compareBugCheck(KernelCore core) {
    OptionalLong record = core.debuggerAddress(DebuggerData.BUGCHECK_DATA);
    OptionalLong code = record.isPresent() ? core.reader().pointer(record.getAsLong()) : record;
    BugCheck header = new BugCheck(dump.header().bugCheckCode(), List.of(0L, 0L, 0L, 0L));
    if (code.isPresent()
        && code.getAsLong() != 0
        && (code.getAsLong() & 0xffff_ffffL) != header.plainCode()
        && (code.getAsLong() & 0xffff_ffffL) != header.code()) {
      notes.add(
          String.format(
              "the header has bug check %X, but the kernel recorded %X",
              header.code(), code.getAsLong()));
    }
  }

  private KernelCore core(MemoryReader reader, Optional<DebuggerData> data) {
    KernelLayout layout = new KernelLayout(arch, dump.header().build(), data, types, variant);
    return new KernelCore(dump, arch, reader, data, layout);
  }

  private MemoryReader reader(Memory memory) {
    return new MemoryReader(memory, arch.pointerSize());
  }

  private MemoryReader nothing(String why) {
    return reader(new BlockMemory(List.of(), new Unreadable.Unsupported(why)));
  }

  private Optional<DebuggerData> debuggerData(KernelCore core) {
    OptionalLong told = dump.header().debuggerData();
    OptionalLong address = told.isPresent() ? told : names.address("KdDebuggerDataBlock");
    if (address.isPresent()) {
      Optional<DebuggerData> plain = DebuggerData.read(arch, core.reader(), address.getAsLong());
      if (plain.isPresent()) {
        return plain;
      }
      Optional<DebuggerData> decoded = decoded(core, address.getAsLong());
      if (decoded.isPresent()) {
        notes.add("the debugger data block was encoded and has been decoded");
        return decoded;
      }
    }
    if (dump instanceof Dump.HeaderDump) {
      return Optional.empty();
    }
    Optional<DebuggerData> found = new DebuggerDataFinder(core).find();
    notes.add(
        found.isPresent()
            ? "the debugger data block was not where the header says; it was found elsewhere"
            : "the debugger data block cannot be read: offsets come from tables per build");
    return found;
  }

  private Optional<DebuggerData> decoded(KernelCore core, long address) {
    if (arch == Arch.X86) {
      return Optional.empty();
    }
    DebuggerDataDecoder decoder = new DebuggerDataDecoder(core.reader(), address);
    OptionalLong modules = dump.header().loadedModuleList();
    OptionalLong active = dump.header().activeProcessHead();
    return decoder
        .withSymbols(names)
        .or(() ->
            modules.isPresent() && active.isPresent()
                ? decoder.withKnownFields(modules.getAsLong(), active.getAsLong())
                : Optional.empty());
  }

  /** The dump's copies of the crashing thread, its process and its processor, where they belong. */
  private BlockMemory withCopies(
      Dump.TriageDump triage, KernelCore core, List<Processor> processors) {
    BlockMemory memory = triage.memory();
    Optional<Bytes> prcb = triage.part(triage.triage().prcbOffset());
    OptionalInt threadAt = core.layout().offset(KernelField.PRCB_CURRENT_THREAD);
    if (prcb.isEmpty() || threadAt.isEmpty() || !prcb.get().has(threadAt.getAsInt(), 8)) {
      return memory;
    }
    long thread =
        arch.pointerSize() == 4
            ? prcb.get().u32(threadAt.getAsInt())
            : prcb.get().u64(threadAt.getAsInt());
    List<BlockMemory.Block> copies = new ArrayList<>();
    for (Processor p : processors) {
      if (p.prcb().isPresent() && p.currentThread().equals(OptionalLong.of(thread))) {
        copies.add(BlockMemory.Block.of(p.prcb().getAsLong(), prcb.get()));
      }
    }
    Optional<Bytes> threadCopy = triage.part(triage.triage().threadOffset());
    if (threadCopy.isPresent() && core.isSystemAddress(thread)) {
      copies.add(BlockMemory.Block.of(thread, threadCopy.get()));
      OptionalLong process =
          core.with(reader(memory.with(copies))).pointer(thread, KernelField.APC_PROCESS);
      Optional<Bytes> processCopy = triage.part(triage.triage().processOffset());
      if (process.isPresent()
          && processCopy.isPresent()
          && core.isSystemAddress(process.getAsLong())) {
        copies.add(BlockMemory.Block.of(process.getAsLong(), processCopy.get()));
      }
    }
    return memory.with(copies);
  }

  private static Optional<KernelThread> thread(
      KernelCore core, List<Processor> processors, int current) {
    if (current >= processors.size() || processors.get(current).currentThread().isEmpty()) {
      return Optional.empty();
    }
    long address = processors.get(current).currentThread().getAsLong();
    return Optional.of(new ThreadReader(core).thread(address));
  }

  /** The address spaces to be asked: the thread's process, the header's, the system process's. */
  private List<Long> roots(KernelCore core, Optional<KernelThread> thread) {
    List<Long> roots = new ArrayList<>();
    OptionalLong header = dump.header().directoryTableBase();
    OptionalLong process =
        thread.isPresent() ? thread.get().attachedProcess() : OptionalLong.empty();
    if (process.isEmpty() && thread.isPresent()) {
      process = thread.get().process();
    }
    OptionalLong own =
        process.isPresent()
            ? core.pointer(process.getAsLong(), KernelField.DIRECTORY_TABLE_BASE)
            : process;
    if (own.isPresent() && own.getAsLong() != 0) {
      roots.add(own.getAsLong());
    }
    if (header.isPresent()) {
      roots.add(header.getAsLong());
    }
    OptionalLong head = dump.header().activeProcessHead();
    OptionalInt links = core.layout().offset(KernelField.ACTIVE_LINKS);
    if (head.isPresent() && links.isPresent()) {
      OptionalLong first = core.reader().pointer(head.getAsLong());
      OptionalLong system =
          first.isPresent()
              ? core.pointer(first.getAsLong() - links.getAsInt(), KernelField.DIRECTORY_TABLE_BASE)
              : first;
      if (system.isPresent() && system.getAsLong() != 0) {
        roots.add(system.getAsLong());
      }
    }
    if (roots.isEmpty()) {
      roots.add(0L);
    }
    return roots;
  }

  /** Which physical memory there is, if the dump has such. */
  static Optional<PhysicalMemory> physical(Dump dump) {
    return dump instanceof Dump.PhysicalDump pages ? Optional.of(pages.memory()) : Optional.empty();
  }
}
