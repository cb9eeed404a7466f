// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Writes a program database: publics, procedures, types, unwind records and address maps. */
public final class PdbWriter {
  /** A public symbol; the name is the decorated one. */
  public record Public(String name, int segment, int offset, boolean function) {}

  /** A procedure of a private PDB. */
  public record Procedure(
      String name, int segment, int offset, int length, int prologEnd, int epilogStart) {}

  /**
   * A frame record of the older kind.
   *
   * @param start RVA
   * @param locals in dwords
   * @param parameters in dwords
   * @param prolog in bytes
   * @param registers saved registers, 0 to 7
   * @param frame 0 no frame pointer, 1 trap frame, 2 task, 3 frame pointer
   */
  public record Fpo(
      int start,
      int size,
      int locals,
      int parameters,
      int prolog,
      int registers,
      boolean usesEbp,
      int frame) {}

  /** A frame record of the newer kind, sizes in bytes; the program is stored in {@code /names}. */
  public record FrameData(
      int start,
      int size,
      int locals,
      int parameters,
      int stackMax,
      String program,
      int prolog,
      int savedRegisters,
      int flags) {}

  /** A jump of the linker to a function, for incremental linking. */
  public record Trampoline(
      int segment, int offset, int size, int targetSegment, int targetOffset) {}

  /** An entry of an address map: from {@code from} on, addresses continue at {@code to}. */
  public record Omap(int from, int to) {}

  private static final int INFO = 1;
  private static final int TPI = 2;
  private static final int DBI = 3;
  private static final int IPI = 4;
  private static final int NAMES = 5;

  private final byte[] guid;
  private final int age;
  private final int signature;
  private final boolean wide;
  private final byte[] sectionHeaders;
  private final List<Public> publics = new ArrayList<>();
  private final List<Procedure> procedures = new ArrayList<>();
  private final List<Trampoline> trampolines = new ArrayList<>();
  private final List<Fpo> fpo = new ArrayList<>();
  private final List<FrameData> frameData = new ArrayList<>();
  private List<Omap> toSource = List.of();
  private List<Omap> fromSource = List.of();
  private byte[] originalHeaders = {};
  private TypeTable types = new TypeTable();

  /**
   * An empty PDB.
   *
   * @param guid 16 bytes as they are stored
   * @param sectionHeaders of the image
   */
  public PdbWriter(byte[] guid, int age, int signature, boolean wide, byte[] sectionHeaders) {
    this.guid = guid.clone();
    this.age = age;
    this.signature = signature;
    this.wide = wide;
    this.sectionHeaders = sectionHeaders.clone();
  }

  /** Adds a public symbol. */
  public PdbWriter add(Public symbol) {
    publics.add(symbol);
    return this;
  }

  /** Adds a procedure. */
  public PdbWriter add(Procedure procedure) {
    procedures.add(procedure);
    return this;
  }

  /** Adds a jump. */
  public PdbWriter add(Trampoline jump) {
    trampolines.add(jump);
    return this;
  }

  /** Adds a frame record. */
  public PdbWriter add(Fpo record) {
    fpo.add(record);
    return this;
  }

  /** Adds a frame record. */
  public PdbWriter add(FrameData record) {
    frameData.add(record);
    return this;
  }

  /**
   * Says that the image was rearranged after linking: symbols and frame records count in the source
   * layout.
   */
  public PdbWriter rearranged(byte[] sourceHeaders, List<Omap> toSrc, List<Omap> fromSrc) {
    originalHeaders = sourceHeaders.clone();
    toSource = toSrc;
    fromSource = fromSrc;
    return this;
  }

  /** The types. */
  public PdbWriter types(TypeTable table) {
    types = table;
    return this;
  }

  /** The file. */
  public byte[] file() {
    MsfWriter msf = new MsfWriter();
    for (int i = 0; i <= NAMES; i++) {
      msf.add(new byte[0]);
    }
    List<Integer> programOffsets = new ArrayList<>();
    List<String> programs = frameData.stream().map(FrameData::program).distinct().toList();
    msf.set(NAMES, PdbHash.strings(programs, programOffsets).bytes());
    msf.set(INFO, info());
    msf.set(TPI, types.stream(msf.add(types.hashes())));
    msf.set(IPI, new TypeTable().stream(0xffff));

    Blob records = new Blob();
    List<PdbHash.Entry> globals = new ArrayList<>();
    Blob module = moduleSymbols(records, globals);
    int globalStream = msf.add(PdbHash.symbols(globals).bytes());
    int publicStream = msf.add(publics(records));
    int recordStream = msf.add(records.bytes());
    int moduleStream =
        procedures.isEmpty() ? 0xffff : msf.add(new Blob().add(module).add32(0).bytes());

    Blob optional = new Blob();
    optional.add16(fpo.isEmpty() ? 0xffff : msf.add(fpo())).add16(0xffff).add16(0xffff);
    optional.add16(toSource.isEmpty() ? 0xffff : msf.add(omap(toSource)));
    optional.add16(toSource.isEmpty() ? 0xffff : msf.add(omap(fromSource)));
    optional.add16(msf.add(sectionHeaders)).add16(0xffff).add16(0xffff).add16(0xffff);
    optional.add16(frameData.isEmpty() ? 0xffff : msf.add(frames(programs, programOffsets)));
    optional.add16(toSource.isEmpty() ? 0xffff : msf.add(originalHeaders));
    Blob linker = linkerSymbols();
    int linkerStream =
        trampolines.isEmpty() ? 0xffff : msf.add(new Blob().add(linker).add32(0).bytes());
    int[] streams = {globalStream, publicStream, recordStream, moduleStream, linkerStream};
    int[] sizes = {procedures.isEmpty() ? 0 : module.size(), linker.size()};
    msf.set(DBI, dbi(streams, sizes, optional));
    return msf.file();
  }

  private byte[] info() {
    Blob blob = new Blob();
    blob.add32(20000404).add32(signature).add32(age).add(guid);
    blob.add32(7).addZ("/names");
    blob.add32(1).add32(1).add32(1).add32(1).add32(0).add32(0).add32(NAMES);
    return blob.add32(20091201).bytes();
  }

  private Blob moduleSymbols(Blob records, List<PdbHash.Entry> globals) {
    Blob blob = new Blob();
    blob.add32(4);
    for (Procedure one : procedures) {
      int at = blob.size();
      blob.add16(0).add16(0x1110).add32(0).add32(0).add32(0).add32(one.length());
      blob.add32(one.prologEnd()).add32(one.epilogStart()).add32(0);
      blob.add32(one.offset()).add16(one.segment()).add8(0).addZ(one.name()).align(4);
      blob.u16(at, blob.size() - at - 2);
      blob.u32(at + 8, blob.size()).add16(2).add16(6);
      globals.add(new PdbHash.Entry(one.name(), records.size()));
      int reference = records.size();
      records.add16(0).add16(0x1125).add32(0).add32(at).add16(1).addZ(one.name()).align(4);
      records.u16(reference, records.size() - reference - 2);
    }
    return blob;
  }

  private Blob linkerSymbols() {
    Blob blob = new Blob();
    blob.add32(4);
    for (Trampoline one : trampolines) {
      blob.add16(18).add16(0x112c).add16(0).add16(one.size()).add32(one.offset());
      blob.add32(one.targetOffset()).add16(one.segment()).add16(one.targetSegment());
    }
    return blob;
  }

  private byte[] publics(Blob records) {
    record Placed(Public symbol, int offset) {}
    List<PdbHash.Entry> entries = new ArrayList<>();
    List<Placed> placed = new ArrayList<>();
    for (Public one : publics) {
      int at = records.size();
      records.add16(0).add16(0x110e).add32(one.function() ? 2 : 0).add32(one.offset());
      records.add16(one.segment()).addZ(one.name()).align(4);
      records.u16(at, records.size() - at - 2);
      entries.add(new PdbHash.Entry(one.name(), at));
      placed.add(new Placed(one, at));
    }
    placed.sort(
        Comparator.comparingInt((Placed one) -> one.symbol().segment())
            .thenComparingInt(one -> one.symbol().offset()));
    Blob hash = PdbHash.symbols(entries);
    Blob blob = new Blob();
    blob.add32(hash.size()).add32(4L * placed.size()).grow(28).add(hash);
    placed.forEach(one -> blob.add32(one.offset()));
    return blob.bytes();
  }

  private byte[] fpo() {
    Blob blob = new Blob();
    List<Fpo> sorted = new ArrayList<>(fpo);
    sorted.sort(Comparator.comparingInt(Fpo::start));
    for (Fpo one : sorted) {
      blob.add32(one.start()).add32(one.size()).add32(one.locals()).add16(one.parameters());
      int bits = one.prolog() | one.registers() << 8 | one.frame() << 14;
      blob.add16(bits | (one.usesEbp() ? 0x1000 : 0));
    }
    return blob.bytes();
  }

  private byte[] frames(List<String> programs, List<Integer> offsets) {
    Blob blob = new Blob();
    List<FrameData> sorted = new ArrayList<>(frameData);
    sorted.sort(Comparator.comparingInt(FrameData::start));
    for (FrameData one : sorted) {
      blob.add32(one.start()).add32(one.size()).add32(one.locals()).add32(one.parameters());
      blob.add32(one.stackMax()).add32(offsets.get(programs.indexOf(one.program())));
      blob.add16(one.prolog()).add16(one.savedRegisters()).add32(one.flags());
    }
    return blob.bytes();
  }

  private static byte[] omap(List<Omap> map) {
    Blob blob = new Blob();
    List<Omap> sorted = new ArrayList<>(map);
    sorted.sort(Comparator.comparingInt(Omap::from));
    sorted.forEach(one -> blob.add32(one.from()).add32(one.to()));
    return blob.bytes();
  }

  private byte[] dbi(int[] streams, int[] symbolBytes, Blob optional) {
    byte[] headers = toSource.isEmpty() ? sectionHeaders : originalHeaders;
    int sections = headers.length / 40;
    Blob modules = new Blob();
    modules.grow(64);
    contribution(modules, 4, headers, 0);
    modules.u16(0x20, 0).u16(0x22, streams[3]).u32(0x24, symbolBytes[0]);
    modules.addZ("reference.obj").addZ("reference.obj").align(4);
    if (!trampolines.isEmpty()) {
      int at = modules.size();
      modules.grow(at + 64).u16(at + 4, 0xffff).u16(at + 0x14, 0xffff);
      modules.u16(at + 0x22, streams[4]).u32(at + 0x24, symbolBytes[1]);
      modules.addZ("* Linker *").addZ("").align(4);
    }

    Blob contributions = new Blob();
    contributions.add32(0xeffe0000L + 19970605);
    for (int i = 0; i < sections; i++) {
      int at = contributions.size();
      contributions.grow(at + 28);
      contribution(contributions, at, headers, i);
    }
    Blob map = new Blob();
    map.add16(sections + 1).add16(sections + 1);
    for (int i = 0; i <= sections; i++) {
      boolean absolute = i == sections;
      map.add16(absolute ? 0x208 : 0x10d).add16(0).add16(0).add16(i + 1);
      map.add16(0xffff).add16(0xffff).add32(0);
      map.add32(absolute ? 0xffff_ffffL : u32(headers, 40 * i + 8));
    }
    Blob files = new Blob();
    int compilands = trampolines.isEmpty() ? 1 : 2;
    files.add16(compilands).add16(0);
    for (int i = 0; i < 2 * compilands; i++) {
      files.add16(0);
    }
    files.align(4);
    Blob edits = PdbHash.strings(List.of(), new ArrayList<>());
    edits.align(4);

    Blob blob = new Blob();
    blob.add32(-1).add32(19990903).add32(age).add16(streams[0]).add16(0x8700);
    blob.add16(streams[1]).add16(0).add16(streams[2]).add16(0);
    blob.add32(modules.size()).add32(contributions.size()).add32(map.size());
    blob.add32(files.size()).add32(0).add32(0).add32(optional.size()).add32(edits.size());
    blob.add16(procedures.isEmpty() ? 2 : 0).add16(wide ? 0x8664 : 0x14c).add32(0);
    blob.add(modules).add(contributions).add(map).add(files).add(edits).add(optional);
    return blob.bytes();
  }

  private static void contribution(Blob blob, int at, byte[] headers, int section) {
    blob.u16(at, section + 1).u32(at + 4, 0).u32(at + 8, u32(headers, 40 * section + 8));
    blob.u32(at + 12, u32(headers, 40 * section + 36)).u16(at + 16, 0);
  }

  private static long u32(byte[] bytes, int at) {
    return (bytes[at] & 0xff)
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | (bytes[at + 3] & 0xffL) << 24;
  }
}
