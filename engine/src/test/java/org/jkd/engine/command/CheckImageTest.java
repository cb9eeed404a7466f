// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.engine.testing.PatchedDump;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.jkd.target.LoadedModule;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code !chkimg} finds what was changed in code, and nothing where nothing was. */
class CheckImageTest {
  /** A function that begins with {@code 55 8b ec 6a ff}, which other tests show as code. */
  private static final long FUNCTION = 0xb8d8c0d0L;

  @TempDir static Path folder;

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  private static List<String> answer(Path dump, Path images, String commands) throws IOException {
    StringBuilder out = new StringBuilder();
    Debuggee debuggee = Debuggee.open(dump, "", images.toString());
    new Interpreter(new Session(debuggee), out).run(commands);
    return out.toString().lines().toList();
  }

  @Test
  void code_that_nobody_changed() throws IOException {
    Path dump = folder.resolve(ReferenceCase.COMPLETE);
    Path images = folder.resolve(ReferenceCase.IMAGES);
    assertThat(answer(dump, images, "!chkimg MamaHog -d"))
        .containsExactly("0 errors : MamaHog", "Compared 0x14000 of 0x14000 bytes of code");
    assertThat(answer(dump, images, "!chkimg nosuch"))
        .containsExactly("\"nosuch\" was not found in the image list.");
    assertThat(answer(dump, folder.resolve("nowhere"), "!chkimg MamaHog"))
        .containsExactly(
            "The image file of MamaHog was not found: there is nothing to compare with");
  }

  @Test
  void a_jump_over_the_start_of_a_function_and_one_byte_elsewhere() throws IOException {
    PatchedDump patched = PatchedDump.of(folder.resolve(ReferenceCase.COMPLETE));
    long elsewhere = FUNCTION + 0x2000;
    long word = patched.word(elsewhere);
    Path dump =
        patched
            .word(FUNCTION, 0x440022e9L)
            .word(elsewhere, word ^ 0xff00L)
            .write(folder.resolve("HOOKED.DMP"));
    String before = "%02x".formatted(word >>> 8 & 0xff);
    String after = "%02x".formatted((word ^ 0xff00L) >>> 8 & 0xff);
    Path images = folder.resolve(ReferenceCase.IMAGES);
    List<String> details = answer(dump, images, "!chkimg -d MamaHog");
    assertThat(details)
        .containsExactly(
            "    b8d8c0d0-b8d8c0d3  4 bytes - MamaHog+0x30d0",
            "\t[ 55 8b ec 6a:e9 22 00 44 ]",
            "    b8d8e0d1 - MamaHog+0x50d1",
            "\t[ " + before + ":" + after + " ]",
            "5 errors : MamaHog (b8d8c0d0-b8d8e0d1)",
            "Compared 0x14000 of 0x14000 bytes of code");
    assertThat(answer(dump, images, "!chkimg MamaHog")).isEqualTo(details.subList(4, 6));
    assertThat(answer(dump, images, "!chkimg BabyHog")).first().isEqualTo("0 errors : BabyHog");
  }

  /**
   * Import slots are bound there, and pointers relocated, by a generator that jkd has no part in.
   */
  @Test
  void modules_of_other_origin_are_as_in_their_files() throws IOException {
    Optional<Path> found = SharedFolder.find("corpus/train-x64-basic");
    Assumptions.assumeTrue(found.isPresent(), "needs ../shared/corpus/train-x64-basic");
    Path dump = found.orElseThrow().resolve("KERNEL.DMP");
    Debuggee debuggee = Debuggee.open(dump, "", found.orElseThrow().resolve("images").toString());
    StringBuilder out = new StringBuilder();
    Interpreter interpreter = new Interpreter(new Session(debuggee), out);
    for (LoadedModule module : debuggee.modules()) {
      interpreter.run("!chkimg " + module.name());
    }
    assertThat(out.toString().lines().filter(l -> l.contains("error"))).isNotEmpty();
    assertThat(out.toString().lines().filter(l -> l.contains("error")))
        .allMatch(l -> l.startsWith("0 errors : "));
  }
}
