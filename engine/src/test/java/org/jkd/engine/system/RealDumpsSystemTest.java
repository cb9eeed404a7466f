// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What small dumps of real systems hold of the system, and that they say what they lack. */
class RealDumpsSystemTest {
  private static Path shared(String name) {
    Optional<Path> file = SharedFolder.find("data/" + name);
    Assumptions.assumeTrue(file.isPresent(), "needs ../shared/data/" + name);
    return file.orElseThrow();
  }

  private static List<String> windows10(String commands) throws IOException {
    return Sessions.again(
        shared("kernel/rizin_triage_x64.dmp"), shared("symbols").toString(), "", commands);
  }

  @Test
  void the_system_process_of_windows_10() throws IOException {
    List<String> lines = windows10("!process 0 0");
    assertThat(lines)
        .containsSubsequence(
            "**** NT ACTIVE PROCESS DUMP ****",
            "PROCESS ffffc08bdce94180",
            "    SessionId: none  Cid: 0004    Peb: 00000000  ParentCid: 0000",
            "    DirBase: 001ad000  ObjectTable: ffffad0ec107b080  HandleCount: 234.",
            "    Image: System")
        // Of the others the dump holds little more than where they are.
        .contains("    Image: ????????");
    assertThat(windows10("!process -1 3"))
        .contains("    Working Set Sizes (now,min,max)  (852, 50, 450) (3408KB, 200KB, 1800KB)")
        .anyMatch(l -> l.matches(" {8}\\*\\*\\* The list ends here: .* cannot be read: .*"));
  }

  /** The list of threads is mostly not in a small dump; the thread of the crash is. */
  @Test
  void the_thread_of_the_crash_is_among_those_of_its_process() throws IOException {
    String crashed = "        THREAD ffffc08bde9e1640  Cid 0004.0108  ";
    assertThat(windows10("!process -1 3")).anyMatch(l -> l.startsWith(crashed));
    assertThat(windows10("!stacks"))
        .contains("                                     [System]")
        .anyMatch(l -> l.startsWith("   4.000108  ffffc08bde9e1640  RUNNING    "));
    assertThat(windows10("!stacks 1"))
        .contains("????.??????  ffffc08bdce7f400  ????       Stack not in this dump");
  }

  /** 6.1: labels of 26 columns, and the two lines of the stack. */
  @Test
  void a_thread_in_todays_layout() throws IOException {
    assertThat(windows10("!thread -1 2"))
        .containsExactly(
            "THREAD ffffc08bde9e1640  Cid 0004.0108  Teb: 0000000000000000"
                + " Win32Thread: 0000000000000000 RUNNING on processor 0",
            "Not impersonating",
            "DeviceMap                 ffffad0ec1047600",
            "Owning Process            ffffc08bdce94180       Image:         System",
            "Attached Process          N/A            Image:         N/A",
            "Wait Start TickCount      239            Ticks: ?",
            "Context Switch Count      408            IdealProcessor: 0",
            "Win32 Start Address nt!ExpWorkerThread (0xfffff8047bc25870)",
            "Stack Init ffff850429892c90 Current ffff850429891fe0",
            "Base ffff850429893000 Limit ffff85042988d000 Call 0000000000000000",
            "Priority 13 BasePriority 12 PriorityDecrement 0 IoPriority 2 PagePriority 5");
  }

  /** The first handle of the system process is one to itself with all rights. */
  @Test
  void handles_in_the_encoding_of_windows_10() throws IOException {
    assertThat(windows10("!handle 4 1"))
        .contains(
            "0004: Object: ffffc08bdce94180  GrantedAccess: 001fffff Entry: ffffad0ec10b1010");
  }

  @Test
  void timers_of_a_processor_are_found_in_its_own_table() throws IOException {
    List<String> lines = windows10("!timer");
    // One timer of each of the 16 processors has the same due time and period.
    assertThat(lines.stream().filter(l -> l.startsWith("249 ") && l.contains(" P 23c34600 ")))
        .hasSize(16);
  }

  @Test
  void processors_in_todays_layout() throws IOException {
    List<String> lines = windows10("!running");
    assertThat(lines)
        .startsWith(
            "System Processors:  (000000000000ffff)",
            "  Idle Processors:  (000000000000ffde)",
            "",
            "       Prcbs             Current         (pri) Next            (pri) Idle")
        .contains(
            "  0    fffff804782d4180  ffffc08bde9e1640 (13)                       fffff8047c727600"
                + "  ................");
    assertThat(windows10("!cpuinfo 0")).anyMatch(l -> l.contains("AuthenticAMD"));
  }

  @Test
  void every_small_dump_answers_in_words() throws IOException {
    Path folder = shared("kernel");
    List<Path> dumps;
    try (Stream<Path> files = Files.list(folder)) {
      dumps = files.filter(f -> f.toString().endsWith(".dmp")).sorted().toList();
    }
    assertThat(dumps).isNotEmpty();
    String commands =
        "!process 0 0; !process -1 7; !thread; !stacks 2; !running -it; !ready; !pcr; !prcb; !irql;"
            + "!idt; !dpcs; !cpuinfo; !handle; !vad; !peb; !teb; !locks; !timer; !vm; !poolused;"
            + "!object \\; !findstack nt";
    for (Path dump : dumps) {
      List<String> lines = Sessions.answer(dump, "", "", commands);
      assertThat(lines)
          .as(dump.getFileName().toString())
          .contains("**** NT ACTIVE PROCESS DUMP ****")
          .anyMatch(l -> l.startsWith("PROCESS "))
          .anyMatch(l -> l.startsWith("*** "))
          .noneMatch(l -> l.contains("Internal error"));
    }
  }
}
