// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Objects;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/**
 * FRAMEDATA records of the "new FPO" stream in file order, read in place. Addresses are before
 * OMAP.
 */
public final class FrameDataTable {
  static final FrameDataTable NONE = new FrameDataTable(null, 0, null);

  private static final int RECORD = 32;
  private static final int MAX_PROGRAM = 4096;
  private static final int NAMES_DATA = 12;

  private final @Nullable MsfStream stream;
  private final int count;
  private final @Nullable MsfStream names;

  /**
   * A record. Sizes are bytes.
   *
   * @param program offset of the unwind program in {@code /names}
   * @param flags 1 SEH, 2 C++ EH, 4 function start
   */
  public record Entry(
      long sourceRva,
      long size,
      long locals,
      long parameters,
      long maxStack,
      long program,
      int prolog,
      int savedRegisters,
      int flags) {}

  private FrameDataTable(@Nullable MsfStream stream, int count, @Nullable MsfStream names) {
    this.stream = stream;
    this.count = count;
    this.names = names;
  }

  static FrameDataTable read(Msf msf, int index, int namesStream) {
    if (!msf.has(index)) {
      return NONE;
    }
    MsfStream s = msf.stream(index, "FrameData records");
    MsfStream names = msf.has(namesStream) ? msf.stream(namesStream, "/names") : null;
    return new FrameDataTable(s, (int) (s.size() / RECORD), names);
  }

  /** The number of records. */
  public int count() {
    return count;
  }

  /** A record. */
  public Entry entry(int index) {
    MsfStream s = Objects.requireNonNull(stream);
    long p = (long) index * RECORD;
    return new Entry(
        s.u32(p),
        s.u32(p + 4),
        s.u32(p + 8),
        s.u32(p + 12),
        s.u32(p + 16),
        s.u32(p + 20),
        s.u16(p + 24),
        s.u16(p + 26),
        s.i32(p + 28));
  }

  /** The text of a record's unwind program; empty when the string table does not hold it. */
  public String program(Entry entry) {
    MsfStream n = names;
    if (n == null) {
      return "";
    }
    try {
      return entry.program() < n.u32(8) ? n.string(NAMES_DATA + entry.program(), MAX_PROGRAM) : "";
    } catch (FormatException e) {
      return "";
    }
  }
}
