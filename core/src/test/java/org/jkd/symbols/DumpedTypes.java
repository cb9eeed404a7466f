// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The output of {@code llvm-pdbutil dump -types}, taken apart without any code of the reader. */
final class DumpedTypes {
  private static final Pattern HEAD =
      Pattern.compile("^\\s+0x([0-9A-F]+) \\| (LF_[A-Z_0-9]+) \\[size = \\d+](?: `(.*)`)?.*");
  private static final Pattern MEMBER =
      Pattern.compile("- LF_MEMBER \\[name = `(.*)`, Type = 0x([0-9A-F]+).*, offset = (\\d+), ");
  private static final Pattern BASE =
      Pattern.compile("^\\s+type = 0x([0-9A-F]+), offset = (\\d+), attrs");
  private static final Pattern TABLE = Pattern.compile("- LF_VFUNCTAB type = 0x([0-9A-F]+)");
  private static final Pattern NEXT = Pattern.compile("- LF_INDEX continuation = 0x([0-9A-F]+)");
  private static final Pattern REFERENT = Pattern.compile("referent = 0x([0-9A-F]+)");
  private static final Pattern BITS =
      Pattern.compile("type = 0x([0-9A-F]+).*, bit offset = (\\d+), # bits = (\\d+)");

  /** A record: its lines behind the head. */
  private record Entry(String leaf, String name, List<String> lines) {
    private String all() {
      return String.join("\n", lines);
    }
  }

  private final Map<Integer, Entry> records = new HashMap<>();
  private final Map<String, Integer> definitions = new HashMap<>();

  DumpedTypes(List<String> dump) {
    List<String> lines = new ArrayList<>();
    for (String line : dump) {
      Matcher head = HEAD.matcher(line);
      if (head.matches()) {
        lines = new ArrayList<>();
        String name = head.group(3) == null ? "" : head.group(3);
        records.put(Integer.parseInt(head.group(1), 16), new Entry(head.group(2), name, lines));
      } else {
        lines.add(line);
      }
    }
    records.forEach((index, r) -> {
      if (isDefinition(r)) {
        definitions.merge(key(r), index, Math::max);
      }
    });
  }

  private static boolean isDefinition(Entry r) {
    return r.leaf().matches("LF_(STRUCTURE|CLASS|UNION|INTERFACE|ENUM)")
        && !r.all().contains("forward ref");
  }

  private static String key(Entry r) {
    Matcher unique = Pattern.compile("unique name: `(.*)`").matcher(r.all());
    return unique.find() ? unique.group(1) : r.name();
  }

  /** The indices of all structures, classes and unions that are defined. */
  List<Integer> structures() {
    return records.entrySet().stream()
        .filter(e -> isDefinition(e.getValue()) && !e.getValue().leaf().equals("LF_ENUM"))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  String name(int index) {
    return entry(index).name();
  }

  private Entry entry(int index) {
    return records.getOrDefault(index, new Entry("", "", List.of()));
  }

  private int number(Entry r, String pattern, int radix) {
    Matcher m = Pattern.compile(pattern).matcher(r.all());
    return m.find() ? Integer.parseInt(m.group(1), radix) : 0;
  }

  long size(int index) {
    if (index < 0x1000) {
      return basicSize(index);
    }
    Entry r = entry(index);
    return switch (r.leaf()) {
      case "LF_STRUCTURE", "LF_CLASS", "LF_UNION", "LF_INTERFACE" -> {
        if (isDefinition(r)) {
          yield number(r, "sizeof (\\d+)", 10);
        }
        Integer definition = definitions.get(key(r));
        yield definition == null ? 0 : size(definition);
      }
      case "LF_ENUM" ->
          size(number(entry(definition(index)), "underlying type: 0x([0-9A-F]+)", 16));
      case "LF_POINTER" -> pointerSize(r);
      case "LF_ARRAY" -> number(r, "size: (\\d+)", 10);
      case "LF_MODIFIER" -> size(number(r, REFERENT.pattern(), 16));
      case "LF_BITFIELD" -> size(number(r, BITS.pattern(), 16));
      default -> 0;
    };
  }

  /** Pointers to members are larger than what their kind says; the dumper leaves that out. */
  private static long pointerSize(Entry r) {
    if (r.all().matches("(?s).*mode = [a-z ]*member.*")) {
      return -1;
    }
    return r.all().contains("ptr64") ? 8 : 4;
  }

  private static long basicSize(int index) {
    if ((index & 0x700) != 0) {
      return (index & 0x700) == 0x600 ? 8 : 4;
    }
    return switch (index & 0xff) {
      case 0x03 -> 0;
      case 0x10, 0x20, 0x30, 0x68, 0x69, 0x70, 0x7c -> 1;
      case 0x11, 0x21, 0x71, 0x72, 0x73, 0x7a -> 2;
      case 0x08, 0x12, 0x22, 0x40, 0x74, 0x75, 0x7b -> 4;
      case 0x13, 0x23, 0x41, 0x76, 0x77 -> 8;
      default -> -2;
    };
  }

  /** {@code offset name size} of all members, those of base classes included; bits as well. */
  List<String> members(int index) {
    List<String> into = new ArrayList<>();
    members(number(entry(index), "field list: 0x([0-9A-F]+)", 16), 0, into);
    return into;
  }

  private void members(int list, long at, List<String> into) {
    for (String line : entry(list).lines()) {
      Matcher member = MEMBER.matcher(line);
      Matcher base = BASE.matcher(line);
      if (member.find()) {
        int type = Integer.parseInt(member.group(2), 16);
        into.add(row(at + Long.parseLong(member.group(3)), member.group(1), type));
      } else if (base.find()) {
        int type = definition(Integer.parseInt(base.group(1), 16));
        members(
            number(entry(type), "field list: 0x([0-9A-F]+)", 16),
            at + Long.parseLong(base.group(2)),
            into);
      } else if (TABLE.matcher(line).find()) {
        into.add(at + " __VFN_table");
      } else if (NEXT.matcher(line) instanceof Matcher next && next.find()) {
        members(Integer.parseInt(next.group(1), 16), at, into);
      }
    }
  }

  private int definition(int index) {
    return definitions.getOrDefault(key(entry(index)), index);
  }

  private String row(long offset, String name, int type) {
    Matcher bits = BITS.matcher(entry(type).all());
    boolean isBits = entry(type).leaf().equals("LF_BITFIELD") && bits.find();
    return offset
        + " "
        + name
        + " "
        + size(type)
        + (isBits ? " " + bits.group(2) + ":" + bits.group(3) : "");
  }
}
