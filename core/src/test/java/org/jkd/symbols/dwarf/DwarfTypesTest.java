// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.image.Bytes;
import org.jkd.symbols.Types;
import org.jkd.symbols.coff.CoffImage;
import org.jkd.testing.ExternalTool;
import org.jkd.testing.MingwSample;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Structures from DWARF have the members that {@code llvm-dwarfdump} prints. */
class DwarfTypesTest {
  private static final ExternalTool DUMP = new ExternalTool("llvm-dwarfdump-19");
  private static final Pattern HEAD = Pattern.compile("^0x([0-9a-f]+):( +)(DW_TAG_\\w+|NULL)");
  private static final Pattern ATTRIBUTE = Pattern.compile("^ +DW_AT_(\\w+)\\t\\((.*)\\)$");
  private static final Pattern NUMBER = Pattern.compile("0x([0-9a-f]+)");

  @TempDir Path folder = Path.of("");

  /** An entry of the dump. */
  private static final class Item {
    String tag = "";
    final Map<String, String> attributes = new HashMap<>();
    final List<Item> children = new ArrayList<>();
    String scope = "";

    boolean is(String... tags) {
      return List.of(tags).contains(tag);
    }

    long number(String name) {
      String text = attributes.getOrDefault(name, "");
      Matcher m = NUMBER.matcher(text);
      return text.matches("\\d+")
          ? Long.parseLong(text)
          : m.find() ? Long.parseLong(m.group(1), 16) : 0;
    }

    String name() {
      String quoted = attributes.getOrDefault("name", "");
      return quoted.isEmpty() ? "" : quoted.substring(1, quoted.length() - 1);
    }
  }

  private static Map<Long, Item> items(List<String> dump) {
    Map<Long, Item> result = new HashMap<>();
    Map<Integer, Item> levels = new HashMap<>();
    Item item = new Item();
    for (String line : dump) {
      Matcher head = HEAD.matcher(line);
      Matcher attribute = ATTRIBUTE.matcher(line);
      if (head.find()) {
        item = new Item();
        item.tag = head.group(3).replace("DW_TAG_", "");
        int level = head.group(2).length();
        levels.put(level, item);
        Item parent = levels.get(level - 2);
        if (parent != null) {
          parent.children.add(item);
          boolean scoped = parent.is("namespace", "structure_type", "class_type", "union_type");
          item.scope =
              scoped && !parent.name().isEmpty()
                  ? parent.scope + parent.name() + "::"
                  : parent.scope;
        }
        result.put(Long.parseLong(head.group(1), 16), item);
      } else if (attribute.find()) {
        item.attributes.put(attribute.group(1), attribute.group(2));
      }
    }
    return result;
  }

  private static Item type(Map<Long, Item> items, Item of) {
    Item type = items.getOrDefault(of.number("type"), new Item());
    return type.is("typedef", "const_type", "volatile_type") ? type(items, type) : type;
  }

  private static long size(Map<Long, Item> items, Item type, int pointer) {
    if (type.is("pointer_type", "reference_type")) {
      return pointer;
    }
    if (!type.is("array_type")) {
      return type.number("byte_size");
    }
    long size = size(items, type(items, type), pointer);
    for (Item range : type.children) {
      if (range.is("subrange_type")) {
        boolean counted = range.attributes.containsKey("count");
        size *= counted ? range.number("count") : range.number("upper_bound") + 1;
      }
    }
    return size;
  }

  private static void members(
      Map<Long, Item> items, Item struct, long at, int pointer, List<String> into) {
    for (Item m : struct.children) {
      Item type = type(items, m);
      long place = at + m.number("data_member_location");
      boolean isStatic =
          m.attributes.containsKey("declaration") || m.attributes.containsKey("external");
      if (m.is("inheritance") || m.is("member") && m.name().isEmpty()) {
        members(items, type, place, pointer, into);
      } else if (m.is("member") && !isStatic) {
        long bits = m.number("bit_size");
        long bit =
            m.attributes.containsKey("data_bit_offset")
                ? 8 * at + m.number("data_bit_offset")
                : 8 * (place + m.number("byte_size")) - m.number("bit_offset") - bits;
        into.add(
            m.name()
                + (bits > 0
                    ? " bits " + bit + "+" + bits
                    : " " + place + "+" + size(items, type, pointer)));
      }
    }
  }

  private static String row(Types.Field f) {
    return f.type() instanceof Types.Bits b
        ? f.name() + " bits " + (8 * f.offset() + b.position()) + "+" + b.length()
        : f.name() + " " + f.offset() + "+" + f.type().size();
  }

  @ParameterizedTest
  @CsvSource({
    "clang, x86_64, types.cpp, -gdwarf-5",
    "clang, i686, types.cpp, -gdwarf-4",
    "clang, x86_64, types.cpp, -gdwarf-3",
    "clang, x86_64, shapes.cpp, -gdwarf-5",
    "gcc, x86_64, driver.c, -gdwarf-5",
    "gcc, i686, driver.c, -gdwarf-2",
  })
  void membersAreThoseOfLlvm(String compiler, String target, String source, String version)
      throws IOException {
    assumeTrue(DUMP.isThere(), "needs llvm-dwarfdump-19");
    Path driver =
        MingwSample.build(
            folder,
            compiler,
            target,
            source,
            "-g",
            "-O0",
            version,
            source.endsWith(".c") ? "-fno-exceptions" : "-fno-rtti");
    Map<Long, Item> items = items(DUMP.lines("--debug-info", driver.toString()).orElseThrow());
    CoffImage image = CoffImage.read(Bytes.map(driver));
    List<String> log = new ArrayList<>();
    DwarfSymbols symbols = DwarfSymbols.read(driver, Sections.of(image), image.symbols(), log::add);
    Types types = symbols.types();
    int compared = 0;
    for (Item item : items.values()) {
      if (item.is("structure_type", "class_type", "union_type")
          && !item.name().isEmpty()
          && !item.attributes.containsKey("declaration")) {
        String name = item.scope + item.name();
        List<String> want = new ArrayList<>();
        members(items, item, 0, target.equals("i686") ? 4 : 8, want);
        Types.StructType have = types.struct(name).orElseThrow();
        assertThat(have.size()).as(name).isEqualTo(item.number("byte_size"));
        assertThat(have.fields().stream().map(DwarfTypesTest::row))
            .as(name)
            .containsExactlyElementsOf(want);
        assertThat(types.names(name::equals)).containsExactly(name);
        compared++;
      }
    }
    assertThat(log).isEmpty();
    assertThat(compared).isGreaterThan(source.equals("types.cpp") ? 5 : 0);
    if (source.equals("types.cpp")) {
      variables(symbols);
    }
  }

  private static void variables(DwarfSymbols symbols) {
    assertThat(Types.spelled(symbols.data("extension").orElseThrow().type()))
        .isEqualTo("struct EXTENSION");
    assertThat(symbols.data("extension").orElseThrow().rva())
        .isEqualTo(symbols.named("extension").orElseThrow().rva());
    Types.Base number = new Types.Base("Int2B", 2, true, "short");
    assertThat(symbols.data("grid").orElseThrow().type())
        .isEqualTo(new Types.Array(new Types.Array(number, 3, 6), 4, 24));
    assertThat(symbols.types().named("LEVEL").orElseThrow())
        .isEqualTo(
            new Types.EnumType(
                "LEVEL",
                4,
                List.of(new Types.EnumValue("kLow", -2), new Types.EnumValue("kHigh", 7))));
    assertThat(symbols.types().named("PEXTENSION").map(Types::spelled))
        .contains("struct EXTENSION *");
  }
}
