// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** The x86 unwind records of a symbol file, held as lists in ascending order of address. */
public final class ListedRecords implements UnwindRecords {
  /** The most records that are looked at below an address for one that covers it. */
  private static final int MAX_NESTING = 64;

  private final List<Fpo> fpo;
  private final List<FrameData> frameData;

  /** Takes records in any order. */
  public ListedRecords(List<Fpo> fpo, List<FrameData> frameData) {
    this.fpo = fpo.stream().sorted(Comparator.comparingLong(Fpo::rva)).toList();
    this.frameData = frameData.stream().sorted(Comparator.comparingLong(FrameData::rva)).toList();
  }

  @Override
  public Optional<Fpo> fpo(long rva) {
    return innermost(fpo, rva, Fpo::rva, f -> f.rva() + f.size());
  }

  @Override
  public Optional<FrameData> frameData(long rva) {
    return innermost(frameData, rva, FrameData::rva, f -> f.rva() + f.size());
  }

  @Override
  public List<Fpo> allFpo() {
    return fpo;
  }

  @Override
  public List<FrameData> allFrameData() {
    return frameData;
  }

  /** The record with the latest start that covers an address. */
  private static <T> Optional<T> innermost(
      List<T> list, long rva, ToLongFunction<T> start, ToLongFunction<T> end) {
    int at = lastAtOrBelow(list, rva, start);
    for (int i = at; i >= 0 && i > at - MAX_NESTING; i--) {
      if (rva < end.applyAsLong(list.get(i))) {
        return Optional.of(list.get(i));
      }
    }
    return Optional.empty();
  }

  /** The place of the last of sorted records that starts at or below an address; −1 without one. */
  public static <T> int lastAtOrBelow(List<T> list, long rva, ToLongFunction<T> start) {
    int low = 0;
    int high = list.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (start.applyAsLong(list.get(middle)) <= rva) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }
}
