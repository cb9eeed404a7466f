// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.SoftAssertions;
import org.jkd.image.Bytes;
import org.jkd.symbols.InlineFrame;
import org.jkd.symbols.SourceLine;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.coff.CoffImage;
import org.jkd.testing.ExternalTool;
import org.jkd.testing.MingwSample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions, lines and inlined calls are those of {@code llvm-symbolizer}, byte by byte. */
class DwarfTest {
  private static final ExternalTool SYMBOLIZER = new ExternalTool("llvm-symbolizer-19");
  private static final ExternalTool DUMP = new ExternalTool("llvm-dwarfdump-19");

  @TempDir Path folder = Path.of("");

  private static DwarfSymbols read(CoffImage image, Path file) {
    List<String> log = new ArrayList<>();
    DwarfSymbols symbols = DwarfSymbols.read(file, Sections.of(image), image.symbols(), log::add);
    symbols.line(0);
    assertThat(log).isEmpty();
    return symbols;
  }

  /** The frames at an address as llvm-symbolizer prints them: a function and a place each. */
  private static List<String> frames(DwarfSymbols symbols, long rva) {
    List<String> result = new ArrayList<>();
    for (InlineFrame i : symbols.inlined(rva)) {
      result.add(i.name());
      result.add(i.line().map(l -> l.file() + ":" + l.line()).orElse(":0"));
    }
    result.add(symbols.nearest(rva).map(Symbol::name).orElse(""));
    result.add(symbols.line(rva).map(l -> l.file() + ":" + l.line()).orElse(":0"));
    return result;
  }

  @ParameterizedTest
  @CsvSource({
    "clang, x86_64, shapes.cpp, -O2, -gdwarf-5",
    "clang, i686, shapes.cpp, -O1, -gdwarf-4",
    "clang, x86_64, shapes.cpp, -O0, -gdwarf-3",
    "clang, x86_64, driver.c, -O2, -gdwarf-2",
    "gcc, x86_64, driver.c, -O2, -gdwarf-5",
    "gcc, i686, driver.c, -O2, -gdwarf-4",
    "gcc, x86_64, driver.c, -O0, -gdwarf-4",
    "gcc, i686, driver.c, -O1, -gdwarf-2",
  })
  void framesAreThoseOfLlvm(
      String compiler, String target, String source, String optimization, String version)
      throws IOException {
    assumeTrue(SYMBOLIZER.isThere(), "needs llvm-symbolizer-19");
    Path driver = MingwSample.build(folder, compiler, target, source, "-g", optimization, version);
    CoffImage image = CoffImage.read(Bytes.map(driver));
    DwarfSymbols symbols = read(image, driver);
    List<Long> places = new ArrayList<>();
    symbols.matching(n -> true).stream()
        .filter(s -> s.kind() == Symbol.Kind.PROCEDURE)
        .forEach(s -> {
          for (long i = 0; i < s.size(); i++) {
            places.add(s.rva() + i);
          }
        });
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--obj=" + driver,
                "--inlines",
                // In linkage names LLVM mixes those of gcc's COFF symbols, which it misreads.
                "--functions=" + (compiler.equals("gcc") ? "short" : "linkage"),
                "--demangle"));
    places.forEach(p -> arguments.add("0x" + Long.toHexString(image.imageBase() + p)));
    List<String> lines = SYMBOLIZER.lines(arguments.toArray(String[]::new)).orElseThrow();
    SoftAssertions all = new SoftAssertions();
    int at = 0;
    int inlined = 0;
    for (long rva : places) {
      List<String> ours = frames(symbols, rva);
      List<String> theirs = new ArrayList<>();
      for (; !lines.get(at).isEmpty(); at++) {
        theirs.add(lines.get(at));
      }
      at++;
      inlined += ours.size() > 2 ? 1 : 0;
      all.assertThat(ours).as("%x %s", rva, theirs).hasSameSizeAs(theirs);
      for (int i = 0; i < Math.min(ours.size(), theirs.size()); i += 2) {
        String name = ours.get(i).replace("`anonymous namespace'", "(anonymous namespace)");
        all.assertThat(theirs.get(i)).as("%x", rva).contains(name);
        // The column is behind the line.
        String place = theirs.get(i + 1).replaceFirst(":\\d+$", "").replace("??", "");
        boolean none = place.endsWith(":0");
        all.assertThat(none ? ":0" : place).as("%x", rva).isEqualTo(ours.get(i + 1));
      }
    }
    all.assertAll();
    assertThat(places).hasSizeGreaterThan(200);
    assertThat(inlined).isGreaterThan(optimization.equals("-O0") ? -1 : 10);
  }

  /** Functions and variables with their addresses are all those of {@code llvm-dwarfdump}. */
  @ParameterizedTest
  @CsvSource({"x86_64, -gdwarf-5", "i686, -gdwarf-4"})
  void functionsAndVariables(String target, String version) throws IOException {
    assumeTrue(DUMP.isThere(), "needs llvm-dwarfdump-19");
    Path driver = MingwSample.build(folder, "clang", target, "shapes.cpp", "-g", "-O1", version);
    CoffImage image = CoffImage.read(Bytes.map(driver));
    Map<Long, Symbol> ours = new TreeMap<>();
    read(image, driver).matching(n -> true).forEach(s -> ours.putIfAbsent(s.rva(), s));
    Pattern low = Pattern.compile("DW_AT_low_pc\\s+\\(0x([0-9a-f]+)\\)");
    Pattern high = Pattern.compile("DW_AT_high_pc\\s+\\(0x([0-9a-f]+)\\)");
    Pattern place = Pattern.compile("DW_AT_location\\s+\\(DW_OP_addr 0x([0-9a-f]+)\\)");
    int functions = 0;
    int variables = 0;
    long start = 0;
    String tag = "";
    for (String line : DUMP.lines("--debug-info", driver.toString()).orElseThrow()) {
      tag = line.contains("DW_TAG_") ? line.substring(line.indexOf("DW_TAG_")) : tag;
      Matcher l = low.matcher(line);
      if (l.find()) {
        start = Long.parseLong(l.group(1), 16) - image.imageBase();
      }
      Matcher h = high.matcher(line);
      if (h.find() && tag.equals("DW_TAG_subprogram")) {
        assertThat(Objects.requireNonNull(ours.get(start)).size())
            .isEqualTo(Long.parseLong(h.group(1), 16) - image.imageBase() - start);
        functions++;
      }
      Matcher p = place.matcher(line);
      if (p.find()) {
        assertThat(ours).containsKey(Long.parseLong(p.group(1), 16) - image.imageBase());
        variables++;
      }
    }
    assertThat(functions).isGreaterThan(4);
    assertThat(variables).isGreaterThan(version.equals("-gdwarf-4") ? 3 : -1);
    assertThat(ours.values().stream().map(Symbol::name))
        .contains(
            "shapes::Point::made",
            "shapes::Point::sum",
            "shapes::Box<int, 4>::last",
            "shapes::deep::state",
            "shapes::`anonymous namespace'::secret",
            "DriverEntry");
  }

  @Test
  void linesBeginWhereTheirCodeBegins() throws IOException {
    Path driver = MingwSample.build(folder, "clang", "x86_64", "shapes.cpp", "-g", "-O1");
    DwarfSymbols symbols = read(CoffImage.read(Bytes.map(driver)), driver);
    long entry = symbols.named("DriverEntry").orElseThrow().rva();
    SourceLine first = symbols.line(entry).orElseThrow();
    assertThat(symbols.lineStarts("shapes.cpp", first.line())).contains(entry);
    assertThat(symbols.lineStarts("apes.cpp", first.line())).isEmpty();
    assertThat(symbols.line(entry + first.size()).orElseThrow().rva())
        .isEqualTo(entry + first.size());
  }

  @Test
  void decoratedNamesComeFromTheImage() throws IOException {
    Path driver = MingwSample.build(folder, "clang", "i686", "driver.c", "-g", "-O1");
    DwarfSymbols symbols = read(CoffImage.read(Bytes.map(driver)), driver);
    assertThat(symbols.named("HogFarm").map(Symbol::decorated)).contains("_HogFarm@8");
    assertThat(symbols.named("@Fast@8").map(Symbol::name)).contains("Fast");
  }

  @Test
  void damagedSectionsEndInALine() throws IOException {
    Path driver = MingwSample.build(folder, "clang", "x86_64", "shapes.cpp", "-g", "-O1");
    byte[] good = Files.readAllBytes(driver);
    CoffImage image = CoffImage.read(Bytes.map(driver));
    List<CoffImage.Section> sections =
        image.sections().stream().filter(s -> s.name().startsWith(".debug_")).toList();
    Random random = new Random(11);
    int[] lines = {0};
    int whole = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] bad = good.clone();
      CoffImage.Section s = sections.get(random.nextInt(sections.size()));
      if (i % 4 == 0) {
        int from = random.nextInt((int) s.size());
        Arrays.fill(
            bad,
            (int) s.offset() + from,
            (int) (s.offset() + s.size()),
            (byte) (i % 8 == 0 ? 0 : -1));
      } else {
        for (int flips = 0; flips < 3; flips++) {
          bad[(int) s.offset() + random.nextInt((int) s.size())] ^= (byte) (1 << random.nextInt(8));
        }
      }
      CoffImage broken = CoffImage.read(Bytes.of("driver.sys", bad));
      DwarfSymbols symbols =
          DwarfSymbols.read(
              driver,
              Sections.of(broken),
              broken.symbols(),
              line -> {
                assertThat(line).doesNotContain("\n");
                lines[0]++;
              });
      for (long rva = 0x1000; rva < 0x1200; rva += 7) {
        symbols.line(rva);
        symbols.inlined(rva);
        whole += symbols.nearest(rva).isPresent() ? 1 : 0;
      }
    }
    assertThat(lines[0]).isGreaterThan(300);
    assertThat(whole).isGreaterThan(100_000);
  }
}
