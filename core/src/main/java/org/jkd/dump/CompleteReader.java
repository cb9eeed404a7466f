// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.List;
import org.jkd.image.Bytes;
import org.jkd.image.PageIndex;
import org.jkd.image.PagedFile;
import org.jkd.image.PhysicalMemory;
import org.jkd.image.RunIndex;

/** Reads complete dumps: the pages of all runs right behind the header; dump-formats.md, 1.4. */
final class CompleteReader {
  private CompleteReader() {}

  static Dump read(Bytes file, DumpHeader header, List<String> notes) {
    int base = header.format().headerSize();
    PageIndex index = new RunIndex(header.runs(), base);
    long claimed = header.physicalPages().orElse(index.pages());
    if (claimed != index.pages()) {
      notes.add("the runs have " + index.pages() + " pages where the header counts " + claimed);
    }
    return physical(
        file, header, "Kernel Complete Dump File: Full address space", notes, base, index);
  }

  /** A dump of pages, with a note when the file ends before its last page. */
  static Dump physical(
      Bytes file,
      DumpHeader header,
      String kind,
      List<String> notes,
      long firstPage,
      PageIndex index) {
    long end = firstPage + index.pages() * PhysicalMemory.PAGE_SIZE;
    if (end > file.size()) {
      long held = Math.max(0, file.size() - firstPage) / PhysicalMemory.PAGE_SIZE;
      notes.add("the file was cut off: " + held + " of " + index.pages() + " pages could be read");
    }
    return new Dump.PhysicalDump(
        file, header, kind, notes, end, new PagedFile(file, index), index.pages());
  }
}
