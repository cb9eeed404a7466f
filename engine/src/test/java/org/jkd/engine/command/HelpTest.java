// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command is explained, and the examples are such as can be typed. */
class HelpTest {
  /** Examples of commands that change where things are looked for, or leave the session. */
  private static final Set<String> NOT_RUN =
      Set.of(".shell", ".logopen", ".json", "$<", "$$>a<", ".symfix");

  @TempDir static Path folder;

  @Test
  void every_entry_has_a_page_and_every_page_an_entry() {
    HelpPages pages = new HelpPages();
    List<String> first = new ArrayList<>();
    for (CommandTable.Entry entry : CommandTable.entries()) {
      first.add(entry.name().split(" ", 2)[0]);
      HelpPages.Page page = pages.page(entry);
      boolean narrow = String.join(" ", page.text()).contains("x86 only");
      assertThat(page.x86()).as(entry.name()).isNotEmpty();
      assertThat(page.x64().isEmpty()).as(entry.name()).isEqualTo(narrow);
    }
    assertThat(pages.names()).isSubsetOf(first);
  }

  @Test
  void examples_for_32_bit_targets_can_be_typed() throws IOException {
    ReferenceCase.writeTo(folder);
    Debuggee sample =
        Debuggee.open(
            folder.resolve(ReferenceCase.COMPLETE),
            folder.resolve(ReferenceCase.SYMBOLS).toString(),
            folder.resolve(ReferenceCase.IMAGES).toString());
    assertThat(complaints(sample, true)).isEmpty();
  }

  @Test
  void examples_for_64_bit_targets_can_be_typed() throws IOException {
    Optional<Path> found = SharedFolder.find("corpus/train-x64-basic");
    Assumptions.assumeTrue(found.isPresent(), "needs ../shared/corpus/train-x64-basic");
    Path dump = found.orElseThrow();
    Debuggee debuggee =
        Debuggee.open(
            dump.resolve("KERNEL.DMP"),
            dump.resolve("symbols").toString(),
            dump.resolve("images").toString());
    assertThat(complaints(debuggee, false)).isEmpty();
  }

  /** What is wrong with the words of examples; that a dump lacks something is no such thing. */
  private static List<String> complaints(Debuggee debuggee, boolean narrow) {
    HelpPages pages = new HelpPages();
    List<String> complaints = new ArrayList<>();
    for (CommandTable.Entry entry : CommandTable.entries()) {
      String name = entry.name().split(" ", 2)[0];
      HelpPages.Page page = pages.page(entry);
      for (String example :
          NOT_RUN.contains(name) ? List.<String>of() : narrow ? page.x86() : page.x64()) {
        StringBuilder out = new StringBuilder();
        new Interpreter(new Session(debuggee), out).run(example);
        for (String words :
            List.of(
                "Syntax error",
                "Extra character",
                "Couldn't resolve",
                "Bad register",
                "Internal error")) {
          if (out.indexOf(words) >= 0) {
            complaints.add(example + ": " + out);
          }
        }
      }
    }
    return complaints;
  }

  @Test
  void a_page_has_syntax_text_and_examples() {
    StringBuilder out = new StringBuilder();
    new Interpreter(
            new Session(Debuggee.bare(new org.jkd.engine.testing.BareTarget(org.jkd.cpu.Arch.X64))),
            out)
        .run(".help .tss");
    assertThat(out)
        .hasToString(
            """
            .tss Selector                               look at a task state segment
            x86 only: a 64-bit processor does not switch tasks. 28 is the task that a double fault interrupted.
            Examples, 32-bit targets:
                .tss 28
            """);
  }
}
