// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jkd.engine.command.Debuggee;
import org.jkd.sample.Json;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.jkd.sample.crash.Misdiagnosis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser shows it, wide and narrow, light and dark. CONTRIBUTING says what for. */
class PageTest {
  private static final Path SCRIPT = Path.of("src/test/browser/page.mjs").toAbsolutePath();

  @TempDir private Path folder;

  private final Map<String, StackReport> reports = new LinkedHashMap<>();

  @Test
  void showsEveryFrameAndItsEvidenceAtAnyWidth() throws IOException, InterruptedException {
    String node = tool("node");
    String browser = tool("chromium", "chromium-browser", "google-chrome");
    assumeTrue(!node.isEmpty(), "needs node");
    assumeTrue(!browser.isEmpty(), "needs chromium");
    assumeTrue(
        Files.isDirectory(SCRIPT.resolveSibling("node_modules/playwright-core")),
        "needs 'npm ci' in engine/src/test/browser");
    ReferenceCase.writeTo(folder);
    page(
        "reference",
        folder.resolve(ReferenceCase.COMPLETE),
        folder.resolve(ReferenceCase.SYMBOLS).toString(),
        folder.resolve(ReferenceCase.IMAGES).toString());
    Path recursion = folder.resolve("recursion.dmp");
    Misdiagnosis.STACK_SWITCH.write(recursion);
    page("recursion", recursion, "", "");
    besideItsScript("beside", Objects.requireNonNull(reports.get("recursion")));
    Path other = folder.resolve("other.dmp");
    Misdiagnosis.NULL_POINTER.write(other);
    page("other", other, "", "");
    Optional<Path> real = SharedFolder.find("data/kernel/50_0.dmp");
    if (real.isPresent()) {
      page("real", real.orElseThrow(), "", "");
    }
    List<Json> seen = run(node, browser);
    assertThat(seen).hasSize(4 + 2 * (reports.size() - 1));
    seen.forEach(this::check);
  }

  private void check(Json seen) {
    String name = seen.get("page").text().replace(".html", "");
    String at = name + " " + seen.get("width").number() + " " + seen.get("colorScheme").text();
    StackReport report = Objects.requireNonNull(reports.get(name));
    int frames = report.stack().frames().size();
    assertThat(texts(seen.get("errors"))).as(at).isEmpty();
    assertThat(texts(seen.get("requests"))).as(at + ": needs no network").isEmpty();
    assertThat(seen.get("frames").number()).as(at + ": blocks of the map").isEqualTo(frames);
    assertThat(seen.get("rows").number()).as(at + ": rows of the table").isEqualTo(frames);
    assertThat(seen.get("guard").number()).as(at).isEqualTo(1);
    assertThat(seen.get("nulls").number()).as(at + ": missing values shown").isZero();
    assertThat(texts(seen.get("overlaps"))).as(at + ": labels over labels").isEmpty();
    assertThat(Double.parseDouble(seen.get("contrast").get("ratio").text()))
        .as(at + ": contrast of " + seen.get("contrast").get("s").text())
        .isGreaterThan(4.4);
    for (String width : List.of("scrollWidth", "scrollWidthAfter")) {
      assertThat(seen.get(width).number()).as(at).isLessThanOrEqualTo(seen.get("width").number());
    }
    if (!seen.get("clicked").isNull()) {
      int clicked = (int) seen.get("clicked").number();
      assertThat(seen.get("detail").text())
          .as(at)
          .contains("#" + clicked, report.stack().frames().get(clicked).symbol());
      assertThat(seen.get("evidence").number()).as(at).isPositive();
      assertThat(seen.get("walked").text())
          .as(at + ": an arrow key walks on")
          .contains("#" + (clicked > 0 ? clicked - 1 : 1) + " ");
    }
    assertThat(seen.get("rowEvidence").number()).as(at).isEqualTo(1);
    if (!report.stack().cycles().isEmpty()) {
      var cycle = report.stack().cycles().getFirst();
      assertThat(seen.get("unfolded").number())
          .as(at)
          .isEqualTo((long) cycle.period() * (cycle.count() - 1));
    }
    if (report.verdict().isOverflow()) {
      assertThat(seen.get("legend").number()).isEqualTo(report.usage().modules().size());
      assertThat(texts(seen.get("headings"))).contains("Who used the bytes", "The biggest frames");
      assertThat(seen.get("icicle").number()).isGreaterThan(report.stages().size());
    }
    if (!seen.get("printed").isNull()) {
      assertThat(seen.get("printed").number()).isGreaterThan(10_000);
      assertThat(seen.get("themeChanges").isTrue()).isTrue();
    }
  }

  private static List<String> texts(Json array) {
    return array.list().stream().map(Json::text).toList();
  }

  private void page(String name, Path dump, String symbols, String images) throws IOException {
    Debuggee debuggee = Debuggee.open(dump, symbols, images);
    StackReport report = debuggee.report(debuggee.kernel().orElseThrow());
    reports.put(name, report);
    Files.writeString(folder.resolve(name + ".html"), HtmlReport.page(report));
  }

  /** As pages of many dumps are written. */
  private void besideItsScript(String name, StackReport report) throws IOException {
    for (Map.Entry<String, String> file : HtmlReport.shared().entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
    reports.put(name, report);
    String page = HtmlReport.pageBeside(report, UnaryOperator.identity());
    Files.writeString(folder.resolve(name + ".html"), page);
  }

  private List<Json> run(String node, String browser) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(node, SCRIPT.toString(), browser));
    reports.keySet().forEach(name -> command.add(folder.resolve(name + ".html").toString()));
    Path out = folder.resolve("seen.txt");
    Path errors = folder.resolve("errors.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(errors.toFile())
            .start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    assertThat(ended).as("the browser ends").isTrue();
    assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
    return Files.readAllLines(out).stream().map(Json::parse).toList();
  }

  /** The first of some programs that is on the path, or empty text. */
  private static String tool(String... names) {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of(names)
        .flatMap(name ->
            Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(path)
                .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse("");
  }
}
