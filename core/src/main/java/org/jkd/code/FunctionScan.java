// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.Arrays;
import org.jkd.cpu.Arch;
import org.jkd.pe.ExportTable;
import org.jkd.pe.PeImage;
import org.jkd.pe.Relocations;
import org.jkd.pe.RuntimeFunctions;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.UnwindRecords;
import org.jspecify.annotations.Nullable;

/** Finds where the functions of a module start: one pass over symbols, tables and code bytes. */
final class FunctionScan {
  /** Functions per module; a kernel has some 30,000. */
  static final int MAX_STARTS = 1 << 20;

  private static final int CHUNK = 1 << 16;
  private static final int OVERLAP = 16;

  /** Bytes of a jump through a table on x86. */
  private static final int JUMP_THROUGH_TABLE = 7;

  /** Instructions in which a function saves registers and makes its frame. */
  private static final int MAX_OPENING = 12;

  private final CodeImage image;
  private long[] starts = new long[256];
  private int[] sources = new int[256];
  private int count;
  private LongIntMap found = new LongIntMap(1024);
  private final LongIntMap jumpers = new LongIntMap(16);
  private long[] jumperStarts = new long[16];
  private int jumperCount;
  private @Nullable RuntimeFunctions table;

  private FunctionScan(CodeImage image) {
    this.image = image;
  }

  /**
   * Looks for the functions of a module. The answer depends on the module's headers and symbols,
   * where they lie, the bytes that are read meanwhile, and nothing else.
   *
   * @param pointers what {@link #pointers} says
   */
  static FunctionMap of(CodeImage image, long[] pointers) {
    FunctionScan scan = new FunctionScan(image);
    scan.run(pointers);
    return scan.sorted();
  }

  private void run(long[] pointers) {
    addSymbols();
    addTables();
    int certain = count;
    scanCode();
    for (long pointer : pointers) {
      add(pointer, FunctionMap.POINTER);
    }
    LongIntMap confirmed = new LongIntMap(64);
    CodeSweep sweep = new CodeSweep(image, this, certain);
    long[] candidates = Arrays.copyOfRange(starts, certain, count);
    Arrays.sort(candidates);
    sweep.run();
    for (long candidate : candidates) {
      if ((sourcesAt(candidate) & (FunctionMap.PADDING | FunctionMap.POINTER)) != 0
          && !sweep.touches(candidate)) {
        sweep.runFrom(candidate);
        confirmed.put(candidate, 1);
      } else if ((sourcesAt(candidate) & FunctionMap.POINTER) != 0
          && !sweep.isCase(candidate)
          && opensFrame(candidate)) {
        // Flow ran into it behind a call that never returns.
        confirmed.put(candidate, 1);
      }
    }
    sweep.runGaps();
    for (long candidate : candidates) {
      // Known flow runs through the others: they are no starts.
      boolean doubtful =
          (sourcesAt(candidate)
                  & ~(FunctionMap.MAYBE_CALL | FunctionMap.PADDING | FunctionMap.POINTER))
              == 0;
      if (doubtful && !confirmed.has(candidate)) {
        sources[found.get(candidate)] = 0;
      }
    }
  }

  /** While the map is built: the code that is followed calls or jumps to an address. */
  void reached(long target, int source, long from) {
    if (source == FunctionMap.JUMP && hasTableEntry(target)) {
      // The function table knows better what belongs together.
      return;
    }
    add(target, source);
    if (source == FunctionMap.JUMP) {
      jumpers.put(target, jumperCount);
      if (jumperCount == jumperStarts.length) {
        jumperStarts = Arrays.copyOf(jumperStarts, jumperCount * 2);
      }
      jumperStarts[jumperCount++] = from;
    }
  }

  private boolean hasTableEntry(long address) {
    return table != null && table.find(address - image.base()).isPresent();
  }

  private void add(long address, int source) {
    if (!image.isExecutable(address)) {
      return;
    }
    int at = found.get(address);
    if (at != LongIntMap.ABSENT) {
      sources[at] |= source;
      return;
    }
    if (count == MAX_STARTS) {
      return;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
      sources = Arrays.copyOf(sources, count * 2);
    }
    found.put(address, count);
    starts[count] = address;
    sources[count++] = source;
  }

  private FunctionMap sorted() {
    long[] sorted = new long[count];
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (sources[i] != 0) {
        sorted[kept++] = starts[i];
      }
    }
    sorted = Arrays.copyOf(sorted, kept);
    Arrays.sort(sorted);
    int[] sortedSources = new int[kept];
    for (int i = 0; i < kept; i++) {
      sortedSources[i] = sources[found.get(sorted[i])];
    }
    return new FunctionMap(
        sorted, sortedSources, jumpers, Arrays.copyOf(jumperStarts, jumperCount), image.end());
  }

  /** While the map is built: a start by its number. */
  long start(int index) {
    return starts[index];
  }

  /** While the map is built: what says so far that a function starts at this address. */
  int sourcesAt(long address) {
    int at = found.get(address);
    return at == LongIntMap.ABSENT ? 0 : sources[at];
  }

  private void addSymbols() {
    ModuleSymbols symbols = image.symbols().orElse(null);
    if (symbols == null) {
      return;
    }
    for (Symbol s : symbols.matching(n -> true)) {
      switch (s.kind()) {
        case PROCEDURE, THUNK -> add(image.base() + s.rva(), FunctionMap.PROCEDURE);
        case PUBLIC_CODE -> add(image.base() + s.rva(), FunctionMap.PUBLIC);
        // Exported data would be taken for code where it lies in a code section: rare, and the
        // export table itself cannot tell.
        case EXPORT -> add(image.base() + s.rva(), FunctionMap.EXPORT);
        case DATA, PUBLIC -> {}
      }
    }
    UnwindRecords unwind = symbols.unwindRecords();
    for (UnwindRecords.Fpo fpo : unwind.allFpo()) {
      add(image.base() + fpo.rva(), FunctionMap.FPO);
    }
    for (UnwindRecords.FrameData data : unwind.allFrameData()) {
      if ((data.flags() & 4) != 0) {
        add(image.base() + data.rva(), FunctionMap.FRAME_DATA);
      }
    }
  }

  private void addTables() {
    PeImage pe = image.headers().orElse(null);
    if (pe == null) {
      return;
    }
    if (pe.entryPoint() != 0) {
      add(image.base() + pe.entryPoint(), FunctionMap.ENTRY);
    }
    for (ExportTable.Export export : pe.exports().entries()) {
      if (!export.forwarded()) {
        add(image.base() + export.rva(), FunctionMap.EXPORT);
      }
    }
    RuntimeFunctions functions = pe.runtimeFunctions();
    table = functions.count() > 0 ? functions : null;
    for (int i = 0; i < functions.count(); i++) {
      RuntimeFunctions.Entry entry = functions.entry(i);
      if (entry.begin() != 0 && !UnwindDepth.isPart(functions, entry)) {
        add(image.base() + entry.begin(), FunctionMap.PDATA);
      }
    }
  }

  /** Direct call targets and starts after padding, chunk by chunk. */
  private void scanCode() {
    for (CodeImage.Range range : image.executable()) {
      // Nothing calls the first function of a driver whose entries are only stored in tables.
      add(range.start(), FunctionMap.PADDING);
      byte[] bytes = new byte[CHUNK + OVERLAP];
      for (long at = range.start(); at < range.end(); at += CHUNK) {
        int want = (int) Math.min(bytes.length, range.end() - at);
        int from = 0;
        while (from < want) {
          int got = image.read(at + from, bytes, from, want - from);
          scan(at, bytes, from, from + got);
          // Go on behind a hole at the next page.
          long next = (at + from + got | CodeImage.PAGE - 1) + 1;
          from = (int) Math.min(want, next - at);
        }
      }
    }
  }

  private void scan(long at, byte[] bytes, int from, int to) {
    boolean wide = image.arch() == Arch.X64;
    for (int i = from; i < to; i++) {
      int b = bytes[i] & 0xff;
      if (b == 0xe8 && i + 5 <= to) {
        long target = image.arch().address(at + i + 5 + int32(bytes, i + 1));
        if (target != at + i + 5 && image.isExecutable(target) && startsHere(target)) {
          add(target, FunctionMap.MAYBE_CALL);
        }
      }
      if (b == 0xe9 && i + 5 <= to) {
        // Incremental linking reaches functions through tables of jumps.
        long target = image.arch().address(at + i + 5 + int32(bytes, i + 1));
        if (image.isExecutable(target) && image.u8(target - 1) == 0xcc) {
          add(target, FunctionMap.POINTER);
        }
      }
      long address = at + i;
      if (i > from && isPadding(bytes, i) && b != 0xcc && b != 0x90) {
        boolean aligned = (address & 15) == 0;
        boolean padded = bytes[i - 1] == (byte) 0xcc;
        if (aligned && padded && isRun(bytes, i, from)
            || (aligned || padded) && looksLikePrologue(bytes, i, to, wide)) {
          add(address, FunctionMap.PADDING);
        }
      }
    }
  }

  /** More than a single int 3, or one that follows a return. */
  private static boolean isRun(byte[] bytes, int i, int from) {
    if (i - 2 < from) {
      return true;
    }
    int before = bytes[i - 2] & 0xff;
    boolean returned =
        before == 0xc3 || before == 0 && i - 4 >= from && (bytes[i - 4] & 0xff) == 0xc2;
    return before == 0xcc || returned;
  }

  private static boolean isPadding(byte[] bytes, int i) {
    return bytes[i - 1] == (byte) 0xcc || bytes[i - 1] == (byte) 0x90;
  }

  /**
   * True when bytes that look like a call lead to what may be a start: right behind padding, a
   * return, a jump, or a call that never returned.
   */
  boolean startsHere(long target) {
    byte[] before = new byte[6];
    int got = image.read(target - 6, before, 0, 6);
    if (got < 6) {
      return looksLikePrologue(target);
    }
    int last = before[5] & 0xff;
    return last == 0xcc
        || last == 0x90
        || last == 0xc3
        || (before[3] & 0xff) == 0xc2 && last == 0
        || (before[4] & 0xff) == 0xeb
        || (before[1] & 0xff) == 0xe9
        || (before[0] & 0xff) == 0xff && before[1] == 0x25
        || (target & 15) == 0 && ((before[1] & 0xff) == 0xe8 || (before[0] & 0xff) == 0xff);
  }

  private boolean looksLikePrologue(long address) {
    byte[] bytes = new byte[8];
    int got = image.read(address, bytes, 0, 8);
    return looksLikePrologue(bytes, 0, got, image.arch() == Arch.X64);
  }

  /** The openings of compiled functions. */
  private static boolean looksLikePrologue(byte[] b, int i, int to, boolean wide) {
    if (to - i < 5) {
      return false;
    }
    int b0 = b[i] & 0xff;
    int b1 = b[i + 1] & 0xff;
    int b2 = b[i + 2] & 0xff;
    if (wide) {
      boolean pushes = b0 == 0x40 && (b1 & 0xf8) == 0x50 || b0 == 0x41 && (b1 & 0xf8) == 0x50;
      boolean spills = (b0 == 0x48 || b0 == 0x4c) && b1 == 0x89 && (b[i + 3] & 0xff) == 0x24;
      boolean subtracts = b0 == 0x48 && (b1 == 0x83 || b1 == 0x81) && b2 == 0xec;
      boolean copies = b0 == 0x48 && b1 == 0x8b && b2 == 0xc4;
      return pushes || spills || subtracts || copies || b0 == 0x55 || b0 == 0x56 || b0 == 0x53;
    }
    boolean hotPatch = b0 == 0x8b && b1 == 0xff && b2 == 0x55;
    boolean frame = b0 == 0x55 && (b1 == 0x8b && b2 == 0xec || b1 == 0x89 && b2 == 0xe5);
    boolean saves = b0 == 0x53 || b0 == 0x55 || b0 == 0x56 || b0 == 0x57;
    boolean locals = (b0 == 0x83 || b0 == 0x81) && b1 == 0xec;
    boolean seh = b0 == 0x6a && b2 == 0x68;
    boolean argument = b0 == 0x8b && (b1 & 0xc7) == 0x44 && b2 == 0x24;
    return hotPatch || frame || saves || locals || seh || argument;
  }

  /** Relocated pointers to what looks like the start of a function. */
  static long[] pointers(CodeImage image) {
    FunctionScan scan = new FunctionScan(image);
    return Arrays.stream(pointed(image)).filter(scan::mayNameFunction).toArray();
  }

  /** True when the target of a pointer opens as functions do, behind what can end another one. */
  static boolean mayNameFunction(CodeImage image, long target) {
    return new FunctionScan(image).mayNameFunction(target);
  }

  private boolean mayNameFunction(long target) {
    return followsPadding(target) && looksLikePrologue(target)
        || followsEnd(target) && opensFrame(target);
  }

  /**
   * True behind a jump, and behind the instructions without effect with which gcc aligns functions.
   * Cases of a switch lie there too.
   */
  private boolean followsEnd(long target) {
    byte[] before = new byte[7];
    if (image.read(target - 7, before, 0, 7) < 7) {
      return false;
    }
    boolean jumps = (before[5] & 0xff) == 0xeb || (before[2] & 0xff) == 0xe9;
    boolean wide = (before[6] & 0xff) == 0x90;
    // lea esi, [esi] and lea esi, [esi+eiz], with a displacement of 0.
    boolean lea =
        before[4] == (byte) 0x8d && before[5] == 0x76 && before[6] == 0
            || before[3] == (byte) 0x8d && before[4] == 0x74 && before[5] == 0x26 && before[6] == 0
            || before[1] == (byte) 0x8d && before[2] == (byte) 0xb6 && isZero(before, 3)
            || before[0] == (byte) 0x8d && before[1] == (byte) 0xb4 && isZero(before, 3);
    return jumps || wide || lea;
  }

  private static boolean isZero(byte[] bytes, int from) {
    return bytes[from] == 0 && bytes[from + 1] == 0 && bytes[from + 2] == 0 && bytes[from + 3] == 0;
  }

  /**
   * True for code that saves registers and then takes room on the stack or sets up a frame pointer,
   * before it calls or jumps: stricter than {@link #looksLikePrologue}, for places where a case of
   * a switch may begin with the push of an argument.
   */
  private boolean opensFrame(long target) {
    OpReader reader = new OpReader(image.arch());
    int saved = 0;
    boolean aligns = false;
    long at = target;
    for (int i = 0; i < MAX_OPENING; i++) {
      Op op = reader.read(image, at);
      if (op == null) {
        return false;
      }
      switch (op.kind) {
        case PUSH -> {
          boolean kept = op.src == Op.BX || op.src == Op.BP || op.src == Op.SI || op.src == Op.DI;
          if (!kept && image.arch() == Arch.X86 && !aligns || (saved & 1 << op.src) != 0) {
            return false;
          }
          saved |= 1 << op.src;
        }
        case PUSH_MEMORY -> {
          if (!aligns) {
            return false;
          }
        }
        case SUB -> {
          if (op.dst == Op.SP && op.hasImm) {
            return saved != 0;
          }
        }
        case AND -> aligns |= op.dst == Op.SP;
        case MOVE -> {
          if (op.src == Op.SP && op.dst == Op.BP) {
            return (saved & 1 << Op.BP) != 0;
          }
        }
        case OTHER, SET, LOAD, LEA, XOR -> {}
        default -> {
          return false;
        }
      }
      at = op.next();
    }
    return false;
  }

  /** Where relocated pointers lead to in code: starts of functions, or cases of a switch. */
  static long[] pointed(CodeImage image) {
    PeImage pe = image.headers().orElse(null);
    if (pe == null) {
      return new long[0];
    }
    Relocations relocations = pe.relocations();
    int width = relocations.width();
    byte[] value = new byte[8];
    long[] found = new long[16];
    int count = 0;
    for (int i = 0; i < relocations.count(); i++) {
      if (image.read(image.base() + relocations.rva(i), value, 0, width) != width) {
        continue;
      }
      long target = int32(value, 0) & 0xffff_ffffL;
      if (width == 8) {
        target |= (long) int32(value, 4) << 32;
      }
      if (image.isExecutable(target)) {
        if (count == found.length) {
          found = Arrays.copyOf(found, count * 2);
        }
        found[count++] = target;
      }
    }
    return Arrays.copyOf(found, count);
  }

  /**
   * The tables that jumps like {@code jmp [eax*4+table]} go through. Compilers that keep them in
   * data leave nothing between one and the next, and only the next jump tells where that begins.
   */
  static LongIntMap switchTables(CodeImage image) {
    LongIntMap tables = new LongIntMap(64);
    if (image.arch() != Arch.X86) {
      return tables;
    }
    byte[] bytes = new byte[CodeImage.PAGE + JUMP_THROUGH_TABLE];
    for (CodeImage.Range range : image.executable()) {
      for (long at = range.start(); at < range.end(); at += CodeImage.PAGE) {
        int got = image.read(at, bytes, 0, (int) Math.min(bytes.length, range.end() - at));
        for (int i = 0; i + JUMP_THROUGH_TABLE <= got; i++) {
          boolean jump = bytes[i] == (byte) 0xff && bytes[i + 1] == 0x24;
          if (jump && (bytes[i + 2] & 0xc7) == 0x85) {
            tables.put(image.arch().address(int32(bytes, i + 3)), 1);
          }
        }
      }
    }
    return tables;
  }

  /** True for bytes with which compiled functions open. */
  static boolean looksLikePrologue(CodeImage image, long address) {
    return new FunctionScan(image).looksLikePrologue(address);
  }

  private boolean followsPadding(long target) {
    byte[] before = new byte[3];
    if (image.read(target - 3, before, 0, 3) < 3) {
      return (target & 15) == 0;
    }
    int last = before[2] & 0xff;
    return last == 0xcc || last == 0x90 || last == 0xc3 || (before[0] & 0xff) == 0xc2;
  }

  private static int int32(byte[] b, int at) {
    return b[at] & 0xff
        | (b[at + 1] & 0xff) << 8
        | (b[at + 2] & 0xff) << 16
        | (b[at + 3] & 0xff) << 24;
  }
}
