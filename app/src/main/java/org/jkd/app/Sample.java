// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jkd.sample.ReferenceCase;

/** {@code jkd sample DIR}: writes the reference case. */
final class Sample {
  private final Console console;

  Sample(Console console) {
    this.console = console;
  }

  int run(List<String> args) throws IOException {
    if (args.size() != 1 || args.getFirst().startsWith("-")) {
      throw new UsageException("sample needs one folder: jkd sample DIR");
    }
    Path folder = Path.of(args.getFirst());
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UsageException("'" + folder + "' is a file, not a folder");
    }
    ReferenceCase.writeTo(folder);
    console.line("The reference case is in " + folder + ". For instance:");
    console.line("  " + Demo.openCommand(folder));
    return ExitCode.DONE;
  }
}
