// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jkd.triage.Overview.Dump;

/**
 * The overview as one page that needs no network and runs no script but its own. It is XML as well
 * as HTML, so that any parser can check it.
 */
final class OverviewPage {
  /** Buckets with a colour of their own; the style sheet has as many. */
  private static final int COLOURS = 7;

  private static final int EXAMPLES = 3;

  /** Dumps with a wrong clock that are named beside the chart. */
  private static final int STRAYS = 8;

  /** Rows of one table; browsers get slow beyond. */
  private static final int MAX_LINES = 20_000;

  private final List<Dump> dumps;
  private final Predicate<String> exists;
  private final List<Bucket> buckets;
  private final List<String> largest;
  private final TimeChart chart;

  /** The days of the chart. */
  private final SortedMap<LocalDate, int[]> drawn;

  /** The dumps of one bucket, in the order in which the systems stopped. */
  private record Bucket(String name, List<Dump> dumps) {}

  /**
   * @param exists tells of an address of a report whether it is there
   */
  OverviewPage(List<Dump> all, Predicate<String> exists, LocalDate today) {
    List<Dump> sorted = new ArrayList<>(all);
    sorted.sort(Comparator.comparing(Dump::time).thenComparing(Dump::file));
    this.dumps = sorted;
    this.exists = exists;
    this.buckets =
        groups(Dump::bucket).entrySet().stream()
            .map(e -> new Bucket(e.getKey(), e.getValue()))
            .sorted(
                Comparator.comparingInt((Bucket b) -> b.dumps().size())
                    .reversed()
                    .thenComparing(Bucket::name))
            .toList();
    this.largest = buckets.stream().limit(COLOURS).map(Bucket::name).toList();
    this.chart = new TimeChart(largest, today);
    for (Dump dump : dumps) {
      TimeChart.day(dump.day()).ifPresent(d -> chart.add(d, dump.bucket()));
    }
    this.drawn = chart.drawn();
  }

  private Map<String, List<Dump>> groups(Function<Dump, String> key) {
    Map<String, List<Dump>> groups = new TreeMap<>();
    for (Dump dump : dumps) {
      groups.computeIfAbsent(key.apply(dump), k -> new ArrayList<>()).add(dump);
    }
    return groups;
  }

  void write(Writer out) throws IOException {
    String script = resource("overview.js");
    String hash =
        Base64.getEncoder()
            .encodeToString(FileDigest.sha256().digest(script.getBytes(StandardCharsets.UTF_8)));
    out.write(
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
        style-src 'unsafe-inline'; script-src 'sha256-%s'"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>%d crash dumps</title>
        <style>%s</style></head><body>
        """
            .formatted(hash, dumps.size(), resource("overview.css")));
    totals(out);
    overTime(out);
    buckets(out);
    counts(
        out,
        "Drivers and versions",
        "the module that does not come with Windows and used most of the stack",
        List.of("driver", "version"),
        d -> d.driver().isEmpty() ? "" : d.driver() + "\0" + d.driverVersion());
    counts(out, "Systems", "by name, build and processor", List.of("system"), Dump::system);
    counts(
        out,
        "Bug checks and exceptions",
        "why the dumps were written",
        List.of("code"),
        Dump::stop);
    failures(out);
    all(out);
    out.write("<script>" + script + "</script></body></html>\n");
  }

  private void totals(Writer out) throws IOException {
    String span = drawn.isEmpty() ? "" : drawn.firstKey() + " to " + drawn.lastKey();
    out.write("<header><h1>" + dumps.size() + " crash dumps</h1><p class=\"hint\">");
    out.write(Html.escape(span) + "</p></header>\n<main><section class=\"tiles\">");
    tile(out, dumps.size(), "dumps");
    tile(out, buckets.size(), "buckets");
    tile(
        out, dumps.stream().filter(d -> d.outcome().equals("overflow")).count(), "stack overflows");
    tile(out, dumps.stream().filter(d -> exists.test(d.page())).count(), "with a report");
    tile(out, dumps.stream().filter(d -> !d.category().isEmpty()).count(), "with a failure");
    out.write("</section>\n");
  }

  private static void tile(Writer out, long number, String what) throws IOException {
    out.write("<div class=\"tile\"><b>" + number + "</b><span>" + what + "</span></div>");
  }

  private void overTime(Writer out) throws IOException {
    out.write("<section><h2>Over time</h2>\n" + chart.svg() + "<ul class=\"legend\">");
    for (int i = 0; i < largest.size(); i++) {
      legend(out, String.valueOf(i), name(largest.get(i)));
    }
    if (buckets.size() > largest.size()) {
      legend(out, "x", "other buckets");
    }
    out.write("</ul>");
    strays(out);
    long undated = dumps.stream().filter(d -> TimeChart.day(d.day()).isEmpty()).count();
    if (undated > 0) {
      out.write("<p class=\"hint\">Without a usable time, and not drawn: " + undated + "</p>");
    }
    out.write("</section>\n");
  }

  /** Dumps whose clock puts them far from all others. */
  private void strays(Writer out) throws IOException {
    List<Dump> strays =
        dumps.stream()
            .filter(d -> TimeChart.day(d.day()).filter(t -> !drawn.containsKey(t)).isPresent())
            .toList();
    if (strays.isEmpty()) {
      return;
    }
    out.write("<p class=\"hint strays\">Far from all others by their clocks, and not drawn: ");
    List<String> named =
        strays.stream()
            .limit(STRAYS)
            .map(d ->
                "<span class=\"day\">" + Html.escape(d.day()) + "</span> " + link(d, shortName(d)))
            .toList();
    out.write(String.join("; ", named));
    int more = strays.size() - named.size();
    out.write((more == 0 ? "" : "; and " + more + " more") + "</p>");
  }

  private static void legend(Writer out, String colour, String name) throws IOException {
    out.write("<li><svg class=\"key\" viewBox=\"0 0 10 10\"><rect class=\"c" + colour);
    out.write("\" width=\"10\" height=\"10\"/></svg>" + name + "</li>");
  }

  private void buckets(Writer out) throws IOException {
    head(out, "Buckets", "crashes of one cause; a column's head sorts, a count lists its dumps");
    columns(out, "n:count", "bucket", "driver", "far day:first", "day:last", "far:examples");
    for (Bucket bucket : buckets.subList(0, Math.min(MAX_LINES, buckets.size()))) {
      out.write("<tr><td class=\"n\"><button class=\"pick\" data-bucket=\"");
      out.write(Html.escape(bucket.name()) + "\">" + bucket.dumps().size() + "</button></td>");
      cell(out, "", name(bucket.name()));
      cell(out, "word", Html.escape(most(bucket.dumps())));
      List<String> days = days(bucket);
      cell(out, "far day", Html.escape(days.getFirst()));
      cell(out, "day", Html.escape(days.getLast()));
      List<String> examples =
          bucket.dumps().stream()
              .sorted(Comparator.comparing((Dump d) -> !exists.test(d.page())))
              .limit(EXAMPLES)
              .map(d -> link(d, shortName(d)))
              .toList();
      cell(out, "far", String.join("<br/>", examples));
      out.write("</tr>\n");
    }
    foot(out, buckets.size());
  }

  /** Days on which dumps of a bucket were written, those of wrong clocks only if all are such. */
  private List<String> days(Bucket bucket) {
    List<String> all = bucket.dumps().stream().map(Dump::day).filter(d -> !d.isEmpty()).toList();
    List<String> sound =
        all.stream().filter(d -> TimeChart.day(d).filter(drawn::containsKey).isPresent()).toList();
    return !sound.isEmpty() ? sound : all.isEmpty() ? List.of("") : all;
  }

  /** The module that most of the dumps speak of. */
  private static String most(List<Dump> dumps) {
    Map<String, Integer> counts = new HashMap<>();
    dumps.stream()
        .map(Dump::ask)
        .filter(a -> !a.isEmpty())
        .forEach(a -> counts.merge(a, 1, Integer::sum));
    return counts.entrySet().stream()
        .min(
            Map.Entry.<String, Integer>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  /** A table of how often each value occurs; values have their parts separated by NUL. */
  private void counts(
      Writer out, String title, String hint, List<String> names, Function<Dump, String> key)
      throws IOException {
    Map<String, List<Dump>> groups = groups(key);
    groups.remove("");
    if (groups.isEmpty()) {
      return;
    }
    head(out, title, hint);
    List<String> columns = new ArrayList<>(List.of("n:count", "bar:"));
    columns.addAll(names);
    columns(out, columns.toArray(String[]::new));
    List<Map.Entry<String, List<Dump>>> sorted = new ArrayList<>(groups.entrySet());
    sorted.sort(Comparator.comparing(e -> -e.getValue().size()));
    int top = sorted.getFirst().getValue().size();
    for (Map.Entry<String, List<Dump>> e : sorted.subList(0, Math.min(MAX_LINES, sorted.size()))) {
      int count = e.getValue().size();
      out.write("<tr>");
      cell(out, "n", String.valueOf(count));
      cell(
          out,
          "bar",
          "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\"><rect class=\"c0\" width=\""
              + Math.max(1, 100L * count / top)
              + "\" height=\"8\"/></svg>");
      for (String part : e.getKey().split("\0", -1)) {
        cell(out, "", Html.escape(part));
      }
      out.write("</tr>\n");
    }
    foot(out, sorted.size());
  }

  private void failures(Writer out) throws IOException {
    Map<String, List<Dump>> groups = groups(Dump::category);
    groups.remove("");
    if (groups.isEmpty()) {
      return;
    }
    head(out, "Failures", "dumps that could not be read to their end, by category");
    columns(out, "n:count", "category", "for instance");
    for (Map.Entry<String, List<Dump>> e : groups.entrySet()) {
      Dump example = e.getValue().getFirst();
      out.write("<tr>");
      cell(out, "n", String.valueOf(e.getValue().size()));
      cell(out, "", Html.escape(e.getKey()));
      String text = link(example, shortName(example)) + ": " + Html.escape(example.failure());
      cell(out, "", text);
      out.write("</tr>\n");
    }
    foot(out, groups.size());
  }

  private void all(Writer out) throws IOException {
    head(out, "Dumps", "a name leads to the dump's own report; user-mode dumps have none");
    out.write("<p><input id=\"filter\" type=\"search\" placeholder=\"filter\" ");
    out.write("aria-label=\"filter the dumps\"/> <span id=\"shown\" class=\"hint\"></span></p>");
    columns(out, "dump", "stopped", "bucket", "far:driver", "far:system", "failure");
    for (Dump dump : dumps.subList(0, Math.min(MAX_LINES, dumps.size()))) {
      out.write("<tr class=\"dump\" data-bucket=\"" + Html.escape(dump.bucket()) + "\">");
      cell(out, "", link(dump, breakable(dump.file())));
      cell(out, "", moment(dump.time()));
      cell(out, "", name(dump.bucket()));
      cell(out, "far", Html.escape(dump.ask()));
      cell(out, "far", Html.escape(dump.system()));
      cell(out, "", Html.escape(dump.category()));
      out.write("</tr>\n");
    }
    foot(out, dumps.size());
    out.write("</main>\n");
  }

  /** Day and time, which may stand below each other. */
  private static String moment(String time) {
    int t = time.indexOf('T');
    return t < 0
        ? Html.escape(time)
        : "<span class=\"day\">"
            + Html.escape(time.substring(0, t))
            + "</span> "
            + Html.escape(time.substring(t + 1).replace("Z", ""));
  }

  /** Long names break where people would break them. */
  private static String breakable(String name) {
    return Html.escape(name).replaceAll("[_!/\\\\]", "$0<wbr/>");
  }

  private static String name(String bucket) {
    return bucket.isEmpty() ? "(none)" : breakable(bucket);
  }

  private static String shortName(Dump dump) {
    // With its folder: in a fleet every dump is called MEMORY.DMP.
    String[] parts = dump.file().split("[/\\\\]+", -1);
    int from = Math.max(0, parts.length - 2);
    return breakable(String.join("/", List.of(parts).subList(from, parts.length)));
  }

  private String link(Dump dump, String text) {
    return exists.test(dump.page()) ? "<a href=\"" + dump.page() + "\">" + text + "</a>" : text;
  }

  private static void head(Writer out, String title, String hint) throws IOException {
    out.write("<section><h2>" + title + "</h2><p class=\"hint\">" + hint + "</p>\n");
  }

  /** The head of a table; a name may have its class before a colon. */
  private static void columns(Writer out, String... names) throws IOException {
    out.write("<div class=\"scroll\"><table><thead><tr>");
    for (String name : names) {
      int colon = name.indexOf(':');
      String title = name.substring(colon + 1);
      out.write("<th class=\"" + (colon < 0 ? "" : name.substring(0, colon)) + "\">");
      out.write(title.isEmpty() ? "" : "<button class=\"sort\">" + title + "</button>");
      out.write("</th>");
    }
    out.write("</tr></thead><tbody>\n");
  }

  private static void cell(Writer out, String kind, String html) throws IOException {
    out.write("<td class=\"" + kind + "\">" + html + "</td>");
  }

  private static void foot(Writer out, int lines) throws IOException {
    out.write("</tbody></table></div>");
    if (lines > MAX_LINES) {
      out.write("<p class=\"hint\">and " + (lines - MAX_LINES) + " more</p>");
    }
    out.write("</section>\n");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = OverviewPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
