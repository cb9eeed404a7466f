// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** What private symbols add to commands, on dumps of small programs with known source. */
class PrivateSymbolsCommandsTest {
  private static final String X86 = "x86-O2fpo";
  private static final String X64 = "x64-O2fpo";

  private static List<String> answer(String flavour, boolean symbols, String commands)
      throws IOException {
    Optional<Path> wine = SharedFolder.find("data/wine");
    assumeTrue(wine.isPresent(), "needs ../shared/data/wine");
    Path folder = wine.orElseThrow();
    String path = symbols ? folder.resolve("bin").resolve(flavour).toString() : "";
    Session session =
        new Session(Debuggee.open(folder.resolve(flavour + "-shapes.dmp"), path, path));
    StringBuilder out = new StringBuilder();
    new Interpreter(session, out).run(commands);
    // The folder of the sources is that of whoever compiled them.
    return out.toString().lines().map(l -> l.replaceFirst("/[^ ]*/", "")).toList();
  }

  @Test
  void parametersStandInTheNames() throws IOException {
    // f(x) was called with the sum of 0x67 and 7, which the words on the stack show as well.
    assertThat(answer(X86, true, "kp 1").getLast())
        .isEqualTo("0060ce2c 00401120 app!leaf_crash(unsigned int x = 0x6e)+0x5 [app.c @ 9]");
    assertThat(answer(X86, true, "kP 1"))
        .containsExactly(
            "ChildEBP RetAddr  ",
            "0060ce2c 00401120 app!leaf_crash(",
            "                        unsigned int x = 0x6e)+0x5 [app.c @ 9]");
    assertThat(answer(X64, true, "kp 2").getLast())
        .contains("app!f_plain(unsigned int a = 0x67, unsigned int b = <value unavailable>, ");
    assertThat(answer(X64, true, "kp").stream().filter(l -> l.contains("app!start(void)+")))
        .hasSize(1);
  }

  @Test
  void variablesOfAFrame() throws IOException {
    assertThat(answer(X86, true, ".frame 2; dv l; dv /v l; dv /V /t l"))
        .containsExactly(
            "02 0060ce70 004011b5 app!f_stdcall+0x49 [frames.c @ 7]",
            "               l = unsigned int [6]",
            "0060ce4c                l = unsigned int [6]",
            "0060ce4c @vframe-0x28 unsigned int [6] l = unsigned int [6]");
    assertThat(answer(X64, true, ".frame 2; dv /v c").getLast())
        .isEqualTo("@esi                             c = 0x7");
    assertThat(answer(X86, true, ".frame 100").getLast()).startsWith("Cannot find frame 0x100");
  }

  @Test
  void missingPrivateSymbolsAreNamed() throws IOException {
    assertThat(answer(X86, false, "dv"))
        .contains("Private symbols (symbols.pri) are required for locals.");
  }

  @Test
  void linesAreSwitchedAndStandInListings() throws IOException {
    assertThat(answer(X86, true, ".lines -d; k 1; .lines; kL 1; kc 1"))
        .contains(
            "Line number information will not be loaded",
            "0060ce2c 00401120 app!leaf_crash+0x5",
            "Line number information will be loaded")
        .noneMatch(l -> l.contains("app.c"));
    assertThat(answer(X86, true, "u app!f_plain L2"))
        .containsExactly(
            "app!f_plain [frames.c @ 6]:",
            "    6 00401110 56              push    esi",
            "    6 00401111 8b742408        mov     esi,dword ptr [esp+8]");
    assertThat(answer(X86, true, "ln app!f_big"))
        .containsExactly(
            "frames.c(9)",
            "(004011d0)   app!f_big   |  (00401260)   app!f_alloca",
            "Exact matches:",
            "    app!f_big (unsigned int, unsigned int <function> *)");
  }

  @Test
  void sourcesAreFoundBelowTheSourcePathOnly(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("app.c"), "one\ntwo\nthree\n4\n5\n6\n7\n8\nnine\nten\n");
    assertThat(answer(X86, true, ".srcpath " + folder + "; lsa"))
        .contains("     5: 5", ">    9: nine", "    10: ten");
    assertThat(answer(X86, true, "lsa").getLast()).contains("the file is not found");
  }

  @Test
  void types_of_variables() throws IOException {
    Path image =
        SharedFolder.find("data/wine/bin/" + X86 + "/app.exe")
            .orElseThrow(() -> new TestAbortedException("needs ../shared/data/wine"));
    Session bare = new Session(Debuggee.open(image, String.valueOf(image.getParent()), ""));
    StringBuilder out = new StringBuilder();
    new Interpreter(bare, out).run("dd app!__security_cookie L1; dt app!__security_cookie");
    List<String> lines = out.toString().lines().toList();
    String word = lines.getFirst().split(" +")[1];
    assertThat(word).isNotEqualTo("????????");
    assertThat(lines.getLast()).isEqualTo("0x" + word.replaceFirst("^0+", ""));
    assertThat(answer(X64, true, ".frame 2; dt c"))
        .endsWith("Local var @ esi Type unsigned int", "0x7");
    assertThat(answer(X86, true, "dt app!no_such_name"))
        .containsExactly("Symbol app!no_such_name not found.");
  }
}
