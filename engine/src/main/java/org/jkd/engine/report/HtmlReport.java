// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jkd.engine.render.JsonOut;

/**
 * The report as one page that needs no network: styles, script, d3 and data are all inside. The
 * page draws itself from the same JSON that {@code --json} prints.
 */
public final class HtmlReport {
  private static final String D3 = "/META-INF/resources/webjars/d3/7.9.0/dist/d3.min.js";

  private HtmlReport() {}

  /** The report as one JSON object, as {@code jkd analyze --json} prints it. */
  public static String json(StackReport report) {
    return json(report, UnaryOperator.identity());
  }

  /**
   * The same.
   *
   * @param clean what every text goes through, for instance a redaction
   */
  public static String json(StackReport report, UnaryOperator<String> clean) {
    return JsonOut.object(
        clean,
        out -> {
          out.text("schema", "jkd/1").text("command", "analyze").flag("ok", true);
          ReportJson.write(report, out);
        });
  }

  /** The whole page. */
  public static String page(StackReport report) {
    return page(report, UnaryOperator.identity());
  }

  /**
   * The same.
   *
   * @param clean what every text of the dump goes through, for instance a redaction
   */
  public static String page(StackReport report, UnaryOperator<String> clean) {
    return page(
        report,
        clean,
        "<style>" + style() + "</style>",
        "<script>" + script().replace("</script", "<\\/script") + "</script>");
  }

  /**
   * The style and the script of pages that do not hold them, by the names of the files that must
   * lie beside such pages. Names change with the contents: pages of an earlier version keep theirs.
   */
  public static Map<String, String> shared() {
    return Map.of(Names.STYLE, style(), Names.SCRIPT, script());
  }

  /** A page that takes its style and its script from the files of {@link #shared()}. */
  public static String pageBeside(StackReport report, UnaryOperator<String> clean) {
    return page(
        report,
        clean,
        "<link rel=\"stylesheet\" href=\"" + Names.STYLE + "\">",
        "<script src=\"" + Names.SCRIPT + "\"></script>");
  }

  private static String style() {
    return resource("report.css");
  }

  private static String script() {
    return resource(D3) + "\n" + resource("report.js");
  }

  /** Found once: a run over a fleet writes thousands of pages. */
  private static final class Names {
    private static final String STYLE = name(style(), ".css");
    private static final String SCRIPT = name(script(), ".js");

    private static String name(String contents, String ending) {
      return "report-" + String.format("%08x", contents.hashCode()) + ending;
    }
  }

  private static String page(
      StackReport report, UnaryOperator<String> clean, String style, String script) {
    String data = json(report, clean);
    // Names come from a hostile file: nothing in the data may end the element that holds it.
    String safe = data.replace("<", "\\u003c").replace("\u2028", "\\u2028");
    return resource("report.html")
        .replace("@@STYLE@@", style)
        .replace("@@SCRIPT@@", script)
        .replace("@@DATA@@", safe);
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
