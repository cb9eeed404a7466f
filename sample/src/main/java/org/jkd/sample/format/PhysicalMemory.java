// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Pages of physical memory by page frame number, and a simple allocator of free ones. */
public final class PhysicalMemory {
  /** A stretch of page frames that follow each other. */
  public record Run(long firstFrame, long count) {}

  private final TreeMap<Long, byte[]> pages = new TreeMap<>();
  private long next;

  /** Allocates from {@code firstFrame} upwards. */
  public PhysicalMemory(long firstFrame) {
    next = firstFrame;
  }

  /** The pages by frame number. */
  public NavigableMap<Long, byte[]> pages() {
    return pages;
  }

  /** Stores a page in the next free frame and returns its number. */
  public long add(byte[] page) {
    while (pages.containsKey(next)) {
      next++;
    }
    pages.put(next, page);
    return next++;
  }

  /** Stores a page in the first free frame from {@code frame} on and returns its number. */
  public long add(byte[] page, long frame) {
    long free = frame;
    while (pages.containsKey(free)) {
      free++;
    }
    pages.put(free, page);
    return free;
  }

  /** Continues at a higher frame, which leaves a hole such as devices make. */
  public void skipTo(long frame) {
    next = Math.max(next, frame);
  }

  /** The frame that {@link #add} will take next, if it is still free then. */
  public long next() {
    return next;
  }

  /** The pages as runs, ascending. */
  public List<Run> runs() {
    List<Run> runs = new ArrayList<>();
    long first = 0;
    long count = 0;
    for (long frame : pages.keySet()) {
      if (count > 0 && frame == first + count) {
        count++;
        continue;
      }
      if (count > 0) {
        runs.add(new Run(first, count));
      }
      first = frame;
      count = 1;
    }
    if (count > 0) {
      runs.add(new Run(first, count));
    }
    return runs;
  }
}
