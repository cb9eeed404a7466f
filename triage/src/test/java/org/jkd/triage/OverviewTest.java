// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page about many dumps, read by an XML parser. */
class OverviewTest {
  private static final String HOSTILE = "<img src=x onerror=alert(1)>\"'&amp;\u0007\u202e\ud800";

  private static final LocalDate TODAY = LocalDate.of(2026, 11, 22);

  @TempDir Path folder;

  private static Document page(Path html) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    String text = Files.readString(html.resolve("index.html"));
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
  }

  private static List<Element> elements(Document page, String name) {
    NodeList found = page.getElementsByTagName(name);
    List<Element> list = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      list.add((Element) found.item(i));
    }
    return list;
  }

  private static List<Element> dumps(Document page) {
    return elements(page, "tr").stream()
        .filter(e -> e.getAttribute("class").equals("dump"))
        .toList();
  }

  private static List<String> links(Document page) {
    return elements(page, "a").stream().map(e -> e.getAttribute("href")).distinct().toList();
  }

  private Path sample() throws IOException {
    Path sample = Files.createDirectory(folder.resolve("sample"));
    SampleDumps.write(sample);
    return sample;
  }

  @Test
  void each_kernel_dump_of_a_folder_has_a_report_that_the_page_links() throws Exception {
    Path sample = sample();
    Path html = folder.resolve("html");
    Files.write(sample.resolve("torn.dmp"), new byte[] {1, 2, 3});
    SampleDumps.Ran ran = SampleDumps.run(sample.toString(), "--html", html.toString());

    assertThat(ran.code()).isZero();
    Document page = page(html);
    int rows = dumps(page).size();
    assertThat(ran.out()).startsWith(rows + " dumps in ");
    assertThat(links(page)).hasSize(rows - 1); // all but the torn one
    for (String link : links(page)) {
      assertThat(Files.readString(html.resolve(link))).contains("</html>").contains("StackHog");
    }
    try (var written = Files.list(html.resolve("dumps"))) {
      assertThat(written.filter(p -> p.toString().endsWith(".html"))).hasSize(rows - 1);
    }
    assertThat(page.getDocumentElement().getTextContent())
        .contains("not-a-dump", "BossHog01", "Windows Server 2003");
  }

  @Test
  void reports_share_one_script_and_one_style() throws Exception {
    Path sample = sample();
    Path html = folder.resolve("html");
    SampleDumps.run(sample.toString(), "--html", html.toString());

    Map<String, Long> sizes = new HashMap<>();
    try (var written = Files.list(html.resolve("dumps"))) {
      for (Path file : written.toList()) {
        sizes.put(file.getFileName().toString(), Files.size(file));
      }
    }
    List<String> shared = sizes.keySet().stream().filter(n -> !n.endsWith(".html")).toList();
    assertThat(shared).hasSize(2).allMatch(n -> n.matches("report-[0-9a-f]{8}\\.(js|css)"));
    assertThat(sizes.keySet()).hasSizeGreaterThan(3);
    sizes.forEach((name, size) -> {
      if (name.endsWith(".html")) {
        assertThat(size).as(name).isLessThan(200_000);
        assertThat(html.resolve("dumps").resolve(name))
            .content()
            .contains(
                "src=\"" + only(shared, ".js") + "\"", "href=\"" + only(shared, ".css") + "\"")
            .doesNotContain("d3js.org");
      }
    });
    assertThat(html.resolve("dumps").resolve(only(shared, ".js"))).content().contains("d3js.org");
  }

  private static String only(List<String> names, String ending) {
    return names.stream().filter(n -> n.endsWith(ending)).findFirst().orElseThrow();
  }

  @Test
  void names_that_dumps_and_files_bring_stay_text() throws Exception {
    Overview overview = new Overview();
    Map<String, Object> row = new HashMap<>();
    for (Column column : Column.ALL) {
      if (column.type() == Column.Type.TEXT) {
        row.put(column.name(), HOSTILE);
      }
    }
    row.put("key", "0123456789abcdef");
    row.put("day", "2009-11-07");
    overview.add(row);
    Path dumps = Files.createDirectory(folder.resolve("dumps"));
    String address = ReportPages.address("0123456789abcdef", HOSTILE, HOSTILE);
    Files.createFile(folder.resolve(address));
    overview.write(folder);

    Document page = page(folder);
    assertThat(elements(page, "img")).isEmpty();
    assertThat(elements(page, "script")).hasSize(1);
    assertThat(links(page)).containsExactly(address);
    assertThat(folder.resolve(address).getParent()).isEqualTo(dumps);
    String shown = "<img src=x onerror=alert(1)>\"'&amp;\ufffd\ufffd\ufffd";
    assertThat(dumps(page).getFirst().getAttribute("data-bucket")).isEqualTo(shown);
    assertThat(dumps(page).getFirst().getTextContent()).contains(shown);
    assertThat(elements(page, "title").getLast().getTextContent()).contains(shown);
  }

  @Test
  void the_address_of_a_report_cannot_leave_its_folder() {
    assertThat(ReportPages.address("0011", "/x/..\\..\\a b.dmp", ""))
        .isEqualTo("dumps/a_b.dmp-0011.html");
    assertThat(ReportPages.address("0011", "/x/a.zip", "../..")).isEqualTo("dumps/..-0011.html");
    assertThat(ReportPages.address("0011", "/" + "x".repeat(5000), "").length()).isLessThan(120);
    assertThat(ReportPages.address("../../../x", "/a.dmp", ""))
        .isEqualTo("dumps/a.dmp-.._.._.._x.html");
  }

  @Test
  void rows_of_an_earlier_run_are_in_the_page_and_a_dump_that_changed_counts_once()
      throws Exception {
    Path sample = sample();
    Path rows = folder.resolve("rows.jsonl");
    Path html = folder.resolve("html");
    Path small = sample.resolve(ReferenceCase.SMALL);
    String[] again = {
      sample.toString(), "--out", rows.toString(), "--html", html.toString(), "--resume"
    };
    SampleDumps.run(small.toString(), "--out", rows.toString(), "--html", html.toString());
    assertThat(dumps(page(html))).hasSize(1);
    SampleDumps.run(again);
    List<String> links = links(page(html));
    assertThat(dumps(page(html))).hasSize(SampleDumps.rows(rows).size());
    assertThat(links).hasSize(SampleDumps.rows(rows).size());

    Files.write(small, new byte[] {1});
    SampleDumps.run(again);
    assertThat(dumps(page(html))).hasSize(links.size());
    assertThat(links(page(html))).hasSize(links.size() - 1);
  }

  @Test
  void bars_are_of_the_smallest_unit_that_fits() {
    assertThat(chart("2026-01-01", "2026-02-20")).contains("one bar per day");
    assertThat(chart("2026-01-01", "2026-06-20")).contains("per week", "week of 2025-12-29");
    assertThat(chart("2022-01-31", "2026-06-20")).contains("per month", "2022-01: 1 dumps");
    assertThat(chart("1995-01-31", "2026-06-20")).contains("per year", "1995: 1 dumps");
    assertThat(chart("1601-01-31", "9999-06-20")).contains("years without dumps are left out");
    assertThat(TimeChart.day("+30828-01-")).isEmpty();
    assertThat(new TimeChart(List.of(), TODAY).svg()).isEmpty();
  }

  @Test
  void days_of_wrong_clocks_do_not_stretch_the_chart() {
    TimeChart chart = new TimeChart(List.of("a"), TODAY);
    for (int i = 0; i < 40; i++) {
      chart.add(LocalDate.of(2026, 9, 1).plusDays(i), "a");
    }
    List<String> days =
        List.of("1601-01-01", "1980-01-01", "2002-01-01", "2026-11-30", "2107-12-31");
    for (String day : days) {
      chart.add(LocalDate.parse(day), "a");
      assertThat(chart.drawn()).as(day).hasSize(40).doesNotContainKey(LocalDate.parse(day));
    }
    assertThat(chart.svg()).contains("one bar per day", "2026-09-01", "2026-10-10");
    chart.add(LocalDate.parse("2026-03-01"), "a");
    assertThat(chart.drawn()).as("half a year before is no wrong clock").hasSize(41);
    assertThat(chart.svg()).contains("one bar per week");
  }

  @Test
  void dumps_of_many_years_are_all_drawn() {
    TimeChart chart = new TimeChart(List.of("a"), TODAY);
    for (int year = 2004; year <= 2026; year += 3) {
      chart.add(LocalDate.of(year, 5, 1), "a");
    }
    assertThat(chart.drawn()).hasSize(8);
    assertThat(chart.svg()).contains("per year", "2004: 1 dumps", "2025: 1 dumps");
  }

  @Test
  void wrong_clocks_are_named_beside_the_chart() throws Exception {
    Overview overview = new Overview();
    for (int i = 0; i < 50; i++) {
      String day =
          i == 7 ? "1601-01-01" : i < 18 && i > 7 ? "2107-01-01" : "2020-10-" + (10 + i % 9);
      overview.add(Map.of("path", "/x/d" + i + ".dmp", "day", day, "time", day + "T00:00:00Z"));
    }
    overview.write(folder);

    String text = page(folder).getDocumentElement().getTextContent();
    assertThat(text)
        .contains("Far from all others by their clocks, and not drawn: 1601-01-01 x/d7.dmp; 2107")
        .contains("; and 3 more")
        .contains("2020-10-10 to 2020-10-18");
    assertThat(elements(page(folder), "td").stream())
        .filteredOn(cell -> cell.getAttribute("class").endsWith("day"))
        .extracting(Element::getTextContent)
        .containsExactly("2020-10-10", "2020-10-18");
  }

  private static String chart(String first, String last) {
    TimeChart chart = new TimeChart(List.of("a"), TODAY);
    chart.add(LocalDate.parse(first), "a");
    chart.add(LocalDate.parse(last), "b");
    return chart.svg();
  }
}
