// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jkd.sample.format.DumpHeader;
import org.jkd.sample.format.PageTables;
import org.jkd.sample.format.PhysicalMemory;
import org.jkd.sample.format.TriageWriter;
import org.jkd.sample.format.TypeTable;
import org.jkd.sample.format.VirtualMemory;

/**
 * The machine at the moment of the dump: its modules are loaded, its processors stopped, and the
 * stack of one of its threads is used up.
 */
public final class Machine {
  private static final long GUARD_PAGE = StackBuilder.LIMIT - VirtualMemory.PAGE;

  private final boolean pae;
  private final VirtualMemory kernel = new VirtualMemory();
  private final VirtualMemory user = new VirtualMemory();
  private final Map<String, SampleModule> modules = new LinkedHashMap<>();
  private final KernelData data;
  private final Processes processes;
  private final Processors processors;
  private final StackBuilder.Registers registers;
  private final List<Long> trapFrames;
  private final PhysicalMemory physical;

  /**
   * Builds the machine.
   *
   * @param pae whether the kernel runs with physical address extension
   */
  public Machine(boolean pae) {
    this.pae = pae;
    Routines routines = new Routines();
    List<Routine> all = new ArrayList<>(routines.all());
    all.addAll(Extras.all());
    all.sort(java.util.Comparator.comparingLong(Routine::start));
    Map<Long, RoutineCode> codes = new HashMap<>();
    all.forEach(routine -> codes.put(routine.start(), new RoutineCode(routine)));
    build(all, codes);

    Map<String, SampleModule> byFile = new HashMap<>();
    modules.values().forEach(module -> byFile.put(module.spec().file(), module));
    byFile.put("ntoskrnl.exe", module("nt"));
    modules.values().forEach(module -> module.load(kernel, byFile));
    kernel.u32(0xb9596090L, 0xb8d8c0d0L);
    kernel.u32(0xb7711044L, 0xb7686760L);

    List<Long> returns = new ArrayList<>();
    all.forEach(routine -> routine.sites().forEach(site -> returns.add(site.resume())));
    Residue residue = new Residue(0x7f08, returns, StackBuilder.BASE);
    StackBuilder stack = new StackBuilder(kernel, routines, codes, residue);
    registers = stack.build();
    trapFrames = stack.trapFrames();

    data = new KernelData(kernel, module("nt"));
    processors = new Processors(kernel, data, registers, pae);
    processes = new Processes(kernel, user, data);
    physical = pages();
  }

  private void build(List<Routine> all, Map<Long, RoutineCode> codes) {
    Map<String, List<String>> imports =
        Map.of(
            "Ntfs", List.of("ntoskrnl.exe!CcMapData", "ntoskrnl.exe!IofCompleteRequest"),
            "fltmgr", List.of("ntoskrnl.exe!IofCallDriver", "ntoskrnl.exe!IofCompleteRequest"),
            "BabyHog", List.of("ntoskrnl.exe!IofCallDriver"),
            "BossHog", List.of("ntoskrnl.exe!IofCallDriver"),
            "BossHog01",
                List.of(
                    "ntoskrnl.exe!IofCallDriver",
                    "ntoskrnl.exe!IoCreateFileSpecifyDeviceObjectHint"),
            "MamaHog", List.of("ntoskrnl.exe!ZwClose", "ntoskrnl.exe!_except_handler3"),
            "daddyHog", List.of("ntoskrnl.exe!ExAllocatePoolWithTag"));
    for (ModuleSpec spec : ModuleSpec.all(pae)) {
      SampleModule module = new SampleModule(spec, imports.getOrDefault(spec.name(), List.of()));
      modules.put(spec.name(), module);
      module.write(
          all.stream().filter(routine -> routine.module().equals(spec.name())).toList(), codes);
    }
    SampleModule nt = module("nt");
    new KernelCode(nt).write(nt.address("KeBugCheck2"), nt.address("MmAccessFault"));
    KernelData.reserve(nt);
    nt.export(
        nt.names().keySet().stream()
            .filter(name ->
                name.matches("(Io[A-Z]|Iof|Cc|ObOpen|ObRef|Zw|Nt|Mm[A-Z]|Ke[A-Z]|Ex|Se|Rtl).*"))
            .sorted()
            .toList());
    SampleModule mama = module("MamaHog");
    mama.word(0xb8d9e240L, 0xffff_ffffL);
    mama.word(0xb8d9e248L, 0xb8d9b1c0L);
    mama.assembler(0xb8d9b1c0L).hex("33c0 40 c3");
    mama.assembler(0xb8d9b208L).hex("ff25").address(mama.slot("_except_handler3"));
    module("BabyHog").export(List.of("HogFarm"));
    for (String boss : List.of("BossHog", "BossHog01")) {
      String type = "@DEVICEDISPATCH@@SGJPAU_DEVICE_OBJECT@@PAU_IRP@@@Z";
      module(boss)
          .export(
              List.of(
                  "DispatchPassThrough=?DispatchPassThrough" + type,
                  "LowerDevicePassThrough=?LowerDevicePassThrough" + type));
    }
    modules.values().forEach(SampleModule::finish);
  }

  private PhysicalMemory pages() {
    PhysicalMemory memory = new PhysicalMemory(0x39);
    PageTables tables =
        pae
            ? new PageTables(PageTables.Mode.PAE, memory, 0x100000)
            : new PageTables(PageTables.Mode.X86, memory, 0x2000);
    data.modules(new ArrayList<>(modules.values()));
    data.debuggerData();
    NamedObjects names = new NamedObjects(kernel, data);
    Requests requests = new Requests(kernel, data, names);
    requests.store(new ArrayList<>(modules.values()));
    processes.store(names);
    processes.issued(requests.pending());
    processors.store();
    kernel.discard(GUARD_PAGE, VirtualMemory.PAGE);
    tables.kernel(kernel);
    memory.skipTo(0x800);
    for (Processes.Image process : processes.all()) {
      boolean owner = process.name().equals("StackHog.exe");
      long base = tables.space(owner ? user : new VirtualMemory());
      processes.directoryBase(process, base);
      if (owner) {
        processors.directoryBase(base);
      }
    }
    return memory;
  }

  private SampleModule module(String name) {
    SampleModule module = modules.get(name);
    if (module == null) {
      throw new IllegalArgumentException(name);
    }
    return module;
  }

  /** The modules by name, in load order. */
  Map<String, SampleModule> modules() {
    return modules;
  }

  /** The kernel's memory, for tests. */
  VirtualMemory kernel() {
    return kernel;
  }

  /** The registers when the stack was used up. */
  StackBuilder.Registers registers() {
    return registers;
  }

  /** The trap frames on the stack, from the outermost. */
  List<Long> trapFrames() {
    return trapFrames;
  }

  /** Physical memory with page tables. */
  public PhysicalMemory physical() {
    return physical;
  }

  /** Writes a small dump of 64 KB. */
  public void small(Path file) throws IOException {
    SampleModule nt = module("nt");
    int cpu = Processors.CRASHED;
    List<TriageWriter.Driver> drivers = new ArrayList<>();
    for (SampleModule module : modules.values()) {
      ModuleSpec spec = module.spec();
      drivers.add(
          new TriageWriter.Driver(
              spec.file(),
              spec.base(),
              spec.base() + module.image().entry(),
              module.image().sizeOfImage(),
              module.image().checkSum(),
              spec.timestamp()));
    }
    new TriageWriter(header(), kernel, 0x200)
        .processor(Processors.pcr(cpu) + 0x120, 0xec0)
        .process(processes.all().getLast().address(), 0x278)
        .thread(Processors.THREAD, 0x250)
        .stack(StackBuilder.LIMIT, StackBuilder.BASE)
        .debuggerData(nt.address("KdDebuggerDataBlock"), 0x318)
        .unloaded(data.unloaded())
        .drivers(drivers)
        .block(Processors.pcr(cpu), 0x120)
        .block(Processors.gdt(cpu), 0x60)
        .block(Processors.idt(cpu), 0x100)
        .block(Processors.tss(cpu), 0x68)
        .block(processors.doubleFaultTss(cpu), 0x68)
        .block(Processors.doubleFaultStack(cpu) - 0x80, 0x80)
        .block(nt.address("KiBugCheckData"), 0x14)
        .block(nt.address("KiProcessorBlock"), 0x80)
        .block(nt.address("NtBuildLab"), 0x60)
        .block(nt.address("CmNtCSDVersion"), 4)
        .write(file, 0x10000);
  }

  /** Takes the files of a machine. */
  public interface FileSink {
    /** A file whose place in a store is name, key, name; an image, or else a symbol file. */
    void accept(boolean image, String name, String key, byte[] content) throws IOException;
  }

  /** Hands out the image files of all modules and the symbol files of those that have them. */
  public void files(FileSink sink) throws IOException {
    for (SampleModule module : modules.values()) {
      sink.accept(true, module.spec().file(), module.imageKey(), module.image().file());
      if (module.spec().symbols()) {
        TypeTable types = module.spec().name().equals("nt") ? KernelTypes.table() : new TypeTable();
        sink.accept(false, module.pdbName(), module.pdbKey(), module.pdb(types));
      }
    }
  }

  /** A header for a dump of this machine, without the fields that say how it is stored. */
  public DumpHeader header() {
    SampleModule nt = module("nt");
    return new DumpHeader(false)
        .build(0xf, 3790)
        .directoryBase(processors.directoryBase())
        .pfnDatabase(nt.address("MmPfnDatabase"))
        .loadedModules(nt.address("PsLoadedModuleList"))
        .activeProcesses(nt.address("PsActiveProcessHead"))
        .machine(0x14c, Processors.COUNT)
        .bugCheck(0x7f, 8, Processors.tss(Processors.CRASHED), 0, 0)
        .pae(pae)
        .debuggerData(nt.address("KdDebuggerDataBlock"))
        .context(processors.context(Processors.CRASHED))
        .exception(0x80000003L, 0, KernelCode.DOUBLE_FAULT)
        .product(3, 0x112)
        .times(0x1c8_2ae5_5c3a_1f00L, 0x1a3_5e21_9d40L);
  }
}
