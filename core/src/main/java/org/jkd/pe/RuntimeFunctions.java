// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import java.util.Optional;
import org.jkd.image.Bytes;

/**
 * The function table ({@code .pdata}) of x64 images: sorted RUNTIME_FUNCTION entries of three RVAs,
 * looked up by binary search.
 */
public final class RuntimeFunctions {
  /**
   * Two million functions; a kernel has some forty thousand, the largest browsers half a million.
   */
  private static final long MAX_BYTES = 12L << 21;

  private static final int ENTRY = 12;
  private static final int MAX_INDIRECTIONS = 8;

  private final PeImage image;
  private final Bytes table;
  private final int count;
  private final boolean complete;

  /**
   * A RUNTIME_FUNCTION.
   *
   * @param begin RVA of the function's, or the part's, first byte
   * @param end RVA behind its last byte
   * @param unwindInfo RVA of its UNWIND_INFO
   */
  public record Entry(long begin, long end, long unwindInfo) {}

  private RuntimeFunctions(PeImage image, Bytes table, long promised) {
    this.image = image;
    this.table = table;
    this.count = (int) (table.size() / ENTRY);
    this.complete = table.size() >= promised;
  }

  static RuntimeFunctions read(PeImage image) {
    PeImage.Range range = image.directory(PeImage.Directory.EXCEPTION);
    if (!range.present() || image.machine() != PeImage.MACHINE_X64) {
      return new RuntimeFunctions(image, Bytes.of(".pdata", new byte[0]), 0);
    }
    long size = Math.min(range.size(), MAX_BYTES) / ENTRY * ENTRY;
    return new RuntimeFunctions(image, image.available(".pdata", range.rva(), size), size);
  }

  /** The number of entries that can be read. */
  public int count() {
    return count;
  }

  /** False when entries at the end of the table are not readable. */
  public boolean complete() {
    return complete;
  }

  /** An entry by its index, as it stands: indirect entries are not followed. */
  public Entry entry(int index) {
    long p = (long) index * ENTRY;
    return new Entry(table.u32(p), table.u32(p + 4), table.u32(p + 8));
  }

  /**
   * The entry that covers an address. Where an entry points to another one (bit 0 of its unwind
   * RVA), the bounds are those of the entry found and the unwind information that of the other.
   */
  public Optional<Entry> find(long rva) {
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int mid = (low + high) >>> 1;
      Entry e = entry(mid);
      if (rva < e.begin()) {
        high = mid - 1;
      } else if (rva >= e.end()) {
        low = mid + 1;
      } else {
        return resolve(e);
      }
    }
    return Optional.empty();
  }

  private Optional<Entry> resolve(Entry e) {
    long unwind = e.unwindInfo();
    for (int i = 0; i < MAX_INDIRECTIONS && (unwind & 1) != 0; i++) {
      Bytes other = image.available("RUNTIME_FUNCTION", unwind - 1, ENTRY);
      if (other.size() < ENTRY) {
        return Optional.empty();
      }
      unwind = other.u32(8);
    }
    return (unwind & 1) != 0
        ? Optional.empty()
        : Optional.of(new Entry(e.begin(), e.end(), unwind));
  }

  /**
   * The bytes of an UNWIND_INFO: header, codes, and behind them the handler's RVA or the chained
   * entry (at most 4 + 2·256 + 12 bytes). Empty when its first four bytes are not readable.
   */
  public Optional<Bytes> unwindInfo(long rva) {
    Bytes head = image.available("UNWIND_INFO", rva, 4);
    if (head.size() < 4) {
      return Optional.empty();
    }
    int codes = (head.u8(2) + 1) & ~1;
    return Optional.of(image.available("UNWIND_INFO", rva, 4 + 2L * codes + 12));
  }
}
