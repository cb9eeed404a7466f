// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jkd.image.Bytes;

/**
 * The version resource of an image.
 *
 * @param fixed VS_FIXEDFILEINFO, empty when there is none
 * @param tables the string tables in file order
 * @param translations language in the low and code page in the high 16 bits
 */
public record VersionInfo(
    Optional<Fixed> fixed, List<StringTable> tables, List<Integer> translations) {
  private static final int VERSION_TYPE = 16;
  private static final int MAX_RESOURCE = 1 << 16;
  private static final int MAX_ENTRIES = 4096;
  private static final int MAX_NODES = 4096;

  /** VS_FIXEDFILEINFO; versions as four 16-bit numbers, the first in the top bits. */
  public record Fixed(
      long fileVersion,
      long productVersion,
      long flagsMask,
      long flags,
      long os,
      long type,
      long subtype,
      long date) {
    /** {@code 5.1.2600.5512}. */
    public static String text(long version) {
      return (version >>> 48)
          + "."
          + (version >>> 32 & 0xffff)
          + "."
          + (version >>> 16 & 0xffff)
          + "."
          + (version & 0xffff);
    }
  }

  /**
   * The strings of one language.
   *
   * @param key eight hexadecimal digits: language and code page
   */
  public record StringTable(String key, Map<String, String> strings) {}

  /** A string from the first table that has it. */
  public Optional<String> string(String name) {
    return tables.stream()
        .map(t -> Optional.ofNullable(t.strings().get(name)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  static Optional<VersionInfo> read(PeImage image) {
    PeImage.Range range = image.directory(PeImage.Directory.RESOURCE);
    if (!range.present()) {
      return Optional.empty();
    }
    Optional<Long> type = child(image, range, 0, VERSION_TYPE);
    Optional<Long> id = type.filter(VersionInfo::isTable).flatMap(t -> first(image, range, t));
    Optional<Long> leaf = id;
    if (id.isPresent() && isTable(id.get())) {
      leaf = first(image, range, id.get());
    }
    if (leaf.isEmpty() || isTable(leaf.get())) {
      return Optional.empty();
    }
    Bytes entry = image.available("resource data entry", range.rva() + leaf.get(), 16);
    if (entry.size() < 16) {
      return Optional.empty();
    }
    Bytes data =
        image.available("version resource", entry.u32(0), Math.min(entry.u32(4), MAX_RESOURCE));
    return data.size() < 6 ? Optional.empty() : Optional.of(parse(data));
  }

  private static boolean isTable(long offset) {
    return (offset & 0x8000_0000L) != 0;
  }

  private static Optional<Long> child(PeImage image, PeImage.Range range, long table, int id) {
    return entries(image, range, table & 0x7fff_ffffL).stream()
        .filter(e -> e[0] == id)
        .map(e -> e[1])
        .findFirst();
  }

  private static Optional<Long> first(PeImage image, PeImage.Range range, long table) {
    return entries(image, range, table & 0x7fff_ffffL).stream().map(e -> e[1]).findFirst();
  }

  private static List<long[]> entries(PeImage image, PeImage.Range range, long table) {
    Bytes head = image.available("resource directory", range.rva() + table, 16);
    List<long[]> result = new ArrayList<>();
    if (head.size() < 16) {
      return result;
    }
    int count = Math.min(head.u16(12) + head.u16(14), MAX_ENTRIES);
    Bytes list = image.available("resource directory", range.rva() + table + 16, count * 8L);
    for (long p = 0; list.has(p, 8); p += 8) {
      result.add(new long[] {list.u32(p), list.u32(p + 4)});
    }
    return result;
  }

  /** A node of the VS_VERSIONINFO tree: header, key, value, children. */
  private record Node(String key, long value, int valueLength, long children, long end) {
    static Optional<Node> at(Bytes b, long p, long limit) {
      if (p + 6 > limit || !b.has(p, 6)) {
        return Optional.empty();
      }
      int length = b.u16(p);
      if (length < 6) {
        return Optional.empty();
      }
      long end = Math.min(p + length, limit);
      boolean text = b.u16(p + 4) == 1;
      long keyEnd = p + 6;
      while (keyEnd + 2 <= end && b.u16(keyEnd) != 0) {
        keyEnd += 2;
      }
      String key = b.utf16(p + 6, (int) (keyEnd - p - 6));
      long value = Math.min(aligned(keyEnd + 2), end);
      int valueLength = (int) Math.min(b.u16(p + 2) * (text ? 2L : 1L), end - value);
      return Optional.of(new Node(key, value, valueLength, aligned(value + valueLength), end));
    }
  }

  private static long aligned(long p) {
    return (p + 3) & ~3L;
  }

  private static List<Node> children(Bytes b, Node parent) {
    List<Node> result = new ArrayList<>();
    long p = parent.children();
    while (result.size() < MAX_NODES) {
      Optional<Node> n = Node.at(b, p, parent.end());
      if (n.isEmpty()) {
        break;
      }
      result.add(n.get());
      p = aligned(n.get().end());
    }
    return result;
  }

  private static VersionInfo parse(Bytes b) {
    Optional<Node> root = Node.at(b, 0, b.size());
    List<StringTable> tables = new ArrayList<>();
    List<Integer> translations = new ArrayList<>();
    if (root.isEmpty()) {
      return new VersionInfo(Optional.empty(), tables, translations);
    }
    Optional<Fixed> fixed = fixed(b, root.get());
    for (Node part : children(b, root.get())) {
      for (Node n : children(b, part)) {
        if (part.key().equals("StringFileInfo")) {
          Map<String, String> strings = new LinkedHashMap<>();
          for (Node s : children(b, n)) {
            strings.putIfAbsent(s.key(), toNul(b.utf16(s.value(), s.valueLength() & ~1)));
          }
          tables.add(new StringTable(n.key().toLowerCase(Locale.ROOT), strings));
        } else if (part.key().equals("VarFileInfo") && n.key().equals("Translation")) {
          for (int i = 0; i + 4 <= n.valueLength(); i += 4) {
            translations.add(b.i32(n.value() + i));
          }
        }
      }
    }
    return new VersionInfo(fixed, List.copyOf(tables), List.copyOf(translations));
  }

  private static String toNul(String s) {
    int nul = s.indexOf('\0');
    return nul < 0 ? s : s.substring(0, nul);
  }

  private static Optional<Fixed> fixed(Bytes b, Node root) {
    long p = root.value();
    if (root.valueLength() < 52 || !b.has(p, 52) || b.u32(p) != 0xfeef04bdL) {
      return Optional.empty();
    }
    return Optional.of(
        new Fixed(
            b.u32(p + 8) << 32 | b.u32(p + 12),
            b.u32(p + 16) << 32 | b.u32(p + 20),
            b.u32(p + 24),
            b.u32(p + 28),
            b.u32(p + 32),
            b.u32(p + 36),
            b.u32(p + 40),
            b.u32(p + 44) << 32 | b.u32(p + 48)));
  }
}
