// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.jkd.cpu.Arch;
import org.jkd.engine.testing.BareTarget;
import org.junit.jupiter.api.Test;

class InterpreterTest {
  private final StringBuilder out = new StringBuilder();
  private final Session session = session(Arch.X86);
  private final Interpreter interpreter = new Interpreter(session, out);

  private static Session session(Arch arch) {
    return new Session(Debuggee.bare(new BareTarget(arch)));
  }

  private String answer(String line) {
    out.setLength(0);
    interpreter.run(line);
    return out.toString();
  }

  @Test
  void the_sum_of_the_article_is_what_kd_computed() {
    assertThat(
            answer(
                "? 0x8+0x80+0x84+0x10+0x28+0x84+0x10+0x28+0x8+0x80+0x84+0x10+0x28+0x84+0x10+0x8"
                    + "+0x80+0x84+0x10+0x28+0x28+0x7c+0x94+0x10+0x28+0x50+0x54+0x164+0x40+0x2c4"
                    + "+0x24+0x34+0x8+0x60+0x28+0x8c+0x10+0x28+0x9c+0x58+0x50+0x28+0x38+0x124"
                    + "+0x44"))
        .isEqualTo("Evaluate expression: 4176 = 00001050\n");
    assertThat(answer("? 4176/1024")).isEqualTo("Evaluate expression: 4 = 00000004\n");
  }

  @Test
  void an_interrupt_ends_the_line_and_not_the_session() {
    Thread.currentThread().interrupt();
    assertThat(answer(".echo one; .echo two")).isEqualTo("Interrupted\n");
    assertThat(interpreter.anyFailed()).isTrue();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(answer(".echo three")).isEqualTo("three\n");
  }

  @Test
  void numbers_have_the_width_of_the_target_unless_they_do_not_fit() {
    assertThat(answer("? 8081df65")).isEqualTo("Evaluate expression: -2138972315 = 8081df65\n");
    assertThat(answer("? 1`00000000"))
        .isEqualTo("Evaluate expression: 4294967296 = 00000001`00000000\n");
    StringBuilder wide = new StringBuilder();
    new Interpreter(session(Arch.X64), wide).run("?0n1033");
    assertThat(wide).hasToString("Evaluate expression: 1033 = 00000000`00000409\n");
  }

  @Test
  void formats_shows_all_eight_rows_as_the_documentation_does() {
    assertThat(answer(".formats 1c407e62"))
        .isEqualTo(
            """
            Evaluate expression:
              Hex:     1c407e62
              Decimal: 473988706
              Octal:   03420077142
              Binary:  00011100 01000000 01111110 01100010
              Chars:   .@~b
              Time:    Mon Jan 07 23:31:46 1985
              Float:   low 6.36908e-022 high 0
              Double:  2.34182e-315
            """);
  }

  @Test
  void formats_of_the_article() {
    assertThat(answer(".formats 0x0FFFFFD70"))
        .startsWith("Evaluate expression:\n  Hex:     fffffd70\n  Decimal: -656\n")
        .contains("  Octal:   37777776560\n", "  Time:    ***** Invalid\n");
    assertThat(answer(".formats 2c4"))
        .startsWith("Evaluate expression:\n  Hex:     000002c4\n  Decimal: 708\n");
  }

  @Test
  void a_64_bit_target_shows_formats_in_64_bits() {
    StringBuilder wide = new StringBuilder();
    new Interpreter(session(Arch.X64), wide).run(".formats 1c407e62");
    assertThat(wide.toString())
        .contains(
            "  Hex:     00000000`1c407e62\n",
            "  Octal:   0000000000003420077142\n",
            "  Binary:  00000000 00000000 00000000 00000000 00011100 01000000 01111110 01100010\n",
            "  Chars:   .....@~b\n");
  }

  @Test
  void frame_counts_are_hexadecimal() {
    assertThat(answer(".kframes")).isEqualTo("Default stack trace depth is 0n256 frames\n");
    assertThat(answer(".kframes 200")).isEqualTo("Default stack trace depth is 0n512 frames\n");
    assertThat(answer(".kframes 0x2")).isEqualTo("Default stack trace depth is 0n2 frames\n");
    assertThat(answer(".kframes 0n20")).isEqualTo("Default stack trace depth is 0n20 frames\n");
    assertThat(answer(".kframes 0")).contains("Frame count must be");
    assertThat(session.frameCount()).isEqualTo(20);
  }

  @Test
  void semicolons_quotes_and_comments_cut_a_line_as_in_kd() {
    assertThat(answer(".echo a; .echo \"b;c\" ;.echo d ; * .echo e ; .echo f"))
        .isEqualTo("a\nb;c\nd\n");
    assertThat(answer(".echo a; $$ not this ; .echo b")).isEqualTo("a\nb\n");
    assertThat(answer("* nothing")).isEmpty();
    assertThat(answer(" ; ;; ")).isEmpty();
    assertThat(interpreter.anyFailed()).isFalse();
  }

  @Test
  void q_ends_the_line_and_the_session() {
    assertThat(interpreter.run(".echo a; q; .echo b")).isFalse();
    assertThat(out).hasToString("a\n");
    assertThat(interpreter.run(".cls")).isTrue();
  }

  @Test
  void the_radix_changes_and_its_own_argument_is_decimal() {
    assertThat(answer("n")).isEqualTo("base is 16\n");
    assertThat(answer("n 10; ? 10; n 8; ? 10; n 16"))
        .isEqualTo(
            "base is 10\nEvaluate expression: 10 = 0000000a\n"
                + "base is 8\nEvaluate expression: 8 = 00000008\nbase is 16\n");
    assertThat(answer("n 7")).isEqualTo("      ^ Syntax error in 'n 7'\n");
  }

  @Test
  void unknown_words_fail_as_in_kd_and_the_line_goes_on() {
    assertThat(answer("!stackz; .echo on")).isEqualTo("No export stackz found\non\n");
    assertThat(answer(".nosuch 1")).isEqualTo("    ^ Syntax error in '.nosuch 1'\n");
    assertThat(answer("? foo")).isEqualTo("Couldn't resolve error at 'foo'\n");
    assertThat(interpreter.anyFailed()).isTrue();
  }

  @Test
  void json_is_one_object_per_command_on_one_line() {
    session.setJson(true);
    assertThat(answer("? 10; ? foo; .kframes 200"))
        .isEqualTo(
            """
            {"schema":"jkd/1","command":"? 10","ok":true,"decimal":16,"value":"0x10"}
            {"schema":"jkd/1","command":"? foo","ok":false,\
            "error":"Couldn't resolve error at 'foo'"}
            {"schema":"jkd/1","command":".kframes 200","ok":true,"frames":512}
            """);
    assertThat(answer(".json off")).isEqualTo("JSON output is off\n");
  }

  @Test
  void help_knows_every_command() {
    String all = answer(".help");
    for (CommandTable.Entry entry : CommandTable.entries()) {
      assertThat(all).contains(entry.name());
      for (String name : entry.name().split(" ", -1)) {
        assertThat(CommandTable.find(name)).as(name).isPresent();
        assertThat(answer(".help " + name)).contains(entry.summary());
      }
    }
    assertThat(answer(".help nosuch")).contains("No command is called 'nosuch'");
  }
}
