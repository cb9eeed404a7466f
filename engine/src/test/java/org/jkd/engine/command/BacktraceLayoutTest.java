// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;

/**
 * kd's headers and rows to the letter, on real dumps. The return addresses of the x86 dump are
 * those of its README; a row of it without symbols is kd's guess by EBP, which is no frame pointer
 * there.
 */
class BacktraceLayoutTest {
  private static final String NO_INFORMATION =
      "WARNING: Stack unwind information not available. Following frames may be wrong.";
  private static final String SITES =
      "RetAddr               : Args to Child" + " ".repeat(59) + ": Call Site";

  private static List<String> x86(String command, boolean symbols) throws IOException {
    return answer("x86-O2fpo-shapes", symbols ? "x86-O2fpo" : "", command);
  }

  private static List<String> x64(String command, boolean symbols) throws IOException {
    return answer("x64-O2gs-so-big", symbols ? "x64-O2gs" : "", command);
  }

  private static List<String> answer(String dump, String flavour, String command)
      throws IOException {
    Optional<Path> wine = SharedFolder.find("data/wine");
    assumeTrue(wine.isPresent(), "needs ../shared/data/wine");
    Path folder = wine.orElseThrow();
    String path = flavour.isEmpty() ? "" : folder.resolve("bin").resolve(flavour).toString();
    Session session = new Session(Debuggee.open(folder.resolve(dump + ".dmp"), path, path));
    StringBuilder out = new StringBuilder();
    new Interpreter(session, out).run(command);
    // The folder of the sources is that of whoever compiled them.
    return out.toString().lines().map(l -> l.replaceFirst("\\[/.*/", "[")).toList();
  }

  @Test
  void x86RowsWithSymbols() throws IOException {
    assertThat(x86("k 2", true))
        .containsExactly(
            "ChildEBP RetAddr  ",
            "0060ce2c 00401120 app!leaf_crash+0x5 [app.c @ 9]",
            "0060ce38 00401179 app!f_plain+0x10 [frames.c @ 6]");
    assertThat(x86("kbL 1", true))
        .containsExactly(
            "ChildEBP RetAddr  Args to Child              ",
            "0060ce2c 00401120 0000006e 00000007 00401179 app!leaf_crash+0x5");
    assertThat(x86("kvL 1", true))
        .containsExactly(
            "ChildEBP RetAddr  Args to Child              ",
            "0060ce2c 00401120 0000006e 00000007 00401179 app!leaf_crash+0x5 (FPO: [1,0,0])");
    assertThat(x86("kfL 3", true))
        .containsExactly(
            "  Memory  ChildEBP RetAddr  ",
            "          0060ce2c 00401120 app!leaf_crash+0x5",
            "        c 0060ce38 00401179 app!f_plain+0x10",
            "       38 0060ce70 004011b5 app!f_stdcall+0x49");
    assertThat(x86("knfL 2", true))
        .containsExactly(
            " #   Memory  ChildEBP RetAddr  ",
            "00           0060ce2c 00401120 app!leaf_crash+0x5",
            "01         c 0060ce38 00401179 app!f_plain+0x10");
    assertThat(x86("kc 2", true)).containsExactly("", "app!leaf_crash", "app!f_plain");
  }

  @Test
  void x86RowsWithoutSymbols() throws IOException {
    assertThat(x86("k 1", false))
        .containsExactly("ChildEBP RetAddr  ", NO_INFORMATION, "aaaaaaab 00000000 app+0x1085");
    assertThat(x86("kn 1", false))
        .containsExactly(
            " # ChildEBP RetAddr  ", NO_INFORMATION, "00 aaaaaaab 00000000 app+0x1085");
  }

  @Test
  void x64RowsWithSymbols() throws IOException {
    assertThat(x64("k 2", true))
        .containsExactly(
            " # Child-SP          RetAddr               Call Site",
            "00 00000000`00021ff0 00000001`4000176c     app!r_big+0x47 [frames.c @ 32]",
            "01 00000000`00022600 00000001`4000176c     app!r_big+0x4c [frames.c @ 32]");
    String zero = "00000000`00000000";
    String args = String.join(" ", zero, zero, zero, zero);
    assertThat(x64("kbL 1", true))
        .containsExactly(" # " + SITES, "00 00000001`4000176c     : " + args + " : app!r_big+0x47");
    assertThat(x64("kvL 1", true))
        .containsExactly(
            " # Child-SP          " + SITES,
            "00 00000000`00021ff0 00000001`4000176c     : " + args + " : app!r_big+0x47");
    assertThat(x64("kfL 2", true))
        .containsExactly(
            " #   Memory  Child-SP          RetAddr               Call Site",
            "00           00000000`00021ff0 00000001`4000176c     app!r_big+0x47",
            "01       610 00000000`00022600 00000001`4000176c     app!r_big+0x4c");
    assertThat(x64("kc 2", true)).containsExactly(" # Call Site", "00 app!r_big", "01 app!r_big");
  }

  @Test
  void x64RowsWithoutImages() throws IOException {
    assertThat(x64("k 1", false))
        .containsExactly(
            " # Child-SP          RetAddr               Call Site",
            NO_INFORMATION,
            "00 00000000`00021ff0 00000000`00000000     app+0x1767");
  }

  @Test
  void x64FrameNumbersGrowToThreeDigits() throws IOException {
    List<String> rows = x64("k 0n260", true);
    assertThat(rows).hasSize(261);
    assertThat(rows.get(256)).startsWith("ff 00000000`");
    assertThat(rows.get(257)).startsWith("100 00000000`");
  }

  @Test
  void theExceptionAndItsContextAsInUserMode() throws IOException {
    List<String> answer = x64(".ecxr; k 1; .exr -1; ~", true);
    assertThat(answer)
        .contains(
            "  *** Stack trace for last set context - .thread/.cxr resets it",
            "ExceptionAddress: 0000000140001767 (app!r_big+0x0000000000000047)",
            "   ExceptionCode: c00000fd (Stack overflow)",
            "  ExceptionFlags: 00000000",
            "NumberParameters: 2",
            "   Parameter[0]: 0000000000000001",
            "   Parameter[1]: 0000000000021fe8",
            ".  0  Id: 33c.340 Suspend: 0 Teb: 00000000`67fe0000 Unfrozen");
  }
}
