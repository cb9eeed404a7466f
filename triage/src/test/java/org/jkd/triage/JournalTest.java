// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jkd.image.FormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in a journal after whatever happened to the run that wrote it. */
class JournalTest {
  @TempDir Path folder;

  private static TriageRow row(String key, String path) {
    return TriageRow.failed(
        new TriageRow.Identity(key, path, "", 1, "", "", ""), Category.NOT_A_DUMP, "ä \"x\"\n");
  }

  private static boolean add(Journal journal, TriageRow row) throws IOException {
    return journal.add(Rows.of(row), row.json());
  }

  private Path journal() throws IOException {
    Path path = folder.resolve("rows.jsonl");
    try (Journal journal = Journal.open(path, r -> {})) {
      assertThat(add(journal, row("a", "1.dmp"))).isTrue();
      assertThat(add(journal, row("b", "2.dmp"))).isTrue();
      assertThat(add(journal, row("a", "1.dmp"))).as("a dump has one row").isFalse();
    }
    return path;
  }

  @Test
  void rows_are_there_when_it_is_opened_again() throws IOException {
    List<Map<String, Object>> earlier = new ArrayList<>();
    try (Journal journal = Journal.open(journal(), earlier::add)) {
      assertThat(journal.isDone("a")).isTrue();
      assertThat(journal.isDone("c")).isFalse();
    }
    assertThat(earlier).extracting(r -> r.get("path")).containsExactly("1.dmp", "2.dmp");
  }

  @Test
  void wherever_a_line_was_torn_the_row_is_written_anew_and_the_others_stay() throws IOException {
    Path whole = journal();
    byte[] bytes = Files.readAllBytes(whole);
    int first = Files.readAllLines(whole).getFirst().getBytes("UTF-8").length + 1;
    for (int end = 0; end < bytes.length; end++) {
      Path torn = folder.resolve("torn.jsonl");
      Files.write(torn, java.util.Arrays.copyOf(bytes, end));
      try (Journal journal = Journal.open(torn, r -> {})) {
        assertThat(journal.isDone("a")).as("cut at " + end).isEqualTo(end >= first);
        assertThat(journal.isDone("b")).isFalse();
        add(journal, row("a", "1.dmp"));
        add(journal, row("b", "2.dmp"));
      }
      assertThat(Files.readAllBytes(torn)).isEqualTo(bytes);
    }
  }

  @Test
  void a_file_of_something_else_is_left_alone() throws IOException {
    Path other = Files.writeString(folder.resolve("other.jsonl"), "{\"schema\":\"x\"}\nmore");
    assertThatThrownBy(() -> Journal.open(other, r -> {}))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("line 1")
        .hasMessageContaining("jkd-triage/1");
    assertThat(Files.readString(other)).isEqualTo("{\"schema\":\"x\"}\nmore");
  }

  @Test
  void two_runs_cannot_write_one_file() throws IOException {
    Path path = journal();
    try (Journal first = Journal.open(path, r -> {})) {
      assertThatThrownBy(() -> Journal.open(path, r -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another run");
      assertThat(first.size()).isEqualTo(2);
    }
  }

  @Test
  void the_row_of_a_dump_that_changed_takes_the_place_of_the_older_one() throws IOException {
    Path path = journal();
    try (Journal journal = Journal.open(path, r -> {})) {
      add(journal, row("newer", "1.dmp"));
    }
    assertThat(SampleDumps.rows(path))
        .extracting(r -> r.get("key"))
        .containsExactlyInAnyOrder("b", "newer");
  }

  @Test
  void a_line_of_bytes_that_are_no_text_is_refused() throws IOException {
    Path path = journal();
    Files.write(path, new byte[] {(byte) 0xff, '\n'}, StandardOpenOption.APPEND);
    assertThatThrownBy(() -> Journal.open(path, r -> {})).hasMessageContaining("line 3");
  }
}
