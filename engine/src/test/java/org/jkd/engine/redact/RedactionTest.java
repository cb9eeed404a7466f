// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.redact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jkd.image.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is taken out of a text, and what stays. */
class RedactionTest {
  private static final Redaction PLAIN = Redaction.withoutNames();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C:\\Users\\secret\\x.txt",
        "c:/work/secret/x.c",
        "C:\\Documents and Settings\\secret\\secret.sys",
        "\\??\\C:\\a b\\secret\\x",
        "\\Device\\HarddiskVolume2\\secret\\x.sys",
        "\\\\secret\\share\\x.pdb",
        "\\\\other\\secret\\x.pdb",
        "src\\secret\\x.c",
        "DOMAIN\\secret",
        "/home/secret",
        "/home/secret/x.sys",
        "~/secret/x",
        "https://secret.example/x",
        "https://secret:word@host/x",
        "secret@example.com",
        "build.secret.corp",
        "USERNAME=secret",
        "File \"secret\"",
        "srv*c:\\secret*https://secret.example/symbols;d:\\secret"
      })
  void secrets_become_tokens(String text) {
    String clean = PLAIN.apply("see " + text);

    assertThat(clean.replace("\\secret.sys", "")).doesNotContain("secret").contains("<");
    assertThat(PLAIN.apply(clean)).as("redacted twice").isEqualTo(clean);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nt!KiTrap08+0x626364",
        "b8ae60ec 8081df65 8763f718 87758bd8 8b4abb00 Ntfs!NtfsFsdRead+0x9 (FPO: [Non-Fpo])",
        "fffff880`626f6262",
        "Built by: 3790.srv03_sp2_rtm.070216-1710",
        "!drvobj \\Driver\\BossHog01",
        "\\FileSystem\\Ntfs",
        "foo!_Bar@12",
        "5.1.2600.5512",
        "1/2 of 3/4",
        "GUID: {84B4E414-2454-C4F4-9464-3404D4A47444}"
      })
  void what_says_nothing_of_anybody_stays(String text) {
    assertThat(PLAIN.apply(text)).isEqualTo(text);
  }

  @Test
  void names_of_programs_and_symbol_files_stay() {
    assertThat(PLAIN.apply("Pdb: C:\\Users\\secret\\driver.pdb"))
        .matches("Pdb: <path-[0-9a-f]{8}>\\\\driver.pdb");
  }

  @Test
  void words_of_memory_that_are_text_are_hidden() {
    // "secr" and "et" in ASCII, "se" in UTF-16; a kernel address.
    assertThat(PLAIN.apply("72636573 00007465 00650073 80414243 0x0000007465726373"))
        .isEqualTo("<redacted> 00007465 <redacted> 80414243 <redacted>");
  }

  @Test
  void names_are_learned_from_paths_and_environments() {
    byte[] ascii = "..\\Users\\secret\\x..USERNAME=other\0".getBytes(StandardCharsets.US_ASCII);
    byte[] wide = "COMPUTERNAME=machine-1\0".getBytes(StandardCharsets.UTF_16LE);
    byte[] dump = new byte[0x300000];
    // Across the border of what is read at once.
    System.arraycopy(ascii, 0, dump, (1 << 20) - 5, ascii.length);
    System.arraycopy(wide, 0, dump, 0x200001, wide.length);
    Redaction redaction = Redaction.of(Bytes.of("dump", dump));

    assertThat(redaction.apply("Secret, other and MACHINE-1; secretary"))
        .matches("<user-.{8}>, <user-.{8}> and <host-.{8}>; secretary");
  }

  @Test
  void files_that_are_named_are_hidden_but_words_and_programs_stay() {
    Redaction redaction =
        PLAIN.hiding(List.of("analyze", "-y", "/x/Contoso laptop.dmp", "nt.pdb", "k; .echo a"));

    assertThat(redaction.apply("contoso laptop.dmp: analyze nt.pdb with -y; k; .echo a"))
        .matches("<path-.{8}>: analyze nt.pdb with -y; k; .echo a");
    assertThat(redaction.apply(redaction.apply("contoso laptop.dmp"))).matches("<path-.{8}>");
    assertThat(Redaction.isFile(Redaction.file("a"))).isTrue();
    assertThat(Redaction.isFile("<path-1>")).isFalse();
  }

  @Test
  void a_secret_that_is_written_in_pieces_is_found() throws IOException {
    StringBuilder out = new StringBuilder();
    RedactedLines lines = new RedactedLines(out, PLAIN);
    lines.append("C:\\Us").append("ers\\sec").append("ret\\x\nend /home/sec").append("ret");
    lines.pass();

    assertThat(out.toString()).matches("<path-.{8}>\nend <path-.{8}>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "C:\\", "\\\\a\\", "\\a", "/a", "a\\", "a.", "a@a.", "-", "\"a", "A://", "a=", " C:"
      })
  void no_text_takes_long(String part) {
    assertThat(PLAIN.apply(part.repeat(20_000))).isNotEmpty();
  }
}
