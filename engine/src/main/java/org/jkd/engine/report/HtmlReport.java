// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
    String data = json(report, clean);
    // Names come from a hostile file: nothing in the data may end the element that holds it.
    String safe = data.replace("<", "\\u003c").replace("\u2028", "\\u2028");
    return resource("report.html")
        .replace("@@CSS@@", resource("report.css"))
        .replace("@@D3@@", resource(D3).replace("</script", "<\\/script"))
        .replace("@@JS@@", resource("report.js"))
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
