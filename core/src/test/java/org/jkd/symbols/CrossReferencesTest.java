// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.image.Bytes;
import org.jkd.pdb.Pdb;
import org.jkd.sample.SharedFolder;
import org.jkd.testing.ClangSample;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.api.Test;

/**
 * Names of inlined functions in code that was generated at link time: the dumper prints the three
 * tables that lead to them, the test puts them together.
 */
class CrossReferencesTest {
  private static final Pattern MODULE = Pattern.compile("^\\s*Mod (\\d+) \\| `(.*)`: *$");
  private static final Pattern PAIR = Pattern.compile("^ *0x([0-9A-F]+) \\| 0x([0-9A-F]+) *$");
  private static final Pattern NUMBER = Pattern.compile("0x([0-9A-F]+)");
  private static final Pattern ID = Pattern.compile("^ *0x([0-9A-F]+) \\| LF_M?FUNC_ID ");
  private static final Pattern NAME = Pattern.compile("^ *name = (.*?), type = ");
  private static final Pattern CODE = Pattern.compile("addr = (\\d+):(\\d+), code size");
  private static final Pattern CALL = Pattern.compile("inlinee = 0x([0-9A-F]+)");
  private static final Pattern START = Pattern.compile("code 0x([0-9A-F]+)");

  private static int hex(String text) {
    return Integer.parseUnsignedInt(text, 16);
  }

  /** The lines of each module in a table of the dump. */
  private static Map<String, List<String>> modules(List<String> dump) {
    Map<String, List<String>> result = new HashMap<>();
    List<String> lines = new ArrayList<>();
    for (String line : dump) {
      Matcher module = MODULE.matcher(line);
      if (module.matches()) {
        lines = new ArrayList<>();
        result.put(module.group(1) + " " + module.group(2).toLowerCase(Locale.ROOT), lines);
      } else {
        lines.add(line);
      }
    }
    return result;
  }

  private static Map<Integer, String> names(List<String> dump) {
    Map<Integer, String> result = new HashMap<>();
    int id = 0;
    for (String line : dump) {
      Matcher head = ID.matcher(line);
      Matcher name = NAME.matcher(line);
      if (head.find()) {
        id = hex(head.group(1));
      } else if (name.find()) {
        result.putIfAbsent(id, name.group(1));
      }
    }
    return result;
  }

  /** The numbers that a module imports, in order, each with the end of the exporter's name. */
  private static List<Map.Entry<String, Integer>> imports(List<String> lines) {
    List<Map.Entry<String, Integer>> result = new ArrayList<>();
    String from = "";
    for (String line : lines) {
      int bar = line.indexOf('|');
      if (line.contains("Imported Module")) {
        continue;
      }
      from = bar < 0 ? from : line.substring(0, bar).strip().replaceFirst("^\\.\\.\\.", "");
      Matcher number = NUMBER.matcher(line.substring(bar + 1));
      while (number.find()) {
        result.add(Map.entry(from.toLowerCase(Locale.ROOT), hex(number.group(1))));
      }
    }
    return result;
  }

  private static int export(Map<String, List<String>> exports, Map.Entry<String, Integer> wanted) {
    for (Map.Entry<String, List<String>> module : exports.entrySet()) {
      for (String line :
          module.getKey().endsWith(wanted.getKey()) ? module.getValue() : List.<String>of()) {
        Matcher pair = PAIR.matcher(line);
        if (pair.matches() && hex(pair.group(1)) == wanted.getValue()) {
          return hex(pair.group(2));
        }
      }
    }
    return -1;
  }

  @Test
  void inlinedFunctionsOfOtherCompilandsHaveTheirNames() throws IOException {
    Optional<Path> file = SharedFolder.find("data/pdb/sentry/crash.pdb");
    assumeTrue(file.isPresent(), "needs ../shared/data/pdb/sentry/crash.pdb");
    Optional<ExternalTool> tool = ClangSample.tool("llvm-pdbutil");
    assumeTrue(tool.isPresent(), "needs llvm-pdbutil in PATH");
    String path = file.get().toString();
    Map<String, List<String>> imports =
        modules(tool.get().lines("dump", "-xmi", path).orElseThrow());
    Map<String, List<String>> exports =
        modules(tool.get().lines("dump", "-xme", path).orElseThrow());
    Map<Integer, String> names = names(tool.get().lines("dump", "-ids", path).orElseThrow());
    Map<String, List<String>> symbols =
        modules(tool.get().lines("dump", "-symbols", path).orElseThrow());
    Pdb pdb = Pdb.open(Bytes.map(file.get()));
    ModuleSymbols ours = new PdbSymbols(pdb, file.get(), false);
    int checked = 0;
    for (Map.Entry<String, List<String>> module : symbols.entrySet()) {
      List<Map.Entry<String, Integer>> list =
          imports(imports.getOrDefault(module.getKey(), List.of()));
      long procedure = -1;
      int id = 0;
      for (String line : module.getValue()) {
        Matcher code = CODE.matcher(line);
        Matcher call = CALL.matcher(line);
        Matcher start = START.matcher(line);
        if (code.find()) {
          procedure =
              pdb.sections()
                  .orElseThrow()
                  .rva(Integer.parseInt(code.group(1)), Long.parseLong(code.group(2)));
        } else if (call.find()) {
          id = hex(call.group(1));
        } else if (id < 0 && start.find()) {
          String want = names.getOrDefault(export(exports, list.get(id & 0xf_ffff)), "?");
          long rva = procedure + Long.parseLong(start.group(1), 16);
          assertThat(ours.inlined(rva).stream().map(InlineFrame::name))
              .as("%s at 0x%x", module.getKey(), rva)
              .anyMatch(name -> name.equals(want) || name.endsWith("::" + want));
          checked++;
          id = 0;
        }
      }
    }
    assertThat(checked).isGreaterThan(50);
  }
}
