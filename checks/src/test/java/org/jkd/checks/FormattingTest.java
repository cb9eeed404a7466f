// SPDX-License-Identifier: Apache-2.0
package org.jkd.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every source file is formatted as google-java-format does it. Runs as a test because tests run on
 * the selected JDK 25 even where Maven itself runs on 17, which no formatter plugin does. {@code
 * -Djkd.format=apply} rewrites the files instead.
 */
class FormattingTest {
  private static final Path ROOT = Path.of(System.getProperty("jkd.root", ".."));

  @Test
  void every_source_file_is_formatted() throws Exception {
    boolean apply = "apply".equals(System.getProperty("jkd.format"));
    Formatter formatter = new Formatter(JavaFormatterOptions.defaultOptions());
    List<String> wrong = new ArrayList<>();
    for (Path file : sources()) {
      String text = Files.readString(file);
      String formatted =
          formatter.formatSource(
              ImportOrderer.reorderImports(
                  RemoveUnusedImports.removeUnusedImports(text),
                  JavaFormatterOptions.Style.GOOGLE));
      if (!formatted.equals(text)) {
        wrong.add(ROOT.relativize(file).toString());
        if (apply) {
          Files.writeString(file, formatted);
        }
      }
    }
    if (!apply) {
      assertThat(wrong).as("not formatted; mvn verify -Djkd.format=apply mends it").isEmpty();
    }
  }

  private static List<Path> sources() throws Exception {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.filter(m -> Files.exists(m.resolve("pom.xml"))).toList()) {
        Path src = module.resolve("src");
        if (Files.isDirectory(src)) {
          try (Stream<Path> tree = Files.walk(src)) {
            tree.filter(f -> f.toString().endsWith(".java")).sorted().forEach(files::add);
          }
        }
      }
    }
    return files;
  }
}
