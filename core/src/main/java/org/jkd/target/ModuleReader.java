// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.dump.Dump;
import org.jkd.dump.TriageDriver;
import org.jkd.image.FormatException;
import org.jkd.pe.PeImage;

/** Reads the lists of loaded and unloaded modules; dump-formats.md, 1.6, 4.4 and 6. */
final class ModuleReader {
  private static final long MAX_IMAGE_SIZE = 512L << 20;
  private static final int UNLOADED_ENTRIES = 50;

  private final KernelCore core;
  private final boolean wide;

  ModuleReader(KernelCore core) {
    this.core = core;
    this.wide = core.arch() != Arch.X86;
  }

  List<LoadedModule> loaded() {
    List<LoadedModule> raw =
        core.dump() instanceof Dump.TriageDump triage ? fromTriage(triage) : fromList();
    return ModuleNames.assign(raw, core.kernelBase());
  }

  private static List<LoadedModule> fromTriage(Dump.TriageDump triage) {
    List<LoadedModule> modules = new ArrayList<>();
    for (TriageDriver driver : triage.drivers()) {
      modules.add(
          new LoadedModule(
              "",
              ModuleNames.fileName(driver.path()),
              driver.path(),
              driver.base(),
              driver.size(),
              driver.timestamp(),
              driver.checksum()));
    }
    return modules;
  }

  private List<LoadedModule> fromList() {
    OptionalLong head = core.header().loadedModuleList();
    List<LoadedModule> modules = head.isPresent() ? fromList(head.getAsLong()) : List.of();
    if (modules.isEmpty() && core.debuggerData().isPresent()) {
      OptionalLong other = core.debuggerData().get().loadedModuleList();
      if (other.isPresent() && !other.equals(head)) {
        modules = fromList(other.getAsLong());
      }
    }
    return modules.isEmpty() ? kernelAlone() : modules;
  }

  /** Without any list there still is the kernel, whose headers tell the rest. */
  private List<LoadedModule> kernelAlone() {
    OptionalLong base = core.kernelBase();
    if (base.isEmpty()) {
      return List.of();
    }
    try {
      PeImage image = PeImage.inMemory("nt", core.reader().memory(), base.getAsLong());
      return List.of(
          new LoadedModule(
              "",
              "ntoskrnl.exe",
              "ntoskrnl.exe",
              base.getAsLong(),
              image.sizeOfImage(),
              image.timestamp(),
              image.checksum()));
    } catch (FormatException e) {
      // The headers are not resident, which is common: then there is nothing to show.
      return List.of();
    }
  }

  private List<LoadedModule> fromList(long head) {
    List<LoadedModule> modules = new ArrayList<>();
    for (long entry : core.list(head)) {
      Optional<LoadedModule> module = module(entry);
      if (module.isPresent()) {
        modules.add(module.get());
      }
    }
    return modules;
  }

  private Optional<LoadedModule> module(long entry) {
    OptionalLong base = core.reader().pointer(entry + (wide ? 0x30 : 0x18));
    OptionalLong size = core.reader().u32(entry + (wide ? 0x40 : 0x20));
    if (base.isEmpty()
        || size.isEmpty()
        || (base.getAsLong() & 0xfff) != 0
        || base.getAsLong() == 0
        || size.getAsLong() == 0
        || size.getAsLong() > MAX_IMAGE_SIZE) {
      return Optional.empty();
    }
    String path = core.unicode(entry + (wide ? 0x48 : 0x24));
    // The list calls every kernel ntoskrnl.exe; only the path tells that it is, say, ntkrnlpa.exe.
    String name = core.unicode(entry + (wide ? 0x58 : 0x2c));
    return Optional.of(
        new LoadedModule(
            "",
            path.isEmpty() ? name : ModuleNames.fileName(path),
            path.isEmpty() ? name : path,
            base.getAsLong(),
            size.getAsLong(),
            core.reader().u32(entry + (wide ? 0x80 : 0x44)).orElse(0),
            core.reader().u32(entry + (wide ? 0x78 : 0x40)).orElse(0)));
  }

  /** Latest first. */
  List<UnloadedModule> unloaded() {
    if (core.dump() instanceof Dump.TriageDump triage) {
      List<UnloadedModule> modules = new ArrayList<>();
      triage
          .unloadedDrivers()
          .forEach(d -> modules.add(new UnloadedModule(d.name(), d.start(), d.end(), 0)));
      return List.copyOf(modules);
    }
    OptionalLong variable = core.debuggerAddress(DebuggerData.UNLOADED_DRIVERS);
    OptionalLong array =
        variable.isPresent() ? core.reader().pointer(variable.getAsLong()) : variable;
    if (array.isEmpty() || array.getAsLong() == 0) {
      return List.of();
    }
    OptionalLong last = core.debuggerAddress(DebuggerData.LAST_UNLOADED_DRIVER);
    long next = last.isPresent() ? core.reader().u32(last.getAsLong()).orElse(0) : 0;
    List<UnloadedModule> modules = new ArrayList<>();
    for (int i = 1; i <= UNLOADED_ENTRIES; i++) {
      int index = Math.floorMod(next - i, UNLOADED_ENTRIES);
      Optional<UnloadedModule> module =
          unloaded(array.getAsLong() + (long) index * (wide ? 0x28 : 0x18));
      if (module.isPresent()) {
        modules.add(module.get());
      }
    }
    return List.copyOf(modules);
  }

  private Optional<UnloadedModule> unloaded(long entry) {
    String name = core.unicode(entry);
    OptionalLong start = core.reader().pointer(entry + (wide ? 0x10 : 8));
    OptionalLong end = core.reader().pointer(entry + (wide ? 0x18 : 0xc));
    if (name.isEmpty() || start.isEmpty() || end.isEmpty() || start.getAsLong() == 0) {
      return Optional.empty();
    }
    long time = core.reader().u64(entry + (wide ? 0x20 : 0x10)).orElse(0);
    return Optional.of(new UnloadedModule(name, start.getAsLong(), end.getAsLong(), time));
  }
}
