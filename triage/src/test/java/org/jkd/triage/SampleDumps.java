// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.engine.program.Subcommand;
import org.jkd.sample.ReferenceCase;

/** The reference case, and the command run on it. */
final class SampleDumps {
  private SampleDumps() {}

  static Path write(Path folder) throws IOException {
    ReferenceCase.writeTo(folder);
    return folder;
  }

  static Triage triage(Path sample) {
    return new Triage(
        SymbolPlaces.of(
                sample.resolve(ReferenceCase.SYMBOLS).toString(),
                sample.resolve(ReferenceCase.IMAGES).toString())
            .shared(),
        Limits.USUAL,
        Optional.empty());
  }

  static TriageRow row(Triage triage, Path file) throws IOException {
    return triage.row(DumpSource.of(file)).orElseThrow();
  }

  /** What a run wrote. */
  record Ran(int code, String out, String err) {}

  static Ran run(String... args) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new TriageCommand().run(List.of(args), Map.of(), new Subcommand.Streams(out, err, false));
    return new Ran(code, out.toString(), err.toString());
  }

  static List<Map<String, Object>> rows(Path journal) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String line : Files.readAllLines(journal)) {
      rows.add(Rows.parse(line));
    }
    return rows;
  }
}
