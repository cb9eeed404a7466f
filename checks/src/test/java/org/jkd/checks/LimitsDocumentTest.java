// SPDX-License-Identifier: Apache-2.0
package org.jkd.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/limits.md} lists every cap that keeps a hostile file from costing more than it may,
 * with its value and meaning as they stand in the source. {@code -Djkd.format=apply} rewrites it.
 */
class LimitsDocumentTest {
  private static final Path ROOT = Path.of(System.getProperty("jkd.root", ".."));

  /** A constant, and the comment before it or the one that a group of constants shares. */
  private static final Pattern CAP =
      Pattern.compile(
          "(?:/\\*\\*((?:(?!\\*/).)*)\\*/\\s*)?(?:public |private |protected )?static final "
              + "(?:int|long) (MAX_\\w+)\\s*=\\s*([^;]+);",
          Pattern.DOTALL);

  private static final String HEAD =
      """
      # Limits

      Dumps, images, symbol files and archives are written by strangers. Nothing recurses, loops or allocates on a file's say-so beyond these
      caps; what lies behind a cap is left out, and the answer says so. The table is made from the source (`mvn verify -Djkd.format=apply`
      rewrites it, an ordinary build holds it to be up to date). What triage allows one dump to cost is in the record
      `org.jkd.triage.Limits` and has options on the command line.

      | where | cap | value | meaning |
      | --- | --- | --- | --- |
      """;

  @Test
  void every_cap_is_documented() throws IOException {
    Path document = ROOT.resolve("docs/limits.md");
    StringBuilder text = new StringBuilder(HEAD);
    rows().values().forEach(text::append);
    if ("apply".equals(System.getProperty("jkd.format"))) {
      Files.writeString(document, text);
    }
    assertThat(text).hasSizeGreaterThan(5000);
    assertThat(Files.readString(document))
        .as("docs/limits.md; mvn verify -Djkd.format=apply mends it")
        .isEqualTo(text.toString());
  }

  private static Map<String, String> rows() throws IOException {
    Map<String, String> rows = new TreeMap<>();
    for (String module : List.of("core", "engine", "triage", "app")) {
      Path sources = ROOT.resolve(module).resolve("src/main/java");
      try (Stream<Path> files = Files.walk(sources)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          add(sources.relativize(file).toString(), Files.readString(file), rows);
        }
      }
    }
    return rows;
  }

  private static void add(String file, String source, Map<String, String> rows) {
    String name = file.replace('\\', '/').replace(".java", "").replaceFirst("^org/jkd/", "");
    Matcher cap = CAP.matcher(source);
    while (cap.find()) {
      String comment = cap.group(1) == null ? "" : cap.group(1);
      String meaning =
          comment
              .replaceAll("\\s*\\n\\s*\\* ?", " ")
              .replaceAll("\\{@\\w+ ([^}]*)\\}", "$1")
              .replaceAll("<[^>]*>", "")
              .replace("|", "\\|")
              .strip();
      String value = cap.group(3).replaceAll("\\s+", " ").replace("|", "\\|");
      rows.put(
          name + " " + cap.group(2),
          "| `%s` | `%s` | `%s` | %s |\n".formatted(name, cap.group(2), value, meaning));
    }
  }
}
