// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.pdb.CodeView;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.SymbolColumns;
import org.jkd.sample.Json;
import org.jkd.testing.ClangSample;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions, lines and inlined calls at every byte of code, as LLVM's symbolizer sees them. */
class PrivateSymbolsTest {
  private static PdbSymbols open(ClangSample sample) throws IOException {
    return new PdbSymbols(Pdb.open(Bytes.map(sample.pdb())), sample.pdb(), false);
  }

  /** Every address of every procedure. */
  private static List<Long> addresses(Pdb pdb) {
    List<Long> result = new ArrayList<>();
    SymbolColumns symbols = pdb.moduleSymbols();
    for (int i = 0; i < symbols.count(); i++) {
      if (CodeView.isProcedure(symbols.kind(i))) {
        for (long at = 0; at < symbols.length(i); at++) {
          result.add(symbols.sourceRva(i) + at);
        }
      }
    }
    return result;
  }

  /** {@code function file line} of each frame, the innermost first. */
  private static List<String> ours(ModuleSymbols symbols, long rva) {
    List<String> frames = new ArrayList<>();
    for (InlineFrame f : symbols.inlined(rva)) {
      frames.add(frame(f.name(), f.line()));
    }
    frames.add(frame(symbols.nearest(rva).orElseThrow().name(), symbols.line(rva)));
    return frames;
  }

  private static String frame(String function, Optional<SourceLine> line) {
    return function
        + " "
        + line.map(l -> l.file().substring(l.file().lastIndexOf('/') + 1) + " " + l.line())
            .orElse(" 0");
  }

  private static List<String> theirs(Json symbols) {
    List<String> frames = new ArrayList<>();
    for (Json s : symbols.list()) {
      String file = s.get("FileName").text();
      frames.add(
          s.get("FunctionName").text().replaceFirst("\\(.*", "")
              + " "
              + file.substring(file.lastIndexOf('/') + 1)
              + " "
              + s.get("Line").number());
    }
    return frames;
  }

  /**
   * Leaves out the lines of inlined frames that are, counted from the outermost one, the same as at
   * the address before.
   */
  private static List<String> comparable(
      List<String> frames, List<String> ours, List<String> before) {
    List<String> result = new ArrayList<>(frames);
    int shift = before.size() - ours.size();
    for (int i = 0; i + 1 < ours.size() && i + 1 < frames.size(); i++) {
      if (i + shift >= 0 && before.get(i + shift).equals(ours.get(i))) {
        result.set(i, frames.get(i).replaceFirst(" \\d+$", ""));
      }
    }
    return result;
  }

  @ParameterizedTest
  @CsvSource({
    "shapes.cpp, i686, /O2",
    "shapes.cpp, x86_64, /O2",
    "shapes.cpp, i686, /Od",
    "shapes.cpp, x86_64, /Od",
    "detour.cpp, i686, /O2",
    "detour.cpp, x86_64, /O2",
  })
  void linesAndInlinedCallsAreEqual(String source, String target, String option)
      throws IOException {
    Optional<ExternalTool> symbolizer = ClangSample.tool("llvm-symbolizer");
    assumeTrue(symbolizer.isPresent(), "needs llvm-symbolizer in PATH");
    ClangSample sample = ClangSample.build(source, target, option);
    ModuleSymbols symbols = open(sample);
    List<Long> addresses = addresses(Pdb.open(Bytes.map(sample.pdb())));
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "--obj=" + sample.image(), "--relative-address", "--inlines", "--output-style=JSON"));
    addresses.forEach(a -> arguments.add("0x" + Long.toHexString(a)));
    List<String> output = symbolizer.get().lines(arguments.toArray(String[]::new)).orElseThrow();
    List<Json> answers = Json.parse(String.join("\n", output)).list();
    assertThat(answers).hasSameSizeAs(addresses);
    int inlined = 0;
    List<String> before = List.of();
    for (int i = 0; i < answers.size(); i++) {
      List<String> want = theirs(answers.get(i).get("Symbol"));
      List<String> have = ours(symbols, addresses.get(i));
      // LLVM gives bytes behind the first one of a row the line of the next row (of inlined code
      // only; the compiler's listing shows it). Where a row begins, everything must be equal.
      assertThat(comparable(have, have, before))
          .as(
              String.format(
                  Locale.ROOT, "%s %s %s at 0x%x", source, target, option, addresses.get(i)))
          .isEqualTo(comparable(want, have, before));
      before = have;
      inlined += want.size() - 1;
    }
    assertThat(addresses).hasSizeGreaterThan(200);
    if (option.equals("/O2")) {
      assertThat(inlined).isGreaterThan(80);
    }
  }
}
