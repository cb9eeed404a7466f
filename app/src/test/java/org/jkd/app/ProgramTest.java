// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own: what it prints where, and how it ends. */
class ProgramTest {
  @TempDir static Path folder;

  private static String dump;

  /** How a run ended. */
  private record Run(int code, String out, String err) {}

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
    dump = folder.resolve(ReferenceCase.COMPLETE).toString();
  }

  private static Run jkd(String input, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.jkd.app.Main"));
    command.addAll(Arrays.asList(args));
    Path in = Files.writeString(folder.resolve("input.txt"), input);
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().remove("_NT_SYMBOL_PATH");
    builder.environment().remove("_NT_EXECUTABLE_IMAGE_PATH");
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends in time").isTrue();
    return new Run(
        process.exitValue(),
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  @Test
  void with_c_nothing_but_answers_is_on_standard_output() throws Exception {
    Run run = jkd("", "-z", dump, "-c", ".kframes 200; .echo hello; q");
    assertThat(run).isEqualTo(new Run(0, "Default stack trace depth is 0n512 frames\nhello\n", ""));
  }

  @Test
  void without_q_standard_input_goes_on_to_its_end() throws Exception {
    Run run = jkd(".echo two\n\n.echo three\n", "-z", dump, "-c", ".echo one");
    assertThat(run).isEqualTo(new Run(0, "one\ntwo\nthree\n", ""));
  }

  @Test
  void piped_commands_end_at_q() throws Exception {
    Run run = jkd("? 10\nq\n.echo never\n", "-z", dump);
    assertThat(run).isEqualTo(new Run(0, "Evaluate expression: 16 = 00000010\n", ""));
  }

  @Test
  void dumps_of_one_name_have_a_page_each() throws Exception {
    Path other = Files.createDirectories(folder.resolve("other"));
    String name = String.valueOf(Path.of(dump).getFileName());
    Path same = Files.copy(Path.of(dump), other.resolve(name));
    Path pages = Files.createDirectories(folder.resolve("pages"));
    String page = pages.resolve("out.html").toString();
    Run run = jkd("", "analyze", dump, same.toString(), "--html", page);
    assertThat(run.code()).isZero();
    assertThat(pages.resolve("out-" + name + ".html")).isNotEmptyFile();
    assertThat(pages.resolve("out-" + name + "-2.html")).isNotEmptyFile();
    assertThat(run.err()).contains("-2.html");
  }

  @Test
  void a_script_and_a_log_file_work() throws Exception {
    Path script = Files.writeString(folder.resolve("s.txt"), ".echo a\n* comment\n.echo b; q\n");
    Path log = folder.resolve("log.txt");
    Run run = jkd("", "-z", dump, "-cf", script.toString(), "-logo", log.toString());
    assertThat(run).isEqualTo(new Run(0, "a\nb\n", ""));
    assertThat(log).hasContent("a\nb\n");
  }

  @Test
  void a_command_that_fails_makes_the_exit_code_1() throws Exception {
    Run run = jkd("", "-z", dump, "-c", "? nosuchname; .echo on; q");
    assertThat(run).isEqualTo(new Run(1, "Couldn't resolve error at 'nosuchname'\non\n", ""));
  }

  @Test
  void wrong_usage_is_2_and_one_line() throws Exception {
    for (String[] args :
        new String[][] {{"-q"}, {"-z"}, {"-c", "q"}, {"nonsense"}, {"sample"}, {"demo", "-x"}}) {
      Run run = jkd("", args);
      assertThat(run.code()).as(String.join(" ", args)).isEqualTo(2);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).startsWith("jkd: ").endsWith("; jkd --help explains\n").hasLineCount(1);
    }
  }

  @Test
  void what_is_no_dump_is_3_and_one_line() throws Exception {
    byte[] cut = Arrays.copyOf(Files.readAllBytes(Path.of(dump)), 0x800);
    List<Path> files =
        List.of(
            Files.writeString(folder.resolve("text.dmp"), "This is no dump.\n"),
            Files.write(folder.resolve("empty.dmp"), new byte[0]),
            Files.write(folder.resolve("cut.dmp"), cut),
            Files.createDirectories(folder.resolve("folder.dmp")));
    for (Path file : files) {
      Run run = jkd("", "-z", file.toString(), "-c", "lm; q");
      assertThat(run.code()).as(file.toString()).isEqualTo(3);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).startsWith("jkd: ").hasLineCount(1).doesNotContain("Exception");
    }
  }

  @Test
  void a_missing_file_is_4_and_one_line() throws Exception {
    Run dumpMissing = jkd("", "-z", folder.resolve("nosuch.dmp").toString(), "-c", "q");
    Run scriptMissing = jkd("", "-z", dump, "-cf", folder.resolve("nosuch.txt").toString());
    for (Run run : List.of(dumpMissing, scriptMissing)) {
      assertThat(run.code()).isEqualTo(4);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).startsWith("jkd: ").contains("no such").hasLineCount(1);
    }
  }

  @Test
  void json_is_one_object_per_line_and_nothing_else() throws Exception {
    Run run = jkd("", "-z", dump, "--json", "-c", "!thread; ? nosuch; lm; .cls; q");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out().lines())
        .hasSize(4)
        .allMatch(l -> l.startsWith("{\"schema\":\"jkd/1\",\"command\":\"") && l.endsWith("}"));
    assertThat(run.out()).contains("\"ok\":false,\"error\":\"Couldn't resolve error at 'nosuch'\"");
  }

  @Test
  void help_and_version_are_answered() throws Exception {
    assertThat(jkd("", "--help").out()).contains("-z DUMP", "jkd demo");
    assertThat(jkd("", "demo", "--help").out()).startsWith("jkd demo [DIR]");
    assertThat(jkd("", "sample", "--help").out()).startsWith("jkd sample DIR");
    Run version = jkd("", "--version");
    assertThat(version.code()).isZero();
    assertThat(version.out()).startsWith("jkd ").hasLineCount(1);
  }

  @Test
  void the_demo_ends_with_the_right_sum() throws Exception {
    Run run = jkd("", "demo", folder.resolve("demo").toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains(
            "Owning Process 874c6800       Image:         StackHog.exe",
            "      2c4 b8ae8238 b958ecdf MamaHog+0x422a\n",
            "Evaluate expression: 4176 = 00001050",
            "the product (*) 4496 bytes (0x1190) in 50 frames, not 4176",
            "all rows        11316 bytes (0x2c34) of 12288");
  }
}
