// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** docs/compatibility.md lists every command that exists, and no other as existing. */
class CompatibilityTest {
  private static final Set<String> STATES =
      Set.of("same", "subset", "differs", "refused", "ours", "not planned");

  /** What the interpreter itself knows. */
  private static final Set<String> BUILT_IN = Set.of("q", "qq", "qd", ";", "*", "$$", "{", "}");

  private static final Pattern CODE = Pattern.compile("`([^`]*)`");

  /** A row: the names in its first column, its state, its notes. */
  private record Row(List<String> names, String state, String notes) {}

  private static List<Row> rows() throws IOException {
    Path document = Path.of(System.getProperty("jkd.root", ".."), "docs", "compatibility.md");
    Assumptions.assumeTrue(Files.exists(document), "needs the project's docs folder");
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(document)) {
      String[] cells = line.split("(?<!\\\\)\\|", -1);
      if (cells.length < 4 || !cells[1].contains("`")) {
        continue;
      }
      List<String> names = new ArrayList<>();
      Matcher code = CODE.matcher(cells[1]);
      while (code.find()) {
        names.addAll(List.of(code.group(1).replace("\\|", "|").split(" ", -1)));
      }
      rows.add(new Row(names, cells[2].strip(), cells[3].strip()));
    }
    return rows;
  }

  private static boolean exists(String name) {
    return BUILT_IN.contains(name) || CommandTable.find(name).isPresent();
  }

  @Test
  void every_row_says_what_is_true() throws IOException {
    Map<String, String> seen = new LinkedHashMap<>();
    for (Row row : rows()) {
      assertThat(row.state()).as(row.names().toString()).isIn(STATES);
      boolean needsReason =
          List.of("differs", "refused", "subset", "not planned").contains(row.state());
      assertThat(row.notes().isEmpty() && needsReason).as(row.names() + " needs a note").isFalse();
      for (String name : row.names()) {
        assertThat(seen.put(name, row.state())).as(name + " is listed twice").isNull();
        assertThat(exists(name)).as(name + " exists").isEqualTo(!row.state().equals("not planned"));
        assertThat(RefusedCommand.refuses(name)).as(name).isEqualTo(row.state().equals("refused"));
      }
    }
    assertThat(seen).hasSizeGreaterThan(400);
  }

  @Test
  void every_command_has_a_row() throws IOException {
    List<String> listed =
        rows().stream()
            .filter(r -> !r.state().equals("not planned"))
            .flatMap(r -> r.names().stream())
            .toList();
    for (CommandTable.Entry entry : CommandTable.entries()) {
      assertThat(listed).as(entry.name()).contains(entry.name().split(" ", -1));
    }
  }
}
