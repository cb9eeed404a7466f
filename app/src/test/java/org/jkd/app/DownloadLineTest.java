// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.Reader;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DownloadLineTest {
  private static final long SECOND = 1_000_000_000L;

  private final StringWriter terminal = new StringWriter();
  private long now;

  private DownloadLine line(boolean redact) {
    BufferedReader in = new BufferedReader(Reader.nullReader());
    return new DownloadLine(new Console(new StringWriter(), terminal, in, true), redact, () -> now);
  }

  @Test
  void what_takes_a_while_is_named_until_it_is_there() {
    DownloadLine line = line(false);
    line.at("vole.pdb", 0, 3 << 20);
    assertThat(terminal.toString()).isEmpty();
    now = 2 * SECOND;
    line.at("vole.pdb", 1 << 20, 3 << 20);
    assertThat(terminal.toString()).endsWith("fetching vole.pdb 1.0 of 3.0 MB");
    line.at("vole.pdb", -1, 3 << 20);
    assertThat(terminal.toString()).endsWith("\r\u001b[K");
  }

  @Test
  void with_redact_no_file_is_named() {
    DownloadLine line = line(true);
    line.at("secret-project.pdb", 0, -1);
    line.at("vole.pdb", 0, -1);
    now = 2 * SECOND;
    line.at("secret-project.pdb", 1 << 20, -1);
    assertThat(terminal.toString()).endsWith("fetching a file, 1.0 MB and 1 more");
    assertThat(terminal.toString()).doesNotContain("secret").doesNotContain("vole");
  }
}
