// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.engine.testing.BareTarget;
import org.jkd.engine.testing.Transcript;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Control words, aliases, scripts and formats, on a target without memory. */
class LanguageTest {
  @TempDir Path folder;

  private final StringBuilder out = new StringBuilder();
  private final Session session = new Session(Debuggee.bare(new BareTarget(Arch.X86)));
  private final Interpreter interpreter = new Interpreter(session, out);

  private String answer(String line) {
    out.setLength(0);
    interpreter.run(line);
    return out.toString();
  }

  static List<Transcript> transcript() throws IOException {
    return Transcript.of(LanguageTest.class, "language.txt");
  }

  @ParameterizedTest
  @MethodSource("transcript")
  void words_steer_as_in_kd(Transcript step) {
    String answer = answer(step.command());
    assertThat(answer.endsWith("\n") ? answer : answer + "\n").isEqualTo(step.answer());
  }

  private Path script(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  @Test
  void scripts_run_line_by_line_or_as_one_block() throws IOException {
    Path script = script("s.txt", ".echo a", "* a remark; .echo not", ".echo b");
    assertThat(answer("$><" + script)).isEqualTo("a\nb\n");
    Path lines = script("l.txt", ".echo a", ".echo b; .echo c");
    assertThat(answer("$$<" + lines + " ; .echo end"))
        .isEqualTo("kd> .echo a\na\nkd> .echo b; .echo c\nb\nc\nend\n");
    assertThat(answer("$<" + lines)).isEqualTo("kd> .echo a\na\nkd> .echo b; .echo c\nb\nc\n");
    Path block = script("b.txt", ".if (1)", "{", "  .echo x", "}", ".else", "{ .echo y }");
    assertThat(answer("$$><" + block + "; .echo end")).isEqualTo("x\nend\n");
  }

  @Test
  void arguments_of_a_script_are_aliases_while_it_runs() throws IOException {
    Path script = script("a.txt", ".echo 1=${$arg1} 2=${$arg2}", ".echo ${/d:$arg2} ${/d:$arg3}");
    assertThat(answer("$$>a<" + script + " one \"two three\"; al"))
        .isEqualTo("1=one 2=two three\n1 0\nNo aliases\n");
  }

  @Test
  void a_script_that_runs_itself_ends() throws IOException {
    Path script = folder.resolve("self.txt");
    Files.writeString(script, ".echo x\n$$><" + script + "\n");
    assertThat(answer("$$><" + script)).endsWith("Blocks and scripts nest too deeply\n");
    assertThat(answer("$$><" + folder.resolve("none")))
        .isEqualTo(
            """
            Command file execution failed, Win32 error 0n2
                "The system cannot find the file specified."
            """);
  }

  @Test
  void aliases_come_from_files_commands_and_the_environment() throws IOException {
    Path file = script("v.txt", "content");
    assertThat(answer("aS /f v " + file + "; .block { .echo ${v} }")).isEqualTo("content\n");
    assertThat(answer("aS /e p PATH; .block { .echo \"${p}\" }"))
        .isEqualTo(System.getenv("PATH") + "\n");
  }

  @Test
  void a_log_holds_what_was_typed_and_what_was_answered() throws IOException {
    Path log = folder.resolve("my.log");
    assertThat(answer(".logopen " + log + "; .echo a"))
        .isEqualTo("Opened log file '" + log + "'\na\n");
    answer(".echo b");
    assertThat(answer(".logfile")).isEqualTo("Log '" + log + "' open\n");
    assertThat(answer(".logclose")).isEqualTo("Closing open log file " + log + "\n");
    answer(".echo not this");
    assertThat(Files.readString(log))
        .isEqualTo(
            "Opened log file '"
                + log
                + "'\na\nkd> .echo b\nb\nkd> .logfile\nLog '"
                + log
                + "' open\nkd> .logclose\nClosing open log file "
                + log
                + "\n");
    answer(".logappend " + log + "; .echo more; .logclose");
    assertThat(Files.readString(log)).contains("more\n").startsWith("Opened");
    assertThat(answer(".logopen /t " + folder.resolve("t.txt")))
        .matches("Opened log file '.*/t_[0-9A-F]{4,}_\\d{4}-\\d\\d-\\d\\d_[0-9-]+\\.txt'\n");
    assertThat(answer(".logclose; .logclose")).endsWith("No log file open\n");
  }

  @Test
  void the_shell_is_off_unless_it_was_asked_for() {
    assertThat(answer(".shell echo x")).startsWith(".shell is switched off");
    StringBuilder text = new StringBuilder();
    Session open = new Session(Debuggee.bare(new BareTarget(Arch.X86)), new LocalHost(true));
    Interpreter shell = new Interpreter(open, text);
    shell.run(".shell echo x");
    assertThat(text.toString().strip()).isEqualTo("x");
    text.setLength(0);
    shell.run(".shell -ci \".echo one; .echo two\" sort");
    assertThat(text.toString().lines()).containsExactly("one", "two");
    shell.run(".noshell");
    text.setLength(0);
    shell.run(".shell echo x");
    assertThat(text.toString()).startsWith(".shell is switched off");
  }

  @Test
  @Timeout(20)
  void an_endless_loop_ends_when_it_is_interrupted() throws InterruptedException {
    Thread runner =
        new Thread(() -> interpreter.run("r $t0=0; .while (1) { r $t0=@$t0+1 } ; .echo never"));
    runner.start();
    while (session.pseudoRegister("$t0").orElse(0) < 10) {
      Thread.onSpinWait();
    }
    runner.interrupt();
    runner.join();
    assertThat(out).hasToString("Interrupted\n");
    assertThat(answer(".echo on")).isEqualTo("on\n");
  }

  @Test
  void texts_cannot_grow_without_end() {
    answer("aS v 0123456789012345678901234567890123456789");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append(answer("aS v ${v}${v}"));
    }
    assertThat(lines.toString()).contains("too long");
  }

  @Test
  void json_answers_the_commands_within_blocks() {
    session.setJson(true);
    assertThat(answer(".foreach (x { .echo 1 2 }) { ? x }; .printf \"%x\\n\", 1f"))
        .isEqualTo(
            """
            {"schema":"jkd/1","command":"? 1","ok":true,"decimal":1,"value":"0x1"}
            {"schema":"jkd/1","command":"? 2","ok":true,"decimal":2,"value":"0x2"}
            {"schema":"jkd/1","command":".printf \\"%x\\\\n\\", 1f","ok":true,"text":"1f\\n"}
            """);
  }
}
