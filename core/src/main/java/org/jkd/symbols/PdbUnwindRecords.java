// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import org.jkd.pdb.FpoTable;
import org.jkd.pdb.FrameDataTable;
import org.jkd.pdb.Pdb;

/**
 * The x86 unwind records of a PDB.
 *
 * <p>In a reordered image a record that is found for an address gets the start that puts the
 * address at the same distance from it as in the order of the source, so that prologue lengths keep
 * their meaning inside a block that was moved.
 */
final class PdbUnwindRecords implements UnwindRecords {
  /** Sizes above this are leftovers of linkers (0xFFFFFFxx seen in FrameData). */
  private static final long MAX_BLOCK = 0x7fff_ffff;

  private final Pdb pdb;
  private final Ranges fpo;
  private final Ranges frameData;

  PdbUnwindRecords(Pdb pdb) {
    this.pdb = pdb;
    FpoTable f = pdb.fpo();
    FrameDataTable d = pdb.frameData();
    this.fpo = new Ranges(f.count(), i -> f.entry(i).sourceRva(), i -> f.entry(i).size());
    this.frameData = new Ranges(d.count(), i -> d.entry(i).sourceRva(), i -> d.entry(i).size());
  }

  /** Ranges that may nest, by their starts. */
  private static final class Ranges {
    private final long[] starts;
    private final long[] ends;

    /** The highest end of this range and all before it: where a search backwards may stop. */
    private final long[] highest;

    private final int[] records;

    Ranges(int count, IntToLongFunction start, IntToLongFunction size) {
      long[] keys = new long[count];
      int n = 0;
      for (int i = 0; i < count; i++) {
        long bytes = size.applyAsLong(i);
        if (bytes > 0 && bytes <= MAX_BLOCK) {
          keys[n++] = start.applyAsLong(i) << 31 | i;
        }
      }
      Arrays.sort(keys, 0, n);
      starts = new long[n];
      ends = new long[n];
      highest = new long[n];
      records = new int[n];
      long max = 0;
      for (int i = 0; i < n; i++) {
        records[i] = (int) (keys[i] & 0x7fff_ffff);
        starts[i] = keys[i] >>> 31;
        ends[i] = starts[i] + size.applyAsLong(records[i]);
        max = Math.max(max, ends[i]);
        highest[i] = max;
      }
    }

    /** The record with the latest start that covers an address; −1 for none. */
    int find(long rva) {
      int i = Arrays.binarySearch(starts, rva);
      i = i >= 0 ? i : -i - 2;
      while (i + 1 < starts.length && i >= 0 && starts[i + 1] == rva) {
        i++;
      }
      for (; i >= 0 && highest[i] > rva; i--) {
        if (rva < ends[i]) {
          return records[i];
        }
      }
      return -1;
    }
  }

  @Override
  public Optional<Fpo> fpo(long rva) {
    long source = pdb.toSource(rva);
    int i = source < 0 ? -1 : fpo.find(source);
    return i < 0 ? Optional.empty() : Optional.of(fpo(i, rva - source));
  }

  @Override
  public Optional<FrameData> frameData(long rva) {
    long source = pdb.toSource(rva);
    int i = source < 0 ? -1 : frameData.find(source);
    return i < 0 ? Optional.empty() : Optional.of(frameData(i, rva - source));
  }

  private Fpo fpo(int record, long move) {
    FpoTable.Entry e = pdb.fpo().entry(record);
    return new Fpo(
        e.sourceRva() + move,
        e.size(),
        e.localDwords() * 4,
        e.parameterDwords() * 4,
        e.prolog(),
        e.savedRegisters(),
        e.hasSeh(),
        e.usesBp(),
        e.frame());
  }

  private FrameData frameData(int record, long move) {
    FrameDataTable.Entry e = pdb.frameData().entry(record);
    return new FrameData(
        e.sourceRva() + move,
        e.size(),
        e.locals(),
        e.parameters(),
        e.maxStack(),
        pdb.frameData().program(e),
        e.prolog(),
        e.savedRegisters(),
        e.flags());
  }

  private long move(long sourceRva) {
    long image = pdb.toImage(sourceRva);
    return image < 0 ? 0 : image - sourceRva;
  }

  @Override
  public List<Fpo> allFpo() {
    List<Fpo> all = new ArrayList<>();
    for (int i = 0; i < pdb.fpo().count(); i++) {
      all.add(fpo(i, move(pdb.fpo().entry(i).sourceRva())));
    }
    return all;
  }

  @Override
  public List<FrameData> allFrameData() {
    List<FrameData> all = new ArrayList<>();
    for (int i = 0; i < pdb.frameData().count(); i++) {
      all.add(frameData(i, move(pdb.frameData().entry(i).sourceRva())));
    }
    return all;
  }
}
