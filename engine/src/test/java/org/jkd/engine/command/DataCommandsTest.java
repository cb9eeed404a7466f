// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Searching, comparing and translating addresses on the sample. */
class DataCommandsTest {
  @TempDir static Path folder;

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  private static Session session(String dump) throws IOException {
    return new Session(Debuggee.open(folder.resolve(dump), "", ""));
  }

  private static List<String> answer(String dump, String commands) throws IOException {
    StringBuilder out = new StringBuilder();
    new Interpreter(session(dump), out).run(commands);
    return out.toString().lines().toList();
  }

  private static List<String> complete(String commands) throws IOException {
    return answer(ReferenceCase.COMPLETE, commands);
  }

  @Test
  void numbers_are_found_where_they_stand() throws IOException {
    List<String> rows = complete("s -d b8ae6000 b8ae9000 8081df65");
    // frames.tsv and words.tsv: nt!IofCallDriver+0x45 is the second word of the chosen start.
    assertThat(rows.getFirst())
        .isEqualTo("b8ae60f0  8081df65 8763f718 87758bd8 8b4abb00  e.....c...u...J.");
    List<String> bare = complete("s -[1]d b8ae6000 b8ae9000 8081df65");
    assertThat(bare).hasSameSizeAs(rows).startsWith("0xb8ae60f0");
    assertThat(complete("s -[1]b b8ae6000 b8ae9000 65 df 81 80")).isEqualTo(bare);
    assertThat(complete("s-[1]w b8ae6000 b8ae9000 df65 8081")).isEqualTo(bare);
    assertThat(complete("s -[1]b b8ae6000 b8ae9000 65 'x' 81 80")).isNotEqualTo(bare);
    assertThat(complete("s -[1]d b8ae6000 L?c00 8081df65")).isEqualTo(bare);
  }

  @Test
  void kept_hits_are_searched_again() throws IOException {
    assertThat(
            complete(
                "s -[1s]d b8ae6000 b8ae9000 8081df65; .echo -; s -[1r]d b8ae6000 b8ae9000 8081df65"
                    + " 8763f718"))
        .containsSubsequence("0xb8ae60f0", "-", "0xb8ae60f0")
        .contains("0xb8ae6dd4");
  }

  @Test
  void texts_are_found_with_and_without_a_pattern() throws IOException {
    assertThat(complete("s -a 80800000 L100 \"MZ\""))
        .containsExactly(
            "80800000  4d 5a 90 00 03 00 00 00-04 00 00 00 ff ff 00 00  MZ..............");
    assertThat(complete("s -[l5]sa 80800000 L300")).contains("80800178  \".text\"");
    assertThat(complete("s -[l6]sa 80800000 L300")).doesNotContain("80800178  \".text\"");
  }

  @Test
  @Timeout(60)
  void a_whole_address_space_is_searched_without_trying_every_byte() throws IOException {
    List<String> hits = complete("s -[1]d 0 L?40000000 8081df65");
    assertThat(hits).contains("0xb8ae60f0");
    Path x64 = SharedFolder.find("corpus/train-x64-basic/KERNEL.DMP").orElse(Path.of("missing"));
    Assumptions.assumeTrue(x64.toFile().exists(), "needs ../shared/corpus/train-x64-basic");
    StringBuilder out = new StringBuilder();
    new Interpreter(new Session(Debuggee.open(x64, "", "")), out)
        .run("s -[1]q 0 L?1fffffffffffffff poi(@rsp); ? poi(@rsp)");
    assertThat(out.toString()).contains("0xfffff8");
  }

  @Test
  void ranges_are_compared_byte_by_byte() throws IOException {
    assertThat(complete("c b8ae60ec L4 b8ae60ec")).isEmpty();
    assertThat(complete("c b8ae60ec L3 b8ae60f0"))
        .containsExactly(
            "b8ae60ec  00 - b8ae60f0  65",
            "b8ae60ed  61 - b8ae60f1  df",
            "b8ae60ee  ae - b8ae60f2  81");
    assertThat(complete("c b8ae6000 L2 b8ae5000"))
        .containsExactly("b8ae6000  00 - b8ae5000  ??", "b8ae6001  00 - b8ae5001  ??");
  }

  @Test
  void physical_and_virtual_memory_agree() throws IOException {
    List<String> walk = complete("!vtop 0 b8ae60ec");
    String physical = walk.getLast().replaceAll(".* ([0-9a-f]+)\\.", "$1");
    String line = "#" + " ".repeat(8 - physical.length()) + physical + " b8ae6100 8081df65";
    assertThat(complete("!dd " + physical + " L2")).containsExactly(line);
    assertThat(complete("dd /p " + physical + " L2")).singleElement().asString().endsWith("65");
    assertThat(complete("? $pdwo(" + physical + ")"))
        .containsExactly("Evaluate expression: 3098435840 = b8ae6100");
  }

  @Test
  void vtop_tells_the_chain_of_every_kind_of_paging() throws IOException {
    assertThat(complete("!vtop 0 b8ae60ec"))
        .hasSize(6)
        .anyMatch(l -> l.matches("X86VtoP: PAE PDE [0-9a-f]+ - [0-9a-f]{16}"));
    List<String> plain = answer(ReferenceCase.BITMAP, "!vtop 0 b8ae60ec");
    assertThat(plain.getFirst()).isEqualTo("Pdi 2e2 Pti 2e6");
    assertThat(plain.getLast()).matches("b8ae60ec [0-9a-f]{5}000 pfn\\([0-9a-f]{5}\\)");
    assertThat(complete("!vtop 0 b8ae5ffc"))
        .contains("Virtual address b8ae5ffc translation fails, error 0xD0000147.");
  }

  @Test
  void pte_has_the_old_layout_without_pae() throws IOException {
    List<String> rows = answer(ReferenceCase.BITMAP, "!pte b8ae6000");
    assertThat(rows.get(0)).isEqualTo("B8AE6000  - PDE at C0300B88        PTE at C02E2B98");
    assertThat(rows.get(1)).matches(" {10}contains [0-9A-F]{8}      contains [0-9A-F]{8}");
    assertThat(rows.get(2)).matches(" {8}pfn [0-9a-f]+ --DA--KWV    pfn [0-9a-f]+ G-DA--KWV");
    assertThat(answer(ReferenceCase.BITMAP, "!pte b8ae5ffc").get(2)).endsWith("    not valid");
  }

  @Test
  void a_dump_is_not_changed_and_does_not_run() throws IOException {
    assertThat(complete("eb 1000 1"))
        .containsExactly(" ".repeat(16) + "^ Memory access error in 'eb 1000 1'");
    assertThat(complete("f b8ae6000 L4 0; m b8ae6000 L4 b8ae7000; dd b8ae60ec L1"))
        .hasSize(3)
        .last()
        .isEqualTo("b8ae60ec  b8ae6100");
    assertThat(complete("g")).containsExactly("        ^ No runnable debuggees error in 'g'");
    assertThat(complete("bp 1000").getFirst()).endsWith("debuggee error in 'bp 1000'");
  }

  @Test
  void a_long_range_is_shown_while_it_is_read() throws IOException {
    StringBuilder out = new StringBuilder();
    Appendable impatient = new Impatient(out);
    Session session = session(ReferenceCase.COMPLETE);
    for (String command : List.of("db 80000000 L10000000", "dps 80000000 L?4000000")) {
      out.setLength(0);
      new Interpreter(session, impatient).run(command);
      assertThat(out.toString()).startsWith("80000000  ").endsWith("Interrupted\n");
      assertThat(out.length()).isLessThan(1 << 20);
    }
    out.setLength(0);
    session.setJson(true);
    new Interpreter(session, impatient).run("db b8ae6000 L10000000");
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst()).startsWith("{").endsWith("\"]}");
    assertThat(lines.getLast()).contains("\"ok\":false,\"error\":\"Interrupted\"");
  }

  /** A reader who has seen enough after 64 K characters. */
  private record Impatient(StringBuilder out) implements Appendable {
    @Override
    public Appendable append(CharSequence text) {
      boolean before = out.length() < 0x10000;
      out.append(text);
      if (before && out.length() >= 0x10000) {
        Thread.currentThread().interrupt();
      }
      return this;
    }

    @Override
    public Appendable append(CharSequence text, int start, int end) {
      return append(text.subSequence(start, end));
    }

    @Override
    public Appendable append(char c) {
      return append(String.valueOf(c));
    }
  }

  @Test
  void the_last_value_shown_is_remembered() throws IOException {
    assertThat(complete("dd b8ae60ec L2; ? $p"))
        .last()
        .isEqualTo("Evaluate expression: 2155994981 = 8081df65");
  }
}
