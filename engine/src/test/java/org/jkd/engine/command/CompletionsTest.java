// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionsTest {
  @TempDir static Path folder;

  private static Session session;

  @BeforeAll
  static void open() throws IOException {
    ReferenceCase.writeTo(folder);
    session =
        new Session(
            Debuggee.open(
                folder.resolve(ReferenceCase.COMPLETE),
                folder.resolve(ReferenceCase.SYMBOLS).toString(),
                folder.resolve(ReferenceCase.IMAGES).toString()));
  }

  private static Completions.Offer at(String line) {
    return Completions.at(session, line, line.length());
  }

  private static List<String> words(String line) {
    return at(line).words().stream().map(Completions.Word::text).toList();
  }

  @Test
  void the_first_word_of_each_command_is_a_command() {
    assertThat(words("!over")).containsExactly("!overflow");
    assertThat(words("r; !over")).containsExactly("!overflow");
    assertThat(at("r; !over").from()).isEqualTo(3);
    assertThat(words(".help !over")).containsExactly("!overflow");
    assertThat(words(".echo \"a; !over")).isEmpty();
  }

  @Test
  void modules_and_symbols_are_found_wherever_an_address_may_stand() {
    assertThat(words("u bossHog")).containsExactly("BossHog!", "BossHog01!");
    assertThat(words("u nt!iofcalld")).containsExactly("nt!IofCallDriver");
    assertThat(words("? poi(nt!IofCallD")).containsExactly("nt!IofCallDriver");
    assertThat(at("? poi(nt!IofCallD").from()).isEqualTo(6);
    assertThat(words("u nowhere!x")).isEmpty();
  }

  @Test
  void file_names_start_behind_the_command_or_the_last_separator() {
    assertThat(at(".logopen /tmp/a").kind()).isEqualTo(Completions.Kind.FILE);
    assertThat(at(".logopen /tmp/a").from()).isEqualTo(9);
    assertThat(at("$$<scripts/x").from()).isEqualTo(3);
    assertThat(at(".sympath srv*/tmp/st").from()).isEqualTo(13);
  }

  @Test
  void a_cursor_outside_the_line_is_moved_into_it() {
    assertThat(Completions.at(session, "!over", 99).words()).hasSize(1);
    assertThat(Completions.at(session, "", -1).words()).isNotEmpty();
  }
}
