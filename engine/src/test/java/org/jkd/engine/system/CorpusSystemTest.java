// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.sample.Json;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The types of Windows XP and of Windows 7 on systems of which the truth was recorded. */
class CorpusSystemTest {
  private static Path folder(String name) {
    Optional<Path> found = SharedFolder.find("corpus/" + name);
    Assumptions.assumeTrue(found.isPresent(), "needs ../shared/corpus/" + name);
    return found.orElseThrow();
  }

  private static List<String> answer(Path folder, String commands) throws IOException {
    return Sessions.again(
        folder.resolve("KERNEL.DMP"),
        folder.resolve("symbols").toString(),
        folder.resolve("images").toString(),
        commands);
  }

  @ParameterizedTest
  @ValueSource(strings = {"train-x86-storage", "train-x64-basic"})
  void the_process_and_thread_are_those_of_the_truth(String name) throws IOException {
    Path folder = folder(name);
    Json thread = Json.of(folder.resolve("truth.json")).get("thread");
    int width = name.contains("x64") ? 16 : 8;
    String process = plain(thread.get("process").text(), width);
    List<String> all = answer(folder, "!process 0 0");
    assertThat(all.getFirst()).isEqualTo("**** NT ACTIVE PROCESS DUMP ****");
    assertThat(all).anyMatch(l -> l.startsWith("PROCESS " + process)).contains("    Image: System");
    List<String> own = answer(folder, "!process -1 7");
    assertThat(own)
        .anyMatch(l -> l.startsWith("        THREAD " + plain(thread.get("address").text(), width)))
        .anyMatch(l -> l.contains("nt!IofCallDriver") || l.contains("nt!IopParseDevice"))
        .noneMatch(l -> l.contains("????????"));
    assertThat(answer(folder, "!stacks 2")).anyMatch(l -> l.contains("RUNNING"));
  }

  /** Types of variables and parameters of functions are in private symbols. */
  @ParameterizedTest
  @ValueSource(strings = {"train-x86-storage", "train-x64-basic"})
  void variables_have_types_and_values(String name) throws IOException {
    Path folder = folder(name);
    assertThat(answer(folder, "x nt!MmAccessFault"))
        .singleElement()
        .asString()
        .matches(".*\\(.+\\)");
    assertThat(answer(folder, "x nt!PsActiveProcessHead"))
        .singleElement()
        .asString()
        .endsWith(" nt!PsActiveProcessHead = struct _LIST_ENTRY");
    List<String> head = answer(folder, "dt nt!PsActiveProcessHead");
    assertThat(head).isEqualTo(answer(folder, "dt nt!_LIST_ENTRY nt!PsActiveProcessHead"));
    assertThat(answer(folder, "?? nt!PsActiveProcessHead.Flink").getFirst())
        .startsWith("struct _LIST_ENTRY * 0x");
    assertThat(answer(folder, "x /t nt!PsActiveProcessHead"))
        .singleElement()
        .asString()
        .contains(" struct _LIST_ENTRY nt!PsActiveProcessHead = ");
  }

  private static String plain(String hex, int width) {
    String digits = hex.substring(2);
    return "0".repeat(Math.max(0, width - digits.length())) + digits;
  }

  @ParameterizedTest
  @ValueSource(strings = {"train-x86-storage", "train-x64-basic"})
  void requests_devices_and_tables(String name) throws IOException {
    Path folder = folder(name);
    List<String> stack = answer(folder, "!devstack poi(nt!IopRootVolume)");
    assertThat(stack.getFirst()).startsWith("  !DevObj ");
    assertThat(stack).anyMatch(l -> l.startsWith("> ") && l.contains("\\Driver\\Ntfs"));
    assertThat(stack.indexOf(stack.stream().filter(l -> l.startsWith("> ")).findFirst().get()))
        .as("something is attached above the volume")
        .isGreaterThan(1);
    assertThat(answer(folder, "!idt e")).last().asString().startsWith("0e:\t").contains(" nt!Ki");
    assertThat(answer(folder, "!pte nt")).isNotEmpty().noneMatch(l -> l.contains("not valid"));
    if (name.contains("x86")) {
      assertThat(answer(folder, "dg 28")).last().asString().contains("TSS32 Busy");
      assertThat(answer(folder, ".tss 28")).anyMatch(l -> l.startsWith("eip="));
      assertThat(answer(folder, "!idt 8")).last().isEqualTo("08:\tTask Selector = 0x0050");
    }
  }

  /** Request packets begin with their type and size, by which they are found without a list. */
  @ParameterizedTest
  @ValueSource(strings = {"train-x86-storage", "train-x64-basic"})
  void a_request_that_is_on_its_way(String name) throws IOException {
    Path folder = folder(name);
    List<String> frames = answer(folder, "kv 100");
    String irp = null;
    for (String line : frames) {
      for (String word : line.replace("`", "").split("[ :]+")) {
        if (irp == null && word.matches("fffffa80[0-9a-f]{8}|8[0-9a-f]{7}")) {
          List<String> lines = answer(folder, "!irp " + word);
          irp = lines.getFirst().startsWith("Irp is active") ? word : null;
        }
      }
    }
    Assumptions.assumeTrue(irp != null, "no request among the arguments of this stack");
    List<String> lines = answer(folder, "!irp " + irp);
    assertThat(lines.get(2)).isEqualTo("     cmd  flg cl Device   File     Completion-Context");
    assertThat(lines).anyMatch(l -> l.contains("IRP_MJ_") || l.contains("N/A(0)"));
  }
}
