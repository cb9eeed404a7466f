// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/** Section headers as a PDB carries them: enough to turn segment and offset into an RVA. */
public final class SectionTable {
  private static final int HEADER = 40;
  private static final int MAX_SECTIONS = 1 << 15;

  private final int[] rva;
  private final int[] size;

  private SectionTable(int[] rva, int[] size) {
    this.rva = rva;
    this.size = size;
  }

  static @Nullable SectionTable read(Msf msf, int stream) {
    if (!msf.has(stream)) {
      return null;
    }
    MsfStream s = msf.stream(stream, "PDB section headers");
    long n = s.size() / HEADER;
    if (n > MAX_SECTIONS) {
      throw new FormatException("PDB section headers", 0, n + " sections");
    }
    int[] rva = new int[(int) n];
    int[] size = new int[(int) n];
    for (int i = 0; i < n; i++) {
      size[i] = s.i32((long) i * HEADER + 8);
      rva[i] = s.i32((long) i * HEADER + 12);
    }
    return new SectionTable(rva, size);
  }

  /** The number of sections. */
  public int count() {
    return rva.length;
  }

  /** Bytes of a section, numbered from 1. */
  public long size(int segment) {
    return size[segment - 1] & 0xffff_ffffL;
  }

  /** The RVA of a place; −1 when there is no such section (0 and absolute symbols among them). */
  public long rva(int segment, long offset) {
    return segment < 1 || segment > rva.length
        ? -1
        : ((rva[segment - 1] & 0xffff_ffffL) + offset) & 0xffff_ffffL;
  }

  /** The number of the section that holds an RVA, from 1; 0 when none does. */
  public int segmentOf(long address) {
    for (int i = 0; i < rva.length; i++) {
      long start = rva[i] & 0xffff_ffffL;
      if (address >= start && address - start < (size[i] & 0xffff_ffffL)) {
        return i + 1;
      }
    }
    return 0;
  }
}
