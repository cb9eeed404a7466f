// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jkd.engine.testing.Transcript;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Published samples of kd's output, one by one: reproduced, not applicable, or different on
 * purpose.
 */
class KdSamplesTest {
  @TempDir static Path folder;

  private static Debuggee sample;

  /**
   * A sample.
   *
   * @param state {@code reproduced}, {@code layout}, {@code not applicable} or {@code differs}
   * @param detail the target, or the reason
   */
  record Sample(String section, String state, String detail, String command, List<String> lines) {
    boolean runs() {
      return state.equals("reproduced") || state.equals("layout");
    }

    @Override
    public String toString() {
      return section + ": " + command + " " + lines.getFirst();
    }
  }

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
    sample =
        Debuggee.open(
            folder.resolve(ReferenceCase.COMPLETE),
            folder.resolve(ReferenceCase.SYMBOLS).toString(),
            folder.resolve(ReferenceCase.IMAGES).toString());
  }

  static List<Sample> samples() throws IOException {
    List<Sample> samples = new ArrayList<>();
    for (String line : Transcript.text(KdSamplesTest.class, "kd-samples.txt").lines().toList()) {
      if (line.startsWith("== ")) {
        String[] head = line.substring(3).split(" \\| ", 3);
        samples.add(new Sample(head[0], head[1], head[2], "", new ArrayList<>()));
      } else if (line.startsWith("> ")) {
        Sample open = samples.removeLast();
        samples.add(
            new Sample(open.section, open.state, open.detail, line.substring(2), open.lines));
      } else if (!samples.isEmpty()) {
        samples.getLast().lines.add(line);
      }
    }
    return samples;
  }

  static List<Sample> reproduced() throws IOException {
    return samples().stream().filter(Sample::runs).toList();
  }

  @ParameterizedTest
  @MethodSource("reproduced")
  void a_sample_stands_in_the_answer(Sample wanted) throws IOException {
    StringBuilder out = new StringBuilder();
    new Interpreter(new Session(target(wanted.detail)), out).run(wanted.command);
    List<String> answer = out.toString().lines().toList();
    boolean found = false;
    for (int at = 0; at + wanted.lines.size() <= answer.size(); at++) {
      found |= stands(wanted.lines, answer, at);
    }
    assertThat(found).as(wanted.lines + " in\n" + out).isTrue();
  }

  private static boolean stands(List<String> lines, List<String> answer, int at) {
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      String got = answer.get(at + i);
      if (!Pattern.matches(pattern(line), got)) {
        return false;
      }
    }
    return true;
  }

  /** A line literally, but for what stands for text that the sample cut off or had otherwise. */
  private static String pattern(String line) {
    return Arrays.stream(line.split("…", -1)).map(Pattern::quote).collect(joining(".*"));
  }

  private static Debuggee target(String name) throws IOException {
    if (name.equals("x86")) {
      return sample;
    }
    Optional<Path> found = SharedFolder.find("corpus/train-x64-basic");
    Assumptions.assumeTrue(found.isPresent(), "needs ../shared/corpus/train-x64-basic");
    Path dump = found.orElseThrow();
    return Debuggee.open(
        dump.resolve("KERNEL.DMP"),
        dump.resolve("symbols").toString(),
        dump.resolve("images").toString());
  }

  @Test
  void every_sample_has_a_class_and_a_reason() throws IOException {
    for (Sample s : samples()) {
      assertThat(s.state).isIn("reproduced", "layout", "not applicable", "differs");
      assertThat(s.lines).as(s.section).isNotEmpty();
      assertThat(s.detail).as(s.toString()).isNotBlank();
      assertThat(s.command.isEmpty()).as(s.toString()).isEqualTo(!s.runs());
      if (s.runs()) {
        assertThat(s.detail).isIn(Set.of("x86", "x64"));
      }
    }
  }

  @Test
  void the_document_counts_them_rightly() throws IOException {
    Path document = Path.of(System.getProperty("jkd.root", ".."), "docs", "compatibility.md");
    Assumptions.assumeTrue(Files.exists(document), "needs the project's docs folder");
    String counts =
        count("reproduced")
            + " are reproduced, "
            + count("layout")
            + " in their layout with other values, "
            + count("not applicable")
            + " are not applicable, "
            + count("differs")
            + " differ";
    assertThat(Files.readString(document).replace('\n', ' ')).contains(counts);
  }

  private static long count(String state) throws IOException {
    return samples().stream().filter(s -> s.state.equals(state)).count();
  }
}
