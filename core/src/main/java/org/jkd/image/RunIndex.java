// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.Arrays;
import java.util.List;

/**
 * Pages stored as runs: the layout of complete dumps and of range dumps. The pages of the runs
 * follow each other in the file in the order of the runs, which need not be ascending.
 *
 * <p>A directory over the page numbers leads to the first run that can hold a page, so a look-up
 * searches a handful of runs however many there are.
 */
public final class RunIndex implements PageIndex {
  /** The most runs that are accepted: 24 MB of tables. */
  public static final int MAX_RUNS = 1 << 20;

  /**
   * A run of pages.
   *
   * @param basePage the number of its first page
   * @param pageCount pages
   */
  public record Run(long basePage, long pageCount) {}

  /** A run with its place in the file; ordered by its first page. */
  private record Placed(long first, long end, long offset) implements Comparable<Placed> {
    @Override
    public int compareTo(Placed other) {
      return Long.compare(first, other.first);
    }
  }

  /** The highest page number that is believed: 52 bits of physical address. */
  private static final long MAX_PAGE = 1L << 40;

  /** Offsets past this are past the end of any file. */
  private static final long MAX_OFFSET = 1L << 56;

  private final long[] first;
  private final long[] end;
  private final long[] offset;
  private final int[] directory;
  private final int shift;
  private final int count;
  private final long pages;

  /**
   * @param runs at most {@link #MAX_RUNS}; a page that several runs claim belongs to the run that
   *     starts first
   * @param firstPage the file offset of the first page of the first run
   */
  public RunIndex(List<Run> runs, long firstPage) {
    if (runs.size() > MAX_RUNS) {
      throw new FormatException("physical memory runs", -1, runs.size() + " are too many");
    }
    Placed[] placed = new Placed[runs.size()];
    long at = firstPage;
    long total = 0;
    for (int i = 0; i < placed.length; i++) {
      Run run = runs.get(i);
      placed[i] = new Placed(run.basePage, run.basePage + run.pageCount, at);
      at = Math.min(at + run.pageCount * PhysicalMemory.PAGE_SIZE, MAX_OFFSET);
      total = Math.min(total + run.pageCount, MAX_PAGE);
    }
    Arrays.sort(placed);
    first = new long[placed.length];
    end = new long[placed.length];
    offset = new long[placed.length];
    pages = total;
    int used = 0;
    long covered = 0;
    for (Placed p : placed) {
      long from = Math.max(p.first, covered);
      if (from < p.end) {
        first[used] = from;
        end[used] = p.end;
        offset[used] = p.offset + (from - p.first) * PhysicalMemory.PAGE_SIZE;
        used++;
        covered = p.end;
      }
    }
    count = used;
    int bits = 0;
    while (covered >>> bits > 2L * used + 64) {
      bits++;
    }
    shift = bits;
    directory = new int[(int) (covered >>> shift) + 2];
    for (int bucket = 0, run = 0; bucket < directory.length; bucket++) {
      while (run < used && end[run] <= (long) bucket << shift) {
        run++;
      }
      directory[bucket] = run;
    }
  }

  /** True when a run can exist on a machine; only such runs may be given to the constructor. */
  public static boolean isSane(long basePage, long pageCount) {
    return basePage >= 0 && pageCount >= 0 && basePage <= MAX_PAGE && pageCount <= MAX_PAGE;
  }

  @Override
  public long pages() {
    return pages;
  }

  @Override
  public long fileOffset(long pageFrame) {
    long bucket = pageFrame >>> shift;
    if (pageFrame < 0 || bucket + 1 >= directory.length) {
      return ABSENT;
    }
    int low = directory[(int) bucket];
    int high = Math.min(directory[(int) bucket + 1], count - 1);
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (pageFrame < first[middle]) {
        high = middle - 1;
      } else if (pageFrame >= end[middle]) {
        low = middle + 1;
      } else {
        return offset[middle] + (pageFrame - first[middle]) * PhysicalMemory.PAGE_SIZE;
      }
    }
    return ABSENT;
  }
}
