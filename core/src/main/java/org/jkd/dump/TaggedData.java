// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.ArrayList;
import java.util.List;
import org.jkd.image.Bytes;

/** Walks the secondary data behind the primary data of a dump; dump-formats.md, 1.7. */
final class TaggedData {
  /** Real dumps have some dozens. */
  private static final int MAX_RECORDS = 4096;

  /** How far behind the primary data the first record is looked for, bytes. */
  private static final long SEARCH = 0x10_0000;

  private static final long MAGIC = 0x626f_6c42_706d_7544L;
  private static final int FILE_HEADER = 0x10;
  private static final int RECORD_HEADER = 0x20;

  private TaggedData() {}

  /**
   * What a walk found.
   *
   * @param end where the last record says that it ends; it may lie behind the end of the file
   */
  private record Walk(List<TaggedRecord> records, long end) {}

  /** All records; the header's SecondaryDataState is unset in files that do have them. */
  static List<TaggedRecord> read(Dump dump) {
    return walk(dump).records();
  }

  /**
   * Bytes of the secondary data that the file lacks; 0 when it is whole or there is none. In seven
   * of ten real dumps the last record ends where the file ends; in three something else follows.
   */
  static long missing(Dump dump) {
    return Math.max(0, walk(dump).end() - dump.file().size());
  }

  private static Walk walk(Dump dump) {
    Bytes file = dump.file();
    List<TaggedRecord> records = new ArrayList<>();
    long start = find(file, dump.primaryEnd());
    if (start < 0) {
      return new Walk(records, 0);
    }
    long at = start + Math.max(FILE_HEADER, file.u32(start + 8));
    while (records.size() < MAX_RECORDS && file.has(at, RECORD_HEADER)) {
      long header = file.u32(at);
      if (header < RECORD_HEADER || header > 0x1000) {
        break; // something else follows
      }
      long size = file.u32(at + 0x14);
      long data = at + header + file.u32(at + 0x18);
      if (data <= file.size()) {
        records.add(new TaggedRecord(guid(file, at + 4), data, Math.min(size, file.size() - data)));
      }
      at = data + size + file.u32(at + 0x1c);
    }
    return new Walk(records, at);
  }

  private static long find(Bytes file, long primaryEnd) {
    if (isMagic(file, primaryEnd)) {
      return primaryEnd;
    }
    long from = Math.max(0, Math.min(primaryEnd, file.size())) & ~0xfffL;
    long to = Math.min(file.size(), from + SEARCH);
    for (long at = from; at < to; at += 4) {
      if (isMagic(file, at)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean isMagic(Bytes file, long at) {
    return file.has(at, FILE_HEADER) && file.u64(at) == MAGIC;
  }

  private static String guid(Bytes file, long at) {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%08x-%04x-%04x-", file.u32(at), file.u16(at + 4), file.u16(at + 6)));
    for (int i = 8; i < 16; i++) {
      text.append(i == 10 ? "-" : "").append(String.format("%02x", file.u8(at + i)));
    }
    return text.toString();
  }
}
