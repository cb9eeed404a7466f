// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run's overview is made from. Of each dump it keeps the last row it was told, so that a
 * dump that changed between two runs counts once, as in the journal.
 */
final class Overview {
  private final Map<String, Dump> dumps = new LinkedHashMap<>();

  /**
   * The part of a row that the overview shows.
   *
   * @param driver the module that used most of a stack that ran out, else the one to ask
   * @param page address of its report, whether or not there is one
   */
  record Dump(
      String file,
      String time,
      String day,
      String bucket,
      String stop,
      String outcome,
      String driver,
      String driverVersion,
      String ask,
      String system,
      String category,
      String failure,
      String page) {}

  void add(Map<String, Object> row) {
    String path = Rows.text(row, "path");
    String member = Rows.text(row, "member");
    String outcome = Rows.text(row, "outcome");
    String driver = Rows.text(row, "driver");
    String suspect = Rows.text(row, "suspect");
    boolean ranOut = outcome.equals("overflow") || outcome.equals("likely overflow");
    boolean askDriver = suspect.isEmpty() || ranOut && !driver.isEmpty();
    dumps.put(
        path + "\0" + member,
        new Dump(
            member.isEmpty() ? path : path + " : " + member,
            Rows.text(row, "time"),
            Rows.text(row, "day"),
            Rows.text(row, "bucket"),
            joined(row, "code", "codeName"),
            outcome,
            driver,
            Rows.text(row, "driverVersion"),
            askDriver ? driver : suspect,
            joined(row, "os", "build", "servicePack", "arch"),
            Rows.text(row, "category"),
            Rows.text(row, "failure"),
            ReportPages.address(Rows.text(row, "key"), path, member)));
  }

  private static String joined(Map<String, Object> row, String... columns) {
    List<String> parts = new ArrayList<>();
    for (String column : columns) {
      String text = Rows.text(row, column);
      if (!text.isEmpty()) {
        parts.add(text);
      }
    }
    return String.join(" ", parts);
  }

  /** Writes {@code index.html}. Dumps link to those pages that are there. */
  void write(Path folder) throws IOException {
    Path index = folder.resolve("index.html");
    Path fresh = folder.resolve("index.html.new");
    OverviewPage page =
        new OverviewPage(
            List.copyOf(dumps.values()),
            address -> Files.isRegularFile(folder.resolve(address)),
            LocalDate.now(ZoneOffset.UTC));
    try (Writer out = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
      page.write(out);
    }
    Files.move(fresh, index, StandardCopyOption.REPLACE_EXISTING);
  }
}
