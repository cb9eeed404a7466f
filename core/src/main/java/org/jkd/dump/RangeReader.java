// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.ArrayList;
import java.util.List;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.image.RunIndex;

/**
 * Reads range dumps: a list of page ranges, then their pages; dump-formats.md, 1.5c. What is known
 * about them publicly comes from one implementation.
 */
final class RangeReader {
  private static final int RANGES = 0x30;
  private static final int RANGE_SIZE = 16;

  private final Bytes file;
  private final DumpHeader header;
  private final List<String> notes;
  private final int base;

  RangeReader(Bytes file, DumpHeader header, List<String> notes) {
    this.file = file;
    this.header = header;
    this.notes = notes;
    this.base = header.format().headerSize();
  }

  /**
   * @param counted true for the type whose header counts ranges and pages
   */
  Dump read(boolean counted) {
    long metadata = file.u64(base + 0x10);
    long firstPage = file.u64(base + 0x18);
    if (firstPage <= base + RANGES || firstPage > file.size()) {
      throw new FormatException(
          file.name(), base + 0x18L, "the pages of the range dump do not lie in the file");
    }
    if (metadata - 0x20 != firstPage - (base + 0x40)) {
      notes.add("the size of the range list and the place of the first page do not agree");
    }
    long limit = Math.min((firstPage - base - RANGES) / RANGE_SIZE, RunIndex.MAX_RUNS);
    long total = counted ? file.u64(base + 0x28) : Long.MAX_VALUE;
    List<RunIndex.Run> runs = new ArrayList<>();
    long at = (long) base + RANGES;
    for (long i = 0, pages = 0; i < limit && pages < total; i++, at += RANGE_SIZE) {
      long frame = file.u64(at);
      long count = file.u64(at + 8);
      if (frame == 0 && !counted || count == 0) {
        break;
      }
      if (!RunIndex.isSane(frame, count)) {
        notes.add("range " + i + " is not believable; the list was cut off there");
        break;
      }
      runs.add(new RunIndex.Run(frame, count));
      pages += count;
    }
    if (runs.isEmpty()) {
      throw new FormatException(file.name(), base + (long) RANGES, "the range dump has no ranges");
    }
    String kind =
        counted
            ? "Complete Range Dump File: Full address space"
            : "Kernel Range Dump File: Kernel address space is available,"
                + " User address space may not be available.";
    return CompleteReader.physical(
        file, header, kind, notes, firstPage, new RunIndex(runs, firstPage));
  }
}
