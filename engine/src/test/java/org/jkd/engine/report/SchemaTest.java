// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Interpreter;
import org.jkd.engine.command.Session;
import org.jkd.sample.Json;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.jkd.sample.crash.Misdiagnosis;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands of the diagnosis print with {@code --json} is what docs/schema describes. */
class SchemaTest {
  private static final Path SCHEMAS = Path.of("../docs/schema").toAbsolutePath().normalize();

  private static final Map<String, String> COMMANDS =
      Map.of(
          "!overflow", "overflow.json",
          "!stackusage", "stackusage.json",
          "!stages", "stages.json",
          "!bigframes", "bigframes.json",
          "!analyze -v", "analyze.json",
          "!analyze -show 7f 8", "analyze-show.json",
          "!stackrecon -v", "stackrecon.json",
          "!analyze -nonsense", "error.json");

  @TempDir private Path folder;

  @Test
  void theReferenceCaseAnswersAsDocumented() throws IOException {
    ReferenceCase.writeTo(folder);
    check(
        folder.resolve(ReferenceCase.COMPLETE),
        folder.resolve(ReferenceCase.SYMBOLS).toString(),
        folder.resolve(ReferenceCase.IMAGES).toString());
  }

  @Test
  void crashesOfOtherKindsAnswerAsDocumented() throws IOException {
    for (Misdiagnosis kind : Misdiagnosis.values()) {
      Path file = folder.resolve(kind + ".dmp");
      kind.write(file);
      check(file, "", "");
    }
  }

  @Test
  void realDumpsAnswerAsDocumented() throws IOException {
    for (String name : List.of("50_0", "9f", "rizin_triage_arm64")) {
      Optional<Path> dump = SharedFolder.find("data/kernel/" + name + ".dmp");
      if (dump.isPresent()) {
        checkReport(report(dump.orElseThrow()));
      }
    }
  }

  @Test
  void anyOtherAnswerIsRefused() throws IOException {
    Path file = folder.resolve("one.dmp");
    Misdiagnosis.DISPATCH_LOOP.write(file);
    String good = report(file);
    checkReport(good);
    for (List<String> change :
        List.of(
            List.of("\"trust\":\"context\"", "\"trust\":\"sure\""),
            List.of("\"stackBase\":\"0x", "\"stackBase\":\"0x0"),
            List.of("\"processor\":0", "\"processor\":\"0\""),
            List.of("\"processor\":0", "\"processor\":-1"),
            List.of("\"advice\":[", "\"advise\":["),
            List.of("\"jkd/1\"", "\"jkd/2\""))) {
      String bad =
          good.replaceFirst(
              Pattern.quote(change.getFirst()), Matcher.quoteReplacement(change.getLast()));
      assertThat(bad).isNotEqualTo(good);
      assertThat(JsonSchema.errors(SCHEMAS, "analyze.json", Json.parse(bad)))
          .as(change.toString())
          .isNotEmpty();
    }
  }

  @Test
  void everySchemaFileIsUsed() throws IOException {
    try (Stream<Path> files = Files.list(SCHEMAS)) {
      assertThat(
              files.map(f -> String.valueOf(f.getFileName())).filter(n -> !n.equals("common.json")))
          .containsExactlyInAnyOrderElementsOf(COMMANDS.values());
    }
  }

  private static String report(Path dump) throws IOException {
    Debuggee debuggee = Debuggee.open(dump, "", "");
    return HtmlReport.json(debuggee.report(debuggee.kernel().orElseThrow()));
  }

  private static void checkReport(String json) {
    assertThat(JsonSchema.errors(SCHEMAS, "analyze.json", Json.parse(json))).isEmpty();
  }

  private static void check(Path dump, String symbols, String images) throws IOException {
    Debuggee debuggee = Debuggee.open(dump, symbols, images);
    checkReport(HtmlReport.json(debuggee.report(debuggee.kernel().orElseThrow())));
    Session session = new Session(debuggee);
    session.setJson(true);
    COMMANDS.forEach((command, schema) -> {
      StringBuilder out = new StringBuilder();
      new Interpreter(session, out).run(command);
      assertThat(JsonSchema.errors(SCHEMAS, schema, Json.parse(out.toString())))
          .as(dump.getFileName() + ": " + command)
          .isEmpty();
    });
  }
}
