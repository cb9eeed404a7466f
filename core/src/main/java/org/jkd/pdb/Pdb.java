// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/**
 * A program database. Opening reads headers only; everything else is read when it is first asked
 * for, and a damaged part costs that part alone: what went wrong is in {@link #problems()}.
 */
public final class Pdb {
  /** Names longer than this are cut; C++ names end at 4 KB in practice. */
  static final int MAX_NAME = 8192;

  private static final int INFO_STREAM = 1;
  private static final int TPI_STREAM = 2;
  private static final int DBI_STREAM = 3;
  private static final int IPI_STREAM = 4;

  /** Bytes in front of the hash table of the public symbols. */
  static final int PUBLICS_HEADER = 28;

  private final Msf msf;
  private final PdbInfo info;
  private final Dbi dbi;
  private final @Nullable SectionTable sections;
  private final @Nullable Omap toSource;
  private final @Nullable Omap fromSource;
  private final FunctionTypes functions = new FunctionTypes(this);
  private final List<String> problems = new ArrayList<>();
  private final Map<Integer, MsfStream> moduleStreams = new HashMap<>();
  private @Nullable List<ModuleInfo> modules;
  private @Nullable SymbolColumns publics;
  private @Nullable ModuleSymbolReader moduleSymbols;
  private @Nullable SymbolColumns globals;
  private @Nullable MsfStream records;
  private @Nullable SectionContributions contributions;
  private @Nullable FpoTable fpo;
  private @Nullable FrameDataTable frameData;
  private @Nullable Tpi types;
  private @Nullable PublicMap publicMap;
  private @Nullable Tpi identifiers;
  private @Nullable NamedRecords named;
  private @Nullable NameTable nameTable;
  private @Nullable Trampolines trampolines;
  private @Nullable Compiland @Nullable [] compilands;
  private final BitSet opened = new BitSet();

  private Pdb(Msf msf) {
    this.msf = msf;
    this.info = PdbInfo.read(msf.stream(INFO_STREAM, "PDB info stream"));
    if (info.fastLink()) {
      throw new FormatException(
          "PDB",
          -1,
          "made by /DEBUG:FASTLINK, so its symbols are in the object files of the build machine;"
              + " mspdbcmf.exe makes a full one of it there");
    }
    if (info.namesDamaged()) {
      problems.add("the table of named streams is damaged");
    }
    this.dbi = new Dbi(msf.stream(DBI_STREAM, "DBI stream"));
    this.toSource = part(() -> Omap.read(msf, dbi.debugStream(Dbi.OMAP_TO_SOURCE), "OMAP"));
    this.fromSource = part(() -> Omap.read(msf, dbi.debugStream(Dbi.OMAP_FROM_SOURCE), "OMAP"));
    int original = fromSource == null ? Dbi.NONE : dbi.debugStream(Dbi.ORIGINAL_SECTION_HEADERS);
    SectionTable before = part(() -> SectionTable.read(msf, original));
    this.sections =
        before != null
            ? before
            : part(() -> SectionTable.read(msf, dbi.debugStream(Dbi.SECTION_HEADERS)));
    if (sections == null) {
      problems.add("no section headers, so no symbol has an address");
    }
  }

  /**
   * Opens a PDB.
   *
   * @throws FormatException when it is no PDB 7.0 or has no readable info or DBI stream
   */
  public static Pdb open(Bytes file) {
    return new Pdb(new Msf(file));
  }

  /**
   * Opens a PDB and reads of the file only what is asked for.
   *
   * @throws IOException when the file cannot be read
   * @throws FormatException as {@link #open(Bytes)}
   */
  public static Pdb open(Path file) throws IOException {
    return new Pdb(new Msf(file));
  }

  void problem(String line) {
    problems.add(line);
  }

  private interface Part<T> {
    @Nullable T read();
  }

  private <T> @Nullable T part(Part<T> part) {
    try {
      return part.read();
    } catch (FormatException e) {
      problems.add(e.getMessage());
      return null;
    }
  }

  /** Symbols up to the first damage, which becomes a problem. */
  private SymbolColumns columns(Consumer<SymbolColumns> reader) {
    SymbolColumns read = new SymbolColumns();
    try {
      reader.accept(read);
    } catch (FormatException e) {
      problems.add(e.getMessage());
    }
    return read;
  }

  /** The container. */
  public Msf msf() {
    return msf;
  }

  /** The info stream. */
  public PdbInfo info() {
    return info;
  }

  /** What an image's debug record must say to match. */
  public PdbIdentity identity() {
    return new PdbIdentity(info.guid(), dbi.age());
  }

  /** IMAGE_FILE_MACHINE of the image. */
  public int machine() {
    return dbi.machine();
  }

  /** True when the private symbols were left out by the linker. */
  public boolean stripped() {
    return dbi.stripped();
  }

  /**
   * True when the file describes more than public symbols. Linkers leave single private compilands
   * in a stripped file (lld does, without marking it), so those must hold at least half of the
   * code.
   */
  public boolean hasPrivateSymbols() {
    if (stripped()) {
      return false;
    }
    long described = 0;
    for (int m = 0; m < modules().size(); m++) {
      described += modules().get(m).hasSymbols() ? contributions().codeOf(m) : 0;
    }
    long all = contributions().code();
    return all > 0 ? described * 2 >= all : modules().stream().anyMatch(ModuleInfo::hasSymbols);
  }

  /** What could not be read so far, one line each. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** The section headers that symbol addresses refer to, if the file has any. */
  public Optional<SectionTable> sections() {
    return Optional.ofNullable(sections);
  }

  /** The map from the image as linked to the final image, if it was reordered. */
  public Optional<Omap> omapFromSource() {
    return Optional.ofNullable(fromSource);
  }

  /** The map from the final image to the image as linked, if it was reordered. */
  public Optional<Omap> omapToSource() {
    return Optional.ofNullable(toSource);
  }

  /** The RVA in the final image of an RVA in the image as linked; −1 when it was thrown out. */
  public long toImage(long sourceRva) {
    return fromSource == null ? sourceRva : fromSource.map(sourceRva);
  }

  /** The RVA in the image as linked of an RVA in the final image; −1 when it has none. */
  public long toSource(long rva) {
    return toSource == null ? rva : toSource.map(rva);
  }

  /** The compilands. */
  public List<ModuleInfo> modules() {
    if (modules == null) {
      modules = dbi.modules(problems);
    }
    return modules;
  }

  /** Which compiland gave which bytes. */
  public SectionContributions contributions() {
    if (contributions == null) {
      SectionContributions read = part(dbi::contributions);
      contributions = read == null ? SectionContributions.NONE : read;
    }
    return contributions;
  }

  /** The public symbols in the order of the address map. */
  public SymbolColumns publics() {
    if (publics == null) {
      publics = columns(into -> SymbolLists.publics(this, into));
    }
    return publics;
  }

  /** The flags of a public symbol, {@code PUB_} bits of {@link CodeView}. */
  public long publicFlags(SymbolColumns columns, int index) {
    return records().u32(columns.record(index) + 4);
  }

  /** The data symbols of the global symbol hash. */
  public SymbolColumns globals() {
    if (globals == null) {
      globals = columns(into -> SymbolLists.globals(this, into));
    }
    return globals;
  }

  private NamedRecords named() {
    if (named == null) {
      named = new NamedRecords(this);
    }
    return named;
  }

  /** The type that a typedef gives another name; empty if there is no such typedef. */
  public OptionalInt typedef(String name) {
    return named().typedef(name);
  }

  /**
   * The starts of procedures and public symbols of a name, as RVAs of the image as it was linked,
   * those of procedures first. On x86 the usual decorations of C names are tried as well.
   */
  public List<Long> codeNamed(String name) {
    return named().code(name);
  }

  /** A stream that the file need not have; what is wrong with one becomes a problem. */
  <T> T table(int stream, String what, T nothing, Function<MsfStream, T> reader) {
    T read = msf.has(stream) ? part(() -> reader.apply(msf.stream(stream, what))) : null;
    return read == null ? nothing : read;
  }

  Dbi dbi() {
    return dbi;
  }

  /** A function by its number in the stream of identifiers, with its scopes. */
  String functionName(int id) {
    return functions.name(id);
  }

  /**
   * The type index of a procedure's function type; 0 when unknown.
   *
   * @param kind of the procedure's record
   * @param type what the record gives as its type
   */
  public int functionType(int kind, int type) {
    return functions.type(kind, type);
  }

  /**
   * How many parameters a procedure has, {@code this} included; −1 when unknown.
   *
   * @param kind of the procedure's record
   * @param type what the record gives as its type
   */
  int parameterCount(int kind, int type) {
    return functions.parameterCount(kind, type);
  }

  /**
   * A variable of the image.
   *
   * @param type type index
   */
  public record Data(int type, long sourceRva) {}

  /** The variable of a name, of several static ones the first; empty if there is none. */
  public Optional<Data> data(String name) {
    return named().data(name);
  }

  /** The jumps of an incrementally linked image. */
  public Trampolines trampolines() {
    if (trampolines == null) {
      trampolines = new Trampolines(this);
    }
    return trampolines;
  }

  private ModuleSymbolReader moduleReader() {
    if (moduleSymbols == null) {
      ModuleSymbolReader reader = new ModuleSymbolReader(this, sections);
      moduleSymbols = reader;
      reader.readAll(problems);
    }
    return moduleSymbols;
  }

  /** Procedures, thunks and data of the module streams, in file order. */
  public SymbolColumns moduleSymbols() {
    return moduleReader().symbols();
  }

  /** Labels of the module streams. */
  public SymbolColumns labels() {
    return moduleReader().labels();
  }

  /** Blocks that were split off their procedures. */
  public List<SeparatedCode> separatedCode() {
    return moduleReader().separated();
  }

  /**
   * A part of a procedure that lies elsewhere (S_SEPCODE).
   *
   * @param sourceRva where the part starts
   * @param size bytes
   * @param parentSourceRva a place in the procedure that it belongs to
   */
  public record SeparatedCode(long sourceRva, long size, long parentSourceRva) {}

  /** What S_FRAMEPROC says about a procedure. Sizes are bytes. */
  public record FrameProc(long frameSize, long padding, long savedRegisters, long flags) {
    /** True when the function takes more stack as it runs. */
    public boolean hasAlloca() {
      return (flags & 1) != 0;
    }

    /** 0 none, 1 virtual frame or stack pointer, 2 EBP or RBP, 3 EBX or R13. */
    public int localBase() {
      return (int) (flags >>> 14 & 3);
    }

    /** As {@link #localBase()}, for parameters. */
    public int parameterBase() {
      return (int) (flags >>> 16 & 3);
    }
  }

  /**
   * More of a procedure record.
   *
   * @param prologEnd bytes from its start
   * @param epilogStart bytes from its start
   * @param flags 1 has a frame pointer, 8 does not return
   */
  public record Procedure(long size, long prologEnd, long epilogStart, long typeIndex, int flags) {}

  /** The procedure record of a symbol of {@link #moduleSymbols()}; empty for other kinds. */
  public Optional<Procedure> procedure(SymbolColumns columns, int index) {
    if (!CodeView.isProcedure(columns.kind(index))) {
      return Optional.empty();
    }
    MsfStream s = streamOf(columns, index);
    long p = columns.record(index) + 4;
    return Optional.of(
        new Procedure(s.u32(p + 12), s.u32(p + 16), s.u32(p + 20), s.u32(p + 24), s.u8(p + 34)));
  }

  /** The S_FRAMEPROC record of a procedure; empty when it has none. */
  public Optional<FrameProc> frameProc(SymbolColumns columns, int index) {
    if (!CodeView.isProcedure(columns.kind(index))) {
      return Optional.empty();
    }
    return frameProc(streamOf(columns, index), columns.record(index));
  }

  Optional<FrameProc> frameProc(MsfStream s, long procedure) {
    long p = procedure;
    while (s.has(p, 4)) {
      long length = s.u16(p);
      int kind = s.u16(p + 2);
      if (kind == CodeView.S_FRAMEPROC) {
        return Optional.of(new FrameProc(s.u32(p + 4), s.u32(p + 8), s.u32(p + 16), s.u32(p + 26)));
      }
      if (kind == CodeView.S_END || length < 2) {
        break;
      }
      p += length + 2;
    }
    return Optional.empty();
  }

  /** The name of a symbol as it stands in its record. */
  public String name(SymbolColumns columns, int index) {
    return recordName(streamOf(columns, index), columns.record(index), columns.kind(index));
  }

  String recordName(MsfStream s, long p, int kind) {
    long at = p + CodeView.nameOffset(kind);
    int room = Math.clamp(p + 2 + s.u16(p) - at, 0, MAX_NAME);
    if (CodeView.pascalName(kind)) {
      int length = Math.min(s.u8(at), room);
      return new String(s.copy(at + 1, length), StandardCharsets.ISO_8859_1);
    }
    return s.string(at, room);
  }

  private MsfStream streamOf(SymbolColumns columns, int index) {
    int module = columns.module(index);
    return module < 0 ? records() : moduleStream(module);
  }

  MsfStream moduleStream(int module) {
    MsfStream known = moduleStreams.get(module);
    if (known == null) {
      ModuleInfo info = modules().get(module);
      known = msf.stream(info.stream(), "symbols of " + info.name());
      moduleStreams.put(module, known);
    }
    return known;
  }

  /** The records of the public and global symbols. */
  MsfStream records() {
    if (records == null) {
      records = msf.stream(dbi.recordStream(), "symbol records");
    }
    return records;
  }

  /** FPO_DATA records; empty for 64-bit images. */
  public FpoTable fpo() {
    if (fpo == null) {
      FpoTable read = part(() -> FpoTable.read(msf, dbi.debugStream(Dbi.FPO)));
      fpo = read == null ? FpoTable.NONE : read;
    }
    return fpo;
  }

  /** FrameData records; empty for 64-bit images. */
  public FrameDataTable frameData() {
    if (frameData == null) {
      int names = info.namedStreams().getOrDefault("/names", -1);
      FrameDataTable read =
          part(() -> FrameDataTable.read(msf, dbi.debugStream(Dbi.FRAME_DATA), names));
      frameData = read == null ? FrameDataTable.NONE : read;
    }
    return frameData;
  }

  /** The types; {@link Tpi#NONE} when the file has none that can be read. */
  public Tpi types() {
    if (types == null) {
      Tpi read = msf.has(TPI_STREAM) ? part(() -> Tpi.open(msf, TPI_STREAM)) : null;
      types = read == null ? Tpi.NONE : read;
    }
    return types;
  }

  /** The identifiers: names of functions that were inlined, of files and of commands. */
  public Tpi identifiers() {
    if (identifiers == null) {
      Tpi read = msf.has(IPI_STREAM) ? part(() -> Tpi.open(msf, IPI_STREAM)) : null;
      identifiers = read == null ? Tpi.NONE : read;
    }
    return identifiers;
  }

  NameTable nameTable() {
    if (nameTable == null) {
      int index = info.namedStreams().getOrDefault("/names", -1);
      MsfStream s = msf.has(index) ? part(() -> msf.stream(index, "/names")) : null;
      nameTable = new NameTable(s);
    }
    return nameTable;
  }

  /** The compiland that gave the code at an RVA in the image as linked. */
  public Optional<Compiland> compilandAt(long sourceRva) {
    SectionTable table = sections;
    int segment = table == null ? 0 : table.segmentOf(sourceRva);
    if (table == null || segment == 0) {
      return Optional.empty();
    }
    try {
      int part = contributions().find(segment, sourceRva - table.rva(segment, 0));
      return part < 0 ? Optional.empty() : compiland(contributions().module(part));
    } catch (FormatException e) {
      return Optional.empty();
    }
  }

  /** A compiland by its number; empty when it has no symbols that can be read. */
  public Optional<Compiland> compiland(int module) {
    @Nullable Compiland[] all = compilands;
    if (all == null) {
      all = new Compiland[modules().size()];
      compilands = all;
    }
    if (module < 0 || module >= all.length) {
      return Optional.empty();
    }
    if (all[module] == null && !opened.get(module)) {
      opened.set(module);
      all[module] = openCompiland(module);
    }
    return Optional.ofNullable(all[module]);
  }

  private @Nullable Compiland openCompiland(int module) {
    SectionTable table = sections;
    if (table == null || !modules().get(module).hasSymbols()) {
      return null;
    }
    try {
      return new Compiland(this, module, moduleStream(module), table);
    } catch (FormatException e) {
      problems.add(e.getMessage());
      return null;
    }
  }

  /** The public symbols in order of address. */
  public PublicMap publicMap() {
    if (publicMap == null) {
      PublicMap read =
          part(() -> {
            MsfStream map = msf.stream(dbi.publicsStream(), "public symbol hash");
            long at = PUBLICS_HEADER + map.u32(0);
            long bytes = Math.min(map.u32(4), Math.max(0, map.size() - at));
            return new PublicMap(map, at, (int) (bytes / 4), records(), sections);
          });
      publicMap = read == null ? PublicMap.NONE : read;
    }
    return publicMap;
  }

  /** The name of a public symbol by the place of its record. */
  public String publicName(long record) {
    return recordName(records(), record, records().u16(record + 2));
  }

  /** The flags of a public symbol by the place of its record. */
  public long publicFlags(long record) {
    return records().u32(record + 4);
  }
}
