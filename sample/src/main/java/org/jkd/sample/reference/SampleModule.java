// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jkd.sample.code.Assembler;
import org.jkd.sample.format.PdbWriter;
import org.jkd.sample.format.PeTables;
import org.jkd.sample.format.PeWriter;
import org.jkd.sample.format.TypeTable;
import org.jkd.sample.format.VersionInfo;
import org.jkd.sample.format.VirtualMemory;

/** A module of the machine: its image, its symbols and its place in memory. */
final class SampleModule {
  private static final int INT3 = 0xcc;

  private final ModuleSpec spec;
  private final PeWriter image;
  private final Map<String, PeWriter.Section> sections = new LinkedHashMap<>();
  private final PeTables.Imports imports;
  private final Map<String, Long> names = new LinkedHashMap<>();
  private final Map<String, String> decorated = new HashMap<>();
  private final TreeMap<Long, List<Routine.Block>> code = new TreeMap<>();
  private final List<PdbWriter.Fpo> fpo = new ArrayList<>();
  private final List<String> exported = new ArrayList<>();
  private final byte[] guid;
  private long dataEnd;

  SampleModule(ModuleSpec spec, List<String> imported) {
    this.spec = spec;
    image = new PeWriter(false, spec.preferredBase(), spec.base(), spec.timestamp());
    for (ModuleSpec.Area area : spec.sections()) {
      if (area.name().equals(".rsrc") || area.name().equals(".reloc")) {
        continue;
      }
      int size = area.end() - area.start();
      PeWriter.Section section = image.section(area.name(), area.start(), size, flags(area.name()));
      if (isCode(area.name())) {
        section.content().fill(0, size, INT3);
      }
      sections.put(area.name(), section);
    }
    imports = new PeTables.Imports(section(".rdata").rva(), false, imported);
    PeTables.Import last = imported.isEmpty() ? null : imports.all().getLast();
    section(".rdata").content().grow(last == null ? 4 : last.slotRva() + 8 - imports.rva());
    guid = new byte[16];
    for (int i = 0; i < 16; i++) {
      guid[i] = (byte) (spec.file().hashCode() * (2 * i + 3) + spec.timestamp() * (i + 1) >>> 5);
    }
    dataEnd = spec.base() + section(".data").rva() + 0x100;
  }

  ModuleSpec spec() {
    return spec;
  }

  PeWriter image() {
    return image;
  }

  /** An assembler for the section that holds an address. */
  Assembler assembler(long address) {
    int rva = (int) (address - spec.base());
    PeWriter.Section section =
        sections.values().stream()
            .filter(one -> rva >= one.rva() && rva < one.rva() + one.minimumSize())
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(Long.toHexString(address)));
    return new Assembler(image, section, spec.base(), address);
  }

  /** Writes all functions that belong to this module. */
  void write(Collection<Routine> routines, Map<Long, RoutineCode> codes) {
    TreeMap<Long, Long> starts = new TreeMap<>();
    for (Routine routine : routines) {
      routine.blocks().forEach(block -> starts.put(block.start(), block.end()));
    }
    for (Routine routine : routines) {
      long lastBlock = routine.blocks().getLast().start();
      Long next = starts.higherKey(lastBlock);
      RoutineCode writer = codes.get(routine.start());
      if (writer == null) {
        throw new IllegalStateException("not planned: " + routine.name());
      }
      writer.write(
          assembler(routine.start()), next == null ? lastBlock + 0x4000 : next, this::slot);
      code.put(routine.start(), writer.written());
      if (!routine.name().isEmpty()) {
        name(routine.name(), routine.decorated(), routine.start());
      }
    }
  }

  /** Gives an address a name, and the name as the linker knows it. */
  void name(String name, String linkerName, long address) {
    names.put(name, address);
    decorated.put(name, linkerName);
  }

  /** Tells that hand-written code lies in a range. */
  void code(long start, long end) {
    code.put(start, List.of(new Routine.Block(start, end)));
  }

  /** Adds a frame record for hand-written code. */
  void fpo(long start, long end, int parameters, int frame) {
    fpo.add(
        new PdbWriter.Fpo(
            (int) (start - spec.base()), (int) (end - start), 0, parameters, 0, 0, false, frame));
  }

  /** Stores a dword of the image; an address inside it is relocated. */
  void word(long address, long value) {
    Assembler at = assembler(address);
    boolean inside = value >= spec.base() && value < spec.base() + spec.sections().getLast().end();
    Assembler done = inside ? at.address(value) : at.imm32(value);
    if (done.at() != address + 4) {
      throw new IllegalStateException();
    }
  }

  /** Reserves a named variable in the data section. */
  long data(String name, int size) {
    dataEnd = (dataEnd + 15) / 16 * 16;
    long address = dataEnd;
    dataEnd += size;
    names.put(name, address);
    decorated.put(name, "_" + name);
    return address;
  }

  /** The address of a name. */
  long address(String name) {
    Long address = names.get(name);
    if (address == null) {
      throw new IllegalArgumentException(spec.name() + "!" + name);
    }
    return address;
  }

  /** Where the import of a function lies. */
  long slot(String function) {
    return spec.base() + imports.slot(function);
  }

  /** The functions and variables by name. */
  Map<String, Long> names() {
    return names;
  }

  /** Exports names: each under its own name or, after {@code =}, another. */
  void export(List<String> list) {
    exported.addAll(list);
  }

  /** Completes the image: tables, version, relocations. */
  void finish() {
    long entry = spec.base() + start("INIT") + 0x30;
    assembler(entry).hex("55 8bec 33c0 5d c20800");
    image.entry((int) (entry - spec.base()));
    String entryName = spec.name().equals("nt") ? "KiSystemStartup" : "DriverEntry";
    name(entryName, "_" + entryName + "@8", entry);
    code(entry, entry + 9);
    PeWriter.Section rdata = section(".rdata");
    if (!imports.all().isEmpty()) {
      image.imports(rdata, imports);
    }
    if (!exported.isEmpty()) {
      List<PeTables.Export> exports = new ArrayList<>();
      for (int i = 0; i < exported.size(); i++) {
        String[] parts = exported.get(i).split("=");
        int rva = (int) (address(parts[0]) - spec.base());
        exports.add(new PeTables.Export(parts[parts.length - 1], i + 1, rva));
      }
      image.exports(rdata, spec.file(), exports);
    }
    image.debug(rdata, guid, 1, spec.symbols() ? pdbName() : spec.file().replace(".sys", ".pdb"));
    String company = spec.product() ? "Hogwash Systems" : "Microsoft Corporation";
    String product = spec.product() ? "StackHog" : "Microsoft\u00ae Windows\u00ae Operating System";
    VersionInfo version =
        VersionInfo.of(
            company,
            product,
            spec.description(),
            spec.file(),
            spec.product() ? 3 : 2,
            spec.version());
    image.version(start(".rsrc"), version);
    image.relocations(start(".reloc"));
  }

  /** Maps the image: sections at their places, imports bound; paged and discarded pages missing. */
  void load(VirtualMemory memory, Map<String, SampleModule> others) {
    byte[] mapped = image.mapped();
    memory.raw(spec.base(), mapped);
    for (PeTables.Import one : imports.all()) {
      SampleModule exporter = others.get(one.dll());
      if (exporter == null) {
        throw new IllegalStateException("no module " + one.dll());
      }
      memory.u32(spec.base() + one.slotRva(), exporter.address(one.function()));
    }
    for (ModuleSpec.Area area : spec.sections()) {
      boolean discarded = area.name().equals("INIT") || area.name().equals(".reloc");
      for (int rva = area.start(); rva < area.end(); rva += VirtualMemory.PAGE) {
        if (discarded
            || rva >= mapped.length
            || area.name().equals("PAGE") && unused(mapped, rva)) {
          memory.discard(spec.base() + rva, VirtualMemory.PAGE);
        }
      }
    }
  }

  /** The PDB's file name. */
  String pdbName() {
    return spec.file().replaceAll("\\.[a-z]+$", ".pdb");
  }

  /** The PDB's folder in a symbol store. */
  String pdbKey() {
    int[] order = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    StringBuilder key = new StringBuilder();
    for (int i : order) {
      key.append(String.format(Locale.ROOT, "%02X", guid[i]));
    }
    return key.append('1').toString();
  }

  /** The image's folder in an image store. */
  String imageKey() {
    return String.format(Locale.ROOT, "%08X%x", spec.timestamp(), image.sizeOfImage());
  }

  /** The PDB: public symbols, frame records and, for the kernel, types. */
  byte[] pdb(TypeTable types) {
    PdbWriter pdb = new PdbWriter(guid, 1, spec.timestamp(), false, image.sectionHeaders());
    pdb.types(types);
    boolean rearranged = code.values().stream().anyMatch(blocks -> blocks.size() > 1);
    Map<Long, Integer> source = rearranged ? rearrange(pdb) : Map.of();
    names.forEach((name, address) -> {
      int rva = source.getOrDefault(address, (int) (address - spec.base()));
      int segment = 0;
      List<PeWriter.Section> all = image.sections();
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).rva() <= rva) {
          segment = i + 1;
        }
      }
      int offset = rva - all.get(segment - 1).rva();
      String linkerName = decorated.getOrDefault(name, name);
      pdb.add(new PdbWriter.Public(linkerName, segment, offset, code.containsKey(address)));
    });
    fpo.forEach(pdb::add);
    return pdb.file();
  }

  /** Lays the functions out as they were before the image was optimised, one after the other. */
  private Map<Long, Integer> rearrange(PdbWriter pdb) {
    Map<Long, Integer> source = new HashMap<>();
    List<PdbWriter.Omap> toSource = new ArrayList<>();
    List<PdbWriter.Omap> fromSource = new ArrayList<>();
    for (PeWriter.Section section : image.sections()) {
      int cursor = section.rva();
      if (!isCode(section.name())) {
        toSource.add(new PdbWriter.Omap(cursor, cursor));
        fromSource.add(new PdbWriter.Omap(cursor, cursor));
        continue;
      }
      long end = spec.base() + section.rva() + section.minimumSize();
      toSource.add(new PdbWriter.Omap(cursor, 0));
      for (Map.Entry<Long, List<Routine.Block>> entry :
          code.subMap(spec.base() + section.rva(), end).entrySet()) {
        source.put(entry.getKey(), cursor);
        int extent = 0;
        for (Routine.Block block : entry.getValue()) {
          int from = cursor + (int) (block.start() - entry.getKey());
          int rva = (int) (block.start() - spec.base());
          int length = (int) (block.end() - block.start());
          toSource.add(new PdbWriter.Omap(rva, from));
          toSource.add(new PdbWriter.Omap(rva + length, 0));
          fromSource.add(new PdbWriter.Omap(from, rva));
          fromSource.add(new PdbWriter.Omap(from + length, 0));
          extent = Math.max(extent, from + length - cursor);
        }
        cursor += (extent + 16) / 16 * 16;
      }
      if (cursor > section.rva() + section.minimumSize()) {
        throw new IllegalStateException(spec.name() + ": the source layout needs more room");
      }
    }
    pdb.rearranged(image.sectionHeaders(), distinct(toSource), distinct(fromSource));
    return source;
  }

  /** Where a block ends and another starts at the same place, the start counts. */
  private static List<PdbWriter.Omap> distinct(List<PdbWriter.Omap> map) {
    TreeMap<Integer, Integer> byFrom = new TreeMap<>();
    for (PdbWriter.Omap one : map) {
      byFrom.merge(one.from(), one.to(), (first, second) -> first == 0 ? second : first);
    }
    List<PdbWriter.Omap> list = new ArrayList<>();
    byFrom.forEach((from, to) -> list.add(new PdbWriter.Omap(from, to)));
    return list;
  }

  private PeWriter.Section section(String name) {
    PeWriter.Section section = sections.get(name);
    if (section == null) {
      throw new IllegalArgumentException(spec.name() + " has no " + name);
    }
    return section;
  }

  private int start(String section) {
    return spec.area(section).orElseThrow().start();
  }

  private static boolean isCode(String name) {
    return name.equals(".text") || name.equals("PAGE") || name.equals("INIT");
  }

  private static int flags(String name) {
    return switch (name) {
      case ".text", "PAGE" -> PeWriter.CODE;
      case "INIT" -> PeWriter.INIT_CODE;
      case ".data" -> PeWriter.DATA;
      default -> PeWriter.READ_ONLY;
    };
  }

  private static boolean unused(byte[] mapped, int rva) {
    byte[] page = Arrays.copyOfRange(mapped, rva, rva + VirtualMemory.PAGE);
    for (byte one : page) {
      if (one != (byte) INT3) {
        return false;
      }
    }
    return true;
  }
}
