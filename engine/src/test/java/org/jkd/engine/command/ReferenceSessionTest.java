// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The session of the article, command by command, on both dumps of the sample. */
class ReferenceSessionTest {
  private static final String WARNING =
      "WARNING: Stack unwind information not available. Following frames may be wrong.";

  @TempDir static Path folder;

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  private static Session session(String dump) throws IOException {
    return new Session(
        Debuggee.open(
            folder.resolve(dump),
            folder.resolve(ReferenceCase.SYMBOLS).toString(),
            folder.resolve(ReferenceCase.IMAGES).toString()));
  }

  private static List<String> answer(String dump, String commands) throws IOException {
    StringBuilder out = new StringBuilder();
    Interpreter interpreter = new Interpreter(session(dump), out);
    interpreter.run(commands);
    assertThat(interpreter.anyFailed()).as(out.toString()).isFalse();
    return out.toString().lines().toList();
  }

  private static List<String[]> table(String name) throws IOException {
    Optional<Path> file = SharedFolder.find("case/" + name);
    Assumptions.assumeTrue(file.isPresent(), "needs ../shared/case/" + name);
    return Files.readAllLines(file.orElseThrow()).stream()
        .skip(1)
        .map(line -> line.split("\t", -1))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {ReferenceCase.COMPLETE, ReferenceCase.BITMAP})
  void kf_prints_the_118_rows_of_the_article(String dump) throws IOException {
    List<String> expected = new ArrayList<>();
    expected.add("  Memory  ChildEBP RetAddr  ");
    for (String[] row : table("frames.tsv")) {
      if (row[4].equals("warning-before")) {
        expected.add(WARNING);
      }
      expected.add(String.format("%9s %s %s %s", row[0], row[1], row[2], row[3]));
    }
    assertThat(expected).hasSize(120);
    List<String> answer = answer(dump, ".kframes 200; kf=b8ae6100 b8ae60ec 8081df65");
    assertThat(answer.getFirst()).isEqualTo("Default stack trace depth is 0n512 frames");
    assertThat(answer.subList(1, answer.size())).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {ReferenceCase.COMPLETE, ReferenceCase.BITMAP})
  void dps_shows_every_word_of_the_stack(String dump) throws IOException {
    List<String> answer = answer(dump, "dps b8ae6000 b8ae9000");
    assertThat(answer).hasSize(0xc00);
    for (String[] word : table("words.tsv")) {
      // The names of the article's dps slip at two places; kf has them right.
      String symbol =
          switch (word[2]) {
            case "BossHog+0x1196" -> " BabyHog+0x1196";
            case "BossHog!StackEater+0x80c" -> " BabyHog!HogFarm+0x88c";
            case "" -> "";
            default -> " " + word[2];
          };
      assertThat(answer).contains(word[0] + "  " + word[1] + symbol);
    }
  }

  @Test
  void dps_says_what_each_word_is_to_the_rebuilt_stack() throws IOException {
    List<String> plain = answer(ReferenceCase.COMPLETE, "dps b8ae60ec b8ae61cc");
    List<String> noted = answer(ReferenceCase.COMPLETE, "dps /f b8ae60ec b8ae61cc");
    assertThat(noted.stream().map(l -> l.replaceAll(" {2}<- .*", ""))).isEqualTo(plain);
    assertThat(noted)
        .anyMatch(l -> l.matches("b8ae6104  f7a2ec45 .*  <- return address of frame [0-9a-f]{2}"))
        .anyMatch(l -> l.matches("b8ae6124  .*  <- residue in frame [0-9a-f]{2}"))
        .anyMatch(l -> l.matches("b8ae6128  .*  <- frame link of frame [0-9a-f]{2}"));
  }

  @Test
  void an_end_counts_as_a_byte_and_only_whole_units_are_shown() throws IOException {
    assertThat(answer(ReferenceCase.COMPLETE, "dps b8ae6000 b8ae8fff")).hasSize(0xc00);
    assertThat(answer(ReferenceCase.COMPLETE, "db b8ae60ec b8ae60ee"))
        .singleElement()
        .asString()
        .startsWith("b8ae60ec  00 61 ae  ");
    assertThat(answer(ReferenceCase.COMPLETE, "dd b8ae60ec b8ae60ec"))
        .containsExactly("b8ae60ec  b8ae6100");
  }

  @ParameterizedTest
  @ValueSource(strings = {ReferenceCase.COMPLETE, ReferenceCase.BITMAP})
  void thread_shows_the_process_and_the_bounds(String dump) throws IOException {
    List<String> answer = answer(dump, "!thread");
    assertThat(answer.getFirst()).startsWith("THREAD ").endsWith(" RUNNING on processor 3");
    assertThat(answer)
        .contains("Owning Process 874c6800       Image:         StackHog.exe")
        .anyMatch(l -> l.contains(" Base b8ae9000 Limit b8ae6000 Call 0"))
        .contains("ChildEBP RetAddr  Args to Child              ");
  }

  @Test
  void the_called_function_stands_where_the_call_takes_it_from() throws IOException {
    assertThat(answer(ReferenceCase.COMPLETE, "dps b9596090 L1"))
        .containsExactly("b9596090  b8d8c0d0 MamaHog+0x30d0");
  }

  @Test
  void modules_tell_which_product_they_belong_to() throws IOException {
    List<String> answer = answer(ReferenceCase.COMPLETE, "lm kv m *hog*");
    assertThat(answer.getFirst()).isEqualTo("start    end        module name");
    assertThat(answer.stream().filter(l -> l.matches("[0-9a-f]{8} [0-9a-f]{8}   \\S+Hog.*")))
        .hasSize(5);
    assertThat(answer.stream().filter(l -> l.startsWith("        ProductName:      "))).hasSize(5);
    assertThat(answer)
        .contains(
            "b958d000 b959a000   BabyHog    (deferred)             ",
            "    Image path: \\SystemRoot\\system32\\drivers\\BabyHog.sys");
    assertThat(answer(ReferenceCase.COMPLETE, "lmvm babyhog")).hasSize(24);
    assertThat(answer(ReferenceCase.COMPLETE, "lmvmbabyhog")).hasSize(24);
  }

  @Test
  void lmi_names_the_image() throws IOException {
    assertThat(answer(ReferenceCase.COMPLETE, "!lmi BabyHog"))
        .contains(
            "Loaded Module Info: [b958d000] ",
            "         Module: BabyHog",
            "   Base Address: b958d000",
            "     Image Name: BabyHog.sys",
            "   Machine Type: 332 (I386)");
    assertThat(answer(ReferenceCase.COMPLETE, "!lmi b958ecdf"))
        .contains("         Module: BabyHog");
  }

  @Test
  void the_interrupted_task_stands_below_its_stack() throws IOException {
    List<String> answer = answer(ReferenceCase.COMPLETE, ".tss 28");
    assertThat(answer.get(1)).contains(" esp=b8ae5").contains(" iopl=0         nv up ei ");
    assertThat(answer.get(2)).startsWith("cs=0008  ss=0010  ds=0023  es=0023  fs=0030  gs=0000");
    assertThat(answer(ReferenceCase.COMPLETE, "dg 28").getLast())
        .matches("0028 [0-9a-f]{8} 000020ab TSS32 Busy 0 Nb By P  Nl 0000008b");
  }

  @Test
  void the_page_below_the_limit_is_not_valid_and_nothing_else() throws IOException {
    List<String> guard = answer(ReferenceCase.COMPLETE, "!pte b8ae5ffc");
    assertThat(guard).hasSize(4);
    assertThat(guard.get(2)).endsWith("contains 0000000000000000");
    assertThat(guard.get(3)).endsWith("not valid");
    assertThat(answer(ReferenceCase.COMPLETE, "!pte b8ae6000").get(3)).endsWith("EV");
  }

  @Test
  void analyze_names_the_trap_the_task_and_the_limit() throws IOException {
    assertThat(answer(ReferenceCase.COMPLETE, "!analyze -v"))
        .contains(
            "UNEXPECTED_KERNEL_MODE_TRAP (7f)",
            "Arg1: 00000008, EXCEPTION_DOUBLE_FAULT",
            "BUGCHECK_STR:  0x7f_8",
            "TSS:  00000028 -- (.tss 0x28)",
            "PROCESS_NAME:  StackHog.exe",
            "STACK_OVERFLOW: Stack Limit: b8ae6000. Use (kF) and (!stackusage) to investigate stack"
                + " usage.",
            "STACK_COMMAND:  .tss 0x28 ; kb")
        .anyMatch(l -> l.startsWith("FAILURE_BUCKET_ID:  0x7f_8_"))
        .contains("STACK_SOURCE:  rebuilt (!stackrecon), 119 frames")
        .contains("b8ae6100 f7a2ec45 nt!IofCallDriver+0x45");
    assertThat(answer(ReferenceCase.COMPLETE, "!analyze"))
        .contains("BugCheck 7F, {8, f7744000, 0, 0}");
    assertThat(answer(ReferenceCase.COMPLETE, "!analyze -show d1 1 2"))
        .contains("DRIVER_IRQL_NOT_LESS_OR_EQUAL (d1)", "Arg2: 00000002, IRQL");
  }

  @Test
  void clearing_prints_nothing() throws IOException {
    assertThat(answer(ReferenceCase.COMPLETE, ".cls")).isEmpty();
  }

  @Test
  void letters_of_k_run_together_in_any_order() throws IOException {
    String start = "=b8ae6100 b8ae60ec 8081df65 2";
    assertThat(answer(ReferenceCase.COMPLETE, "k" + start))
        .containsExactly(
            "ChildEBP RetAddr  ",
            "b8ae6100 f7a2ec45 nt!IofCallDriver+0x45",
            "b8ae6128 8081df65 fltmgr!FltpDispatch+0x6f");
    assertThat(answer(ReferenceCase.COMPLETE, "kn " + start))
        .containsExactly(
            " # ChildEBP RetAddr  ",
            "00 b8ae6100 f7a2ec45 nt!IofCallDriver+0x45",
            "01 b8ae6128 8081df65 fltmgr!FltpDispatch+0x6f");
    assertThat(answer(ReferenceCase.COMPLETE, "knf" + start))
        .isEqualTo(answer(ReferenceCase.COMPLETE, "kfn" + start))
        .containsExactly(
            " #   Memory  ChildEBP RetAddr  ",
            "00           b8ae6100 f7a2ec45 nt!IofCallDriver+0x45",
            "01        28 b8ae6128 8081df65 fltmgr!FltpDispatch+0x6f");
    assertThat(answer(ReferenceCase.COMPLETE, "kb L" + start).get(1))
        .isEqualTo("b8ae6100 f7a2ec45 8b4abb00 87758bd8 00000000 nt!IofCallDriver+0x45");
    assertThat(answer(ReferenceCase.COMPLETE, "kc" + start))
        .containsExactly("", "nt!IofCallDriver", "fltmgr!FltpDispatch");
  }

  @Test
  void memory_is_shown_in_kds_columns() throws IOException {
    assertThat(answer(ReferenceCase.COMPLETE, "dd b8ae60ec L5"))
        .containsExactly("b8ae60ec  b8ae6100 8081df65 8763f718 87758bd8", "b8ae60fc  8b4abb00");
    assertThat(answer(ReferenceCase.COMPLETE, "db b8ae60ec L12"))
        .containsExactly(
            "b8ae60ec  00 61 ae b8 65 df 81 80-18 f7 63 87 d8 8b 75 87  .a..e.....c...u.",
            "b8ae60fc  00 bb                                            ..");
    assertThat(answer(ReferenceCase.COMPLETE, "dw b8ae60ec L2"))
        .containsExactly("b8ae60ec  6100 b8ae");
    assertThat(answer(ReferenceCase.COMPLETE, "dq b8ae60ec L2"))
        .containsExactly("b8ae60ec  8081df65`b8ae6100 87758bd8`8763f718");
    assertThat(answer(ReferenceCase.COMPLETE, "dc b8ae60ec l4"))
        .containsExactly("b8ae60ec  b8ae6100 8081df65 8763f718 87758bd8  .a..e.....c...u.");
    assertThat(answer(ReferenceCase.COMPLETE, "dds b8ae5ffc L1"))
        .containsExactly("b8ae5ffc  ????????");
    assertThat(answer(ReferenceCase.COMPLETE, "dpp b8ae60ec L1"))
        .containsExactly("b8ae60ec  b8ae6100 b8ae6128");
    assertThat(answer(ReferenceCase.COMPLETE, "dd b8ae60ec L1; d"))
        .hasSize(9)
        .element(1)
        .asString()
        .startsWith("b8ae60f0  8081df65");
    assertThat(answer(ReferenceCase.COMPLETE, "da nt L2")).containsExactly("80800000  \"MZ\"");
  }

  @Test
  void names_are_found_both_ways() throws IOException {
    assertThat(answer(ReferenceCase.COMPLETE, "x nt!iofcall*"))
        .containsExactly("8081df20 nt!IofCallDriver = <no type information>");
    assertThat(answer(ReferenceCase.COMPLETE, "x /2 nt!iofcall*"))
        .containsExactly("8081df20 nt!IofCallDriver");
    assertThat(answer(ReferenceCase.COMPLETE, "ln nt!IofCallDriver+0x45").getFirst())
        .startsWith("(8081df20)   nt!IofCallDriver+0x45   |  (8081");
    assertThat(answer(ReferenceCase.COMPLETE, "? nt!IofCallDriver+45"))
        .containsExactly("Evaluate expression: -2138972315 = 8081df65");
  }

  @Test
  void types_are_shown_with_and_without_an_address() throws IOException {
    assertThat(answer(ReferenceCase.COMPLETE, "dt nt!_KPCR Prcb"))
        .containsExactly("   +0x020 Prcb             : Ptr32 _KPRCB");
    assertThat(answer(ReferenceCase.COMPLETE, "dt nt!_KPCR @$pcr Prcb"))
        .containsExactly("   +0x020 Prcb             : 0xf7740120 _KPRCB");
  }

  @Test
  void pseudo_registers_know_the_crash() throws IOException {
    assertThat(answer(ReferenceCase.COMPLETE, "? @$bug_code; ? @$bug_param1; ? @$proc"))
        .containsExactly(
            "Evaluate expression: 127 = 0000007f",
            "Evaluate expression: 8 = 00000008",
            "Evaluate expression: 2269931520 = 874c6800");
    assertThat(session(ReferenceCase.COMPLETE).prompt()).isEqualTo("3: kd> ");
  }

  @Test
  void the_sums_of_the_listing_are_those_that_the_article_missed() throws IOException {
    ListingShares use =
        ListingShares.byListing(
            session(ReferenceCase.COMPLETE), 0xb8ae6100L, 0xb8ae60ecL, 0x8081df65L);
    long product = 0;
    long frames = 0;
    for (ListingShares.Share share : use.shares()) {
      if (share.module().toLowerCase(Locale.ROOT).contains("hog")) {
        product += share.bytes();
        frames += share.frames();
      }
    }
    assertThat(product).isEqualTo(4496);
    assertThat(frames).isEqualTo(50);
    assertThat(use.total()).isEqualTo(11316);
    assertThat(use.shares().getFirst()).isEqualTo(new ListingShares.Share("Ntfs", 4004, 17));
  }

  @Test
  void json_has_the_same_rows() throws IOException {
    StringBuilder out = new StringBuilder();
    Session session = session(ReferenceCase.COMPLETE);
    session.setJson(true);
    new Interpreter(session, out).run("k=b8ae6100 b8ae60ec 8081df65 2");
    assertThat(out.toString())
        .startsWith(
            "{\"schema\":\"jkd/1\",\"command\":\"k=b8ae6100 b8ae60ec 8081df65 2\",\"ok\":true,"
                + "\"frames\":[{\"index\":0,\"ip\":\"0x8081df65\",\"childEbp\":\"0xb8ae6100\","
                + "\"returnAddress\":\"0xf7a2ec45\"")
        .contains("\"distance\":40")
        .endsWith("}\n");
    assertThat(out.toString().lines()).hasSize(1);
  }
}
