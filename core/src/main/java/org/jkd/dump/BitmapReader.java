// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.List;
import java.util.Optional;
import org.jkd.image.BitmapIndex;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;

/** Reads summary dumps and bitmap dumps; dump-formats.md, 1.5a and 1.5b. */
final class BitmapReader {
  /** Where the bits of a summary dump may start behind its header; writers differ. */
  private static final int[] SUMMARY_STARTS = {0x20, 0x24, 0x28, 0x38};

  /** A bitmap up to this size, in bytes, is counted through to check a guess about its place. */
  private static final long MAX_CHECKED = 0x40_0000;

  private final Bytes file;
  private final DumpHeader header;
  private final List<String> notes;
  private final int base;

  /** Where the bits lie, where the pages start, and how many of each there are. */
  private record Layout(long bitmap, long bits, long pages, long firstPage) {}

  BitmapReader(Bytes file, DumpHeader header, List<String> notes) {
    this.file = file;
    this.header = header;
    this.notes = notes;
    this.base = header.format().headerSize();
  }

  /**
   * @param summary true when the header says that the dump has the older layout
   */
  Dump read(boolean summary) {
    Optional<Layout> older = summary ? summaryLayout() : Optional.empty();
    Optional<Layout> newer = older.isPresent() ? Optional.empty() : bitmapLayout();
    if (!summary && newer.isEmpty()) {
      older = summaryLayout();
    }
    Layout layout =
        older
            .or(() -> newer)
            .orElseThrow(() ->
                new FormatException(
                    file.name(), base, "the bitmap of the dump does not fit into the file"));
    boolean isSummary = newer.isEmpty();
    long bytes = (layout.bits + 7) / 8;
    Bytes bitmap = file.slice(layout.bitmap, bytes);
    String kind =
        isSummary
            ? "Kernel Summary Dump File: Kernel address space is available,"
                + " User address space may not be available."
            : file.u8(base) == 'F'
                ? "Full Bitmap Dump File: Full address space"
                : "Kernel Bitmap Dump File: Kernel address space is available,"
                    + " User address space may not be available.";
    return CompleteReader.physical(
        file,
        header,
        kind,
        notes,
        layout.firstPage,
        new BitmapIndex(bitmap, layout.bits, layout.firstPage, layout.pages));
  }

  private Optional<Layout> summaryLayout() {
    if (!file.has(base, SUMMARY_STARTS[0])) {
      return Optional.empty();
    }
    long firstPage = file.u32(base + 0xc);
    long bits = file.u32(base + 0x10);
    long pages = file.u32(base + 0x14);
    Optional<Layout> first = Optional.empty();
    for (int start : SUMMARY_STARTS) {
      Layout layout = new Layout(base + start, bits, pages, firstPage);
      if (!fits(layout)) {
        continue;
      }
      if (countIs(layout, pages)) {
        return Optional.of(layout);
      }
      first = first.or(() -> Optional.of(layout));
    }
    if (first.isPresent()) {
      noteCount(pages);
    }
    return first;
  }

  private void noteCount(long pages) {
    notes.add("the bitmap does not have the " + pages + " pages that its header counts");
  }

  private Optional<Layout> bitmapLayout() {
    if (!file.has(base, 0x38)) {
      return Optional.empty();
    }
    long firstPage = file.u64(base + 0x20);
    long pages = file.u64(base + 0x28);
    long bits = file.u64(base + 0x30);
    if (Long.compareUnsigned(pages, bits) > 0) {
      // Some descriptions swap the two; there cannot be more pages than bits.
      long swap = pages;
      pages = bits;
      bits = swap;
    }
    Layout layout = new Layout(base + 0x38, bits, pages, firstPage);
    if (!fits(layout)) {
      return Optional.empty();
    }
    if (!countIs(layout, pages)) {
      noteCount(pages);
    }
    return Optional.of(layout);
  }

  private boolean fits(Layout layout) {
    return layout.bits > 0
        && layout.bits <= BitmapIndex.MAX_BITS
        && layout.pages >= 0
        && layout.pages <= layout.bits
        && layout.firstPage >= layout.bitmap + (layout.bits + 7) / 8
        && layout.firstPage <= file.size()
        && file.has(layout.bitmap, (layout.bits + 7) / 8);
  }

  private boolean countIs(Layout layout, long pages) {
    if (layout.bits / 8 > MAX_CHECKED) {
      return true;
    }
    Bytes bitmap = file.slice(layout.bitmap, (layout.bits + 7) / 8);
    return new BitmapIndex(bitmap, layout.bits, 0, pages).rank(layout.bits) == pages;
  }
}
