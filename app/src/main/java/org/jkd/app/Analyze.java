// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.engine.redact.Redaction;
import org.jkd.engine.render.TextOut;
import org.jkd.engine.report.HtmlReport;
import org.jkd.engine.report.ReportText;
import org.jkd.engine.report.StackReport;
import org.jkd.image.FormatException;
import org.jkd.symbols.store.StoreSettings;
import org.jkd.target.KernelTarget;

/**
 * {@code jkd analyze DUMP...}: one report per dump. A dump that cannot be read does not stop the
 * others.
 */
final class Analyze {
  private final Console console;
  private final Map<String, String> environment;

  /** Pages of this run, in lower case: some file systems do not tell cases apart. */
  private final Set<String> pages = new HashSet<>();

  Analyze(Console console, Map<String, String> environment) {
    this.console = console;
    this.environment = environment;
  }

  /**
   * What was asked for.
   *
   * @param html where a page goes; with several dumps their names are put before its last part
   */
  private record Options(
      List<Path> dumps, SymbolPlaces places, boolean json, boolean redact, Optional<Path> html) {}

  int run(List<String> args) throws IOException {
    Options options = parse(args);
    int code = ExitCode.DONE;
    for (Path dump : options.dumps()) {
      try {
        report(dump, options);
      } catch (FormatException e) {
        String why = String.valueOf(e.getMessage());
        Redaction clean = Redaction.withoutNames().hiding(List.of(dump.toString()));
        console.notice("jkd: " + (options.redact() ? clean.apply(why) : why));
        code = ExitCode.NO_DUMP;
      }
    }
    return code;
  }

  private void report(Path dump, Options options) throws IOException {
    if (!Files.isRegularFile(dump)) {
      throw new MissingException(dump + ": no such file");
    }
    Debuggee debuggee = Debuggee.open(dump, options.places());
    KernelTarget kernel =
        debuggee
            .kernel()
            .orElseThrow(() ->
                new FormatException(dump.toString(), -1, "not a kernel dump, nothing to analyze"));
    StackReport report = debuggee.report(kernel);
    UnaryOperator<String> clean =
        options.redact() ? DebugRun.redaction(dump) : UnaryOperator.identity();
    if (options.json()) {
      console.line(HtmlReport.json(report, clean));
    } else {
      StringBuilder text = new StringBuilder();
      ReportText.write(report, new TextOut(text, debuggee.arch()));
      console.print(
          text.toString().lines().map(l -> clean.apply(l) + "\n").collect(Collectors.joining()));
    }
    if (options.html().isPresent()) {
      Path page = options.html().get();
      if (options.dumps().size() > 1) {
        String name = String.valueOf(dump.getFileName());
        String token = Redaction.file(dump.toString());
        page = page(page, options.redact() ? token.substring(1, token.length() - 1) : name);
      }
      Files.writeString(page, HtmlReport.page(report, clean), StandardCharsets.UTF_8);
      console.notice("jkd: wrote " + clean.apply(page.toString()));
    }
  }

  /**
   * One page per dump: with several, {@code out.html} becomes {@code out-NAME.html}, and {@code
   * out-NAME-2.html} for the second dump of that name.
   */
  private Path page(Path html, String dump) {
    String name = String.valueOf(html.getFileName());
    int dot = name.lastIndexOf('.');
    String stem = (dot < 0 ? name : name.substring(0, dot)) + "-" + dump;
    String ending = dot < 0 ? ".html" : name.substring(dot);
    String page = stem + ending;
    for (int i = 2; !pages.add(page.toLowerCase(Locale.ROOT)); i++) {
      page = stem + "-" + i + ending;
    }
    return html.resolveSibling(page);
  }

  private Options parse(List<String> args) {
    List<Path> dumps = new ArrayList<>();
    String symbolPath = environment.getOrDefault("_NT_SYMBOL_PATH", "");
    String imagePath = environment.getOrDefault("_NT_EXECUTABLE_IMAGE_PATH", "");
    boolean json = false;
    boolean redact = false;
    boolean offline = false;
    Optional<Path> html = Optional.empty();
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      switch (arg) {
        case "--json" -> json = true;
        case "--redact" -> redact = true;
        case "--offline" -> offline = true;
        case "-y", "-i", "--html" -> {
          if (++i == args.size()) {
            throw new UsageException(arg + " needs a value");
          }
          String value = args.get(i);
          switch (arg) {
            case "-y" -> symbolPath = value;
            case "-i" -> imagePath = value;
            default -> html = Optional.of(path(value));
          }
        }
        default -> {
          if (arg.startsWith("-")) {
            throw new UsageException("unknown option '" + arg + "'");
          }
          dumps.add(path(arg));
        }
      }
    }
    if (dumps.isEmpty()) {
      throw new UsageException("no dump is named");
    }
    StoreSettings settings = DownloadLine.settings(console, environment, offline, redact);
    SymbolPlaces places = SymbolPlaces.of(symbolPath, imagePath, settings);
    return new Options(List.copyOf(dumps), places, json, redact, html);
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new UsageException("'" + text + "' is no file name");
    }
  }
}
