// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Rows as RFC 4180 has them: quoted where need be, ended by CR LF, the names of the columns first.
 * Lists are one field, their parts joined by {@code " < "}. A text that a spreadsheet would take
 * for a formula has an apostrophe before it.
 */
final class CsvFile {
  private CsvFile() {}

  /** Writes the rows of a journal. */
  static void write(Path journal, Path target) throws IOException {
    try (BufferedReader in = Journal.reader(journal);
        Writer out = Files.newBufferedWriter(target, StandardCharsets.UTF_8)) {
      out.write(String.join(",", Column.ALL.stream().map(Column::name).toList()));
      out.write("\r\n");
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Map<String, Object> row = Rows.parse(line);
        boolean first = true;
        for (Column column : Column.ALL) {
          if (!first) {
            out.write(',');
          }
          first = false;
          out.write(field(Rows.text(row, column.name()), column.type()));
        }
        out.write("\r\n");
      }
    }
  }

  static String field(String value, Column.Type type) {
    boolean text = type == Column.Type.TEXT || type == Column.Type.TEXTS;
    String safe =
        text && !value.isEmpty() && "=+-@\t\r".indexOf(value.charAt(0)) >= 0 ? "'" + value : value;
    return safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
        ? '"' + safe.replace("\"", "\"\"") + '"'
        : safe;
  }
}
