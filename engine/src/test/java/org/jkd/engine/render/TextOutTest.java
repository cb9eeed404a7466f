// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.render;

import static org.assertj.core.api.Assertions.assertThat;

import org.jkd.cpu.Arch;
import org.junit.jupiter.api.Test;

class TextOutTest {
  private static String shown(String text) {
    StringBuilder out = new StringBuilder();
    new TextOut(out, Arch.X64).line(text);
    return out.toString();
  }

  @Test
  void nothing_that_a_terminal_obeys_gets_out() {
    assertThat(shown("c:\\x\033]0;owned\007\033[2J.pdb")).isEqualTo("c:\\x.]0;owned..[2J.pdb\n");
    assertThat(shown("a\rb\bc\u009b31m\u202ed")).isEqualTo("a.b.c.31m.d\n");
  }

  @Test
  void other_text_stays_as_it_is() {
    assertThat(shown("a\tb äöü 日本 \"q\"")).isEqualTo("a\tb äöü 日本 \"q\"\n");
  }
}
