// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Arrays;

/**
 * Symbols as primitive columns, in the order in which they were added: where each lies, how long it
 * is, of which kind, and where its record is.
 */
public final class SymbolColumns {
  /** Records of one file; the limit keeps hostile files from filling the memory. */
  static final int MAX_SYMBOLS = 1 << 24;

  private int count;
  private int[] rva = new int[256];
  private int[] length = new int[256];
  private int[] record = new int[256];
  private int[] module = new int[256];
  private short[] kind = new short[256];

  SymbolColumns() {}

  void add(long address, long size, int recordKind, int owner, long offset) {
    if (count >= MAX_SYMBOLS) {
      return;
    }
    if (count == rva.length) {
      int n = count * 2;
      rva = Arrays.copyOf(rva, n);
      length = Arrays.copyOf(length, n);
      record = Arrays.copyOf(record, n);
      module = Arrays.copyOf(module, n);
      kind = Arrays.copyOf(kind, n);
    }
    rva[count] = (int) address;
    length[count] = (int) size;
    record[count] = (int) offset;
    module[count] = owner;
    kind[count] = (short) recordKind;
    count++;
  }

  /** The number of symbols. */
  public int count() {
    return count;
  }

  /** RVA in the image as it was linked, before any OMAP. */
  public long sourceRva(int index) {
    return rva[index] & 0xffff_ffffL;
  }

  /** Bytes, 0 when the record does not say. */
  public long length(int index) {
    return length[index] & 0xffff_ffffL;
  }

  /** The record kind, an {@code S_} constant of {@link CodeView}. */
  public int kind(int index) {
    return kind[index] & 0xffff;
  }

  /** The module (compiland) whose stream holds the record; −1 for the global record stream. */
  public int module(int index) {
    return module[index];
  }

  /** The offset of the record in its stream. */
  public long record(int index) {
    return record[index] & 0xffff_ffffL;
  }
}
