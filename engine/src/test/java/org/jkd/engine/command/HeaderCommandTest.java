// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** {@code !dh} tells of an image what LLVM reads in its file. */
class HeaderCommandTest {
  /** Labels of {@code !dh} and of {@code llvm-readobj}. */
  private static final String[][] SAME = {
    {"number of sections", "SectionCount"},
    {"size of optional header", "OptionalHeaderSize"},
    {"size of code", "SizeOfCode"},
    {"size of initialized data", "SizeOfInitializedData"},
    {"address of entry point", "AddressOfEntryPoint"},
    {"base of code", "BaseOfCode"},
    {"image base", "ImageBase"},
    {"section alignment", "SectionAlignment"},
    {"file alignment", "FileAlignment"},
    {"size of image", "SizeOfImage"},
    {"size of headers", "SizeOfHeaders"},
    {"size of stack reserve", "SizeOfStackReserve"},
    {"size of heap commit", "SizeOfHeapCommit"},
  };

  @Test
  void headers_are_those_that_llvm_reads() throws Exception {
    Optional<Path> found = SharedFolder.find("corpus/train-x64-basic");
    Assumptions.assumeTrue(found.isPresent(), "needs ../shared/corpus/train-x64-basic");
    Path images = found.orElseThrow().resolve("images");
    Path file;
    try (Stream<Path> all = Files.walk(images)) {
      file =
          all.filter(Files::isRegularFile)
              .filter(p -> p.getFileName().toString().equals("Ntfs.sys"))
              .findFirst()
              .orElseThrow();
    }
    String llvm = readobj(file);
    StringBuilder out = new StringBuilder();
    new Interpreter(
            new Session(
                Debuggee.open(found.orElseThrow().resolve("KERNEL.DMP"), "", images.toString())),
            out)
        .run("!dh Ntfs");
    for (String[] pair : SAME) {
      assertThat(ours(out.toString(), pair[0])).as(pair[0]).isEqualTo(theirs(llvm, pair[1]));
    }
    long sections = out.toString().lines().filter(l -> l.startsWith("SECTION HEADER #")).count();
    assertThat(sections).isEqualTo(theirs(llvm, "SectionCount"));
  }

  private static long ours(String text, String label) {
    Matcher line = Pattern.compile("(?m)^ *([0-9A-Fa-f]+) " + label + "$").matcher(text);
    assertThat(line.find()).as(label).isTrue();
    return Long.parseUnsignedLong(line.group(1), 16);
  }

  private static long theirs(String text, String label) {
    Matcher line = Pattern.compile("(?m)^ *" + label + ": (0x)?([0-9A-Fa-f]+)").matcher(text);
    assertThat(line.find()).as(label).isTrue();
    return Long.parseUnsignedLong(line.group(2), line.group(1) == null ? 10 : 16);
  }

  private static String readobj(Path file) throws Exception {
    for (String tool : new String[] {"llvm-readobj", "llvm-readobj-19"}) {
      try {
        Process process =
            new ProcessBuilder(tool, "--file-headers", file.toString())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() == 0) {
          return text;
        }
      } catch (IOException e) {
        continue; // not under this name
      }
    }
    Assumptions.abort("needs llvm-readobj");
    return "";
  }
}
