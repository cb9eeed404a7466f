// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The symbols and lines of one object file, read when its code is asked about. Addresses are those
 * of the image as it was linked.
 */
public final class Compiland {
  private static final int SIGNATURE = 4;
  private static final int SEPCODE_SIZE = 32;

  /** Bytes of a procedure's record up to its name; those of thunks and data are shorter. */
  private static final int PROCEDURE_HEAD = 38;

  private static final int OTHER_HEAD = 14;

  private final Pdb pdb;
  private final int index;
  private final MsfStream stream;
  private final SectionTable sections;
  private final long symbolsEnd;
  private final ModuleInfo info;

  /** Start of each procedure (RVA) in the high half, its number in the low half. */
  private final long[] order;

  private final int[] records;
  private final int[] lengths;

  /** Blocks that were split off: start, size, a place in the procedure; three entries each. */
  private final long[] separated;

  /**
   * Starts of the symbols that lie in no procedure, data too, ascending; with the place of the
   * record in the low half.
   */
  private final long[] outer;

  /**
   * The same of all symbols: data inside procedures, such as jump tables, lie behind their code.
   */
  private long @Nullable [] all;

  private @Nullable C13Lines lines;
  private final CrossReferences references;

  Compiland(Pdb pdb, int index, MsfStream stream, SectionTable sections) {
    this.pdb = pdb;
    this.index = index;
    this.stream = stream;
    this.sections = sections;
    this.info = pdb.modules().get(index);
    this.references = new CrossReferences(pdb, index);
    this.symbolsEnd = Math.min(info.symbolBytes(), stream.size());
    Scan scan = new Scan();
    scan.run(true);
    order = Arrays.copyOf(scan.starts, scan.count);
    Arrays.sort(order);
    records = Arrays.copyOf(scan.places, scan.count);
    lengths = Arrays.copyOf(scan.sizes, scan.count);
    outer = Arrays.copyOf(scan.everything, scan.total);
    Arrays.sort(outer);
    separated = scan.parts;
  }

  /** One pass over the symbols: all of them, or those that lie in no procedure. */
  private final class Scan {
    private long[] starts = new long[64];
    private int[] places = new int[64];
    private int[] sizes = new int[64];
    private int count;
    private long[] everything = new long[64];
    private int total;
    private long[] parts = new long[0];

    void run(boolean outerOnly) {
      long p = SIGNATURE;
      while (p + 4 <= symbolsEnd) {
        int length = stream.u16(p);
        int kind = stream.u16(p + 2);
        if (length < 2) {
          return;
        }
        if (kind == CodeView.S_SEPCODE && stream.has(p, SEPCODE_SIZE)) {
          separated(p);
        } else if (stream.has(p, head(kind))) {
          long rva = ModuleSymbolReader.start(stream, sections, p, kind);
          if (rva >= 0) {
            add(p, kind, rva);
          }
        }
        p = outerOnly && CodeView.isProcedure(kind) ? behind(p, length) : p + length + 2L;
      }
    }

    private static int head(int kind) {
      boolean longer = CodeView.isProcedure(kind) || kind == CodeView.S_THUNK32;
      return longer ? PROCEDURE_HEAD : OTHER_HEAD;
    }

    /** Procedures say where their last record is; what lies between is read when it is needed. */
    private long behind(long p, int length) {
      long end = stream.u32(p + 8);
      boolean believable = end > p && end + 4 <= symbolsEnd;
      int kind = believable ? stream.u16(end + 2) : 0;
      return kind == CodeView.S_END || kind == CodeView.S_PROC_ID_END ? end : p + length + 2L;
    }

    private void add(long p, int kind, long rva) {
      if (total == everything.length) {
        everything = Arrays.copyOf(everything, 2 * total);
      }
      everything[total++] = rva << 31 | p;
      if (!CodeView.isProcedure(kind)
          && kind != CodeView.S_THUNK32
          && kind != CodeView.S_THUNK32_ST) {
        return;
      }
      if (count == places.length) {
        starts = Arrays.copyOf(starts, 2 * count);
        places = Arrays.copyOf(places, 2 * count);
        sizes = Arrays.copyOf(sizes, 2 * count);
      }
      starts[count] = rva << 31 | count;
      places[count] = (int) p;
      sizes[count] = (int) ModuleSymbolReader.size(stream, p, kind);
      count++;
    }

    private void separated(long p) {
      long start = sections.rva(stream.u16(p + 28), stream.u32(p + 20));
      long parent = sections.rva(stream.u16(p + 30), stream.u32(p + 24));
      if (start >= 0 && parent >= 0) {
        parts = Arrays.copyOf(parts, parts.length + 3);
        parts[parts.length - 3] = start;
        parts[parts.length - 2] = stream.u32(p + 12);
        parts[parts.length - 1] = parent;
      }
    }
  }

  /** The number of the module in the file. */
  public int index() {
    return index;
  }

  /**
   * A procedure or thunk.
   *
   * @param record where its record lies in the compiland's stream
   * @param start RVA
   * @param length bytes
   */
  public record Code(int record, int kind, long start, long length) {}

  /** The procedure that holds an address; of several that begin at one place the first. */
  public Optional<Code> codeAt(long rva) {
    int i = Arrays.binarySearch(order, (rva + 1) << 31);
    int place = i >= 0 ? i - 1 : -i - 2;
    if (place < 0) {
      return Optional.empty();
    }
    long start = order[place] >>> 31;
    while (place > 0 && order[place - 1] >>> 31 == start) {
      place--;
    }
    int number = (int) (order[place] & 0x7fff_ffff);
    long length = lengths[number] & 0xffff_ffffL;
    return rva - start < length
        ? Optional.of(new Code(records[number], stream.u16(records[number] + 2L), start, length))
        : Optional.empty();
  }

  /** A place in the procedure of a block that was split off; −1 when no such block is here. */
  public long separatedFrom(long rva) {
    for (int i = 0; i < separated.length; i += 3) {
      if (rva >= separated[i] && rva - separated[i] < separated[i + 1] && separated[i + 2] < rva) {
        return separated[i + 2];
      }
    }
    return -1;
  }

  private long[] all() {
    if (all == null) {
      Scan scan = new Scan();
      scan.run(false);
      long[] sorted = Arrays.copyOf(scan.everything, scan.total);
      Arrays.sort(sorted);
      all = sorted;
    }
    return all;
  }

  /** The first of the symbols at the highest address at or below one, data included. */
  public Optional<Code> floor(long rva) {
    long[] sorted = all();
    int i = Arrays.binarySearch(sorted, (rva + 1) << 31);
    int place = i >= 0 ? i - 1 : -i - 2;
    if (place < 0) {
      return Optional.empty();
    }
    while (place > 0 && sorted[place - 1] >>> 31 == sorted[place] >>> 31) {
      place--;
    }
    int record = (int) (sorted[place] & 0x7fff_ffff);
    int kind = stream.u16(record + 2L);
    return Optional.of(
        new Code(
            record, kind, sorted[place] >>> 31, ModuleSymbolReader.size(stream, record, kind)));
  }

  /** The lowest start above an address of a symbol outside procedures; −1 for none. */
  public long above(long rva) {
    long[] sorted = outer;
    int i = Arrays.binarySearch(sorted, (rva + 1) << 31);
    int place = i >= 0 ? i : -i - 1;
    return place < sorted.length ? sorted[place] >>> 31 : -1;
  }

  /** The type index of a procedure's function type; 0 when unknown. */
  public int functionType(Code code) {
    return CodeView.isProcedure(code.kind())
        ? pdb.functionType(code.kind(), stream.i32(code.record() + 28L))
        : 0;
  }

  /** The name of a procedure as its record has it. */
  public String name(Code code) {
    return pdb.recordName(stream, code.record(), code.kind());
  }

  /** The S_FRAMEPROC record of a procedure; empty when it has none. */
  public Optional<Pdb.FrameProc> frame(Code code) {
    return pdb.frameProc(stream, code.record());
  }

  /** Calls that were inlined at an address, the innermost first. */
  public List<InlineSite> inlined(Code code, long rva) {
    return new ScopeReader(pdb, stream, symbolsEnd, code)
        .inlined(lines(), rva - code.start(), references);
  }

  /**
   * The parameters and variables that are in scope at an address.
   *
   * @param inlined the number of inlined calls around which the scope lies: 0 for the scope of the
   *     innermost one, the number of all for that of the function itself
   */
  public List<Variable> variables(Code code, long rva, int inlined) {
    int segment = sections.segmentOf(rva);
    return segment == 0
        ? List.of()
        : new ScopeReader(pdb, stream, symbolsEnd, code)
                .variables(rva - code.start(), segment, rva - sections.rva(segment, 0), inlined)
                .stream()
                .map(v ->
                    new Variable(v.name(), references.global(v.type()), v.parameter(), v.places()))
                .toList();
  }

  /** The source line of an address; {@code start} and {@code end} of the row are RVAs. */
  public Optional<LineRow> line(long rva) {
    return lines().line(rva);
  }

  /** The addresses where a line of a file begins, as RVAs. */
  public List<Long> starts(String file, int line) {
    return lines().starts(file, line);
  }

  private C13Lines lines() {
    if (lines == null) {
      long at = info.symbolBytes() + info.oldLineBytes();
      lines = new C13Lines(stream, at, info.lineBytes(), pdb.nameTable(), sections);
    }
    return lines;
  }
}
