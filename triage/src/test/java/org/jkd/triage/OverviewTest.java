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
      assertThat(written).hasSize(rows - 1);
    }
    assertThat(page.getDocumentElement().getTextContent())
        .contains("not-a-dump", "BossHog01", "Windows Server 2003");
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
    assertThat(chart("1980-01-31", "2026-06-20")).contains("per year", "1980: 1 dumps");
    assertThat(chart("1601-01-31", "9999-06-20")).contains("years without dumps are left out");
    assertThat(TimeChart.day("+30828-01-")).isEmpty();
    assertThat(new TimeChart(List.of()).svg()).isEmpty();
  }

  private static String chart(String first, String last) {
    TimeChart chart = new TimeChart(List.of("a"));
    chart.add(LocalDate.parse(first), "a");
    chart.add(LocalDate.parse(last), "b");
    return chart.svg();
  }
}
