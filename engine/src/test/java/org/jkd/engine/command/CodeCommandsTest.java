// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code u ub uf .fnent !frameof} on the reference case. */
class CodeCommandsTest {
  @TempDir Path folder;

  @BeforeEach
  void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  private List<String> answer(String commands) throws IOException {
    StringBuilder out = new StringBuilder();
    Session session =
        new Session(
            Debuggee.open(
                folder.resolve(ReferenceCase.BITMAP),
                folder.resolve(ReferenceCase.SYMBOLS).toString(),
                folder.resolve(ReferenceCase.IMAGES).toString()));
    new Interpreter(session, out).run(commands);
    return out.toString().lines().toList();
  }

  @Test
  void ub_shows_the_call_of_the_article_with_the_right_offset() throws IOException {
    assertThat(answer("ub b958ecdf L1"))
        .containsExactly(
            "BabyHog!HogFarm+0xa9:",
            "b958ecd9 ff15906059b9    call    dword ptr BabyHog!HogFarm+0x7460 (b9596090)");
  }

  @Test
  void ub_and_u_list_the_same_instructions() throws IOException {
    List<String> forward = answer("u b8d8c0d0 L8");
    List<String> back = answer("ub b8d8c0ed L8");
    assertThat(back).isEqualTo(forward);
    assertThat(answer("u b8d8c0d0 L3; u L5").stream().filter(l -> l.startsWith("b8")))
        .isEqualTo(forward.stream().filter(l -> l.startsWith("b8")).toList());
    assertThat(answer("u b8d8c0d0 b8d8c0d3"))
        .containsExactly(forward.get(0), forward.get(1), forward.get(2), forward.get(3));
  }

  @Test
  void uf_starts_with_the_nine_instructions_of_the_article() throws IOException {
    List<String> uf = answer("uf b8d8c0d0");
    assertThat(uf.subList(1, 10))
        .containsExactly(
            "b8d8c0d0 55              push    ebp",
            "b8d8c0d1 8bec            mov     ebp,esp",
            "b8d8c0d3 6aff            push    0FFFFFFFFh",
            "b8d8c0d5 6840e2d9b8      push    offset MamaHog+0x15240 (b8d9e240)",
            "b8d8c0da 6808b2d9b8      push    offset MamaHog+0x12208 (b8d9b208)",
            "b8d8c0df 64a100000000    mov     eax,dword ptr fs:[00000000h]",
            "b8d8c0e5 50              push    eax",
            "b8d8c0e6 64892500000000  mov     dword ptr fs:[0],esp",
            "b8d8c0ed 81c470fdffff    add     esp,0FFFFFD70h");
    assertThat(answer("uf b8d8d22a")).isEqualTo(uf);
    assertThat(answer("uf 0")).containsExactly("No code found, aborting");
  }

  @Test
  void uf_lists_calls_and_counts_instructions() throws IOException {
    assertThat(answer("uf /c b958ec30"))
        .containsExactly(
            "BabyHog!HogFarm (b958ec30)",
            "  BabyHog!HogFarm+0xa9 (b958ecd9):",
            "    call to MamaHog+0x30d0 (b8d8c0d0)");
    List<String> counted = answer("uf /i b958ec30");
    long lines = counted.stream().filter(l -> l.startsWith("b958e")).count();
    assertThat(counted.getFirst()).isEqualTo(lines + " instructions scanned");
  }

  @Test
  void frameof_adds_up_to_the_frame_of_the_article() throws IOException {
    List<String> frame = answer("!frameof b8d8d22a");
    assertThat(frame)
        .contains(
            "  locals 656: add esp,0FFFFFD70h at b8d8c0ed",
            "  return address 704 (0x2c0) bytes above the stack pointer",
            "  ebp = return-address slot-0x4");
    int sum =
        frame.stream()
            .filter(l -> l.matches("  (saved|locals|arguments) \\d+: .*"))
            .mapToInt(l -> Integer.parseInt(l.replaceAll("^\\D+(\\d+):.*", "$1")))
            .sum();
    // The row of the article has 2c4: the bytes above, and the return address.
    assertThat(sum + 4).isEqualTo(0x2c4);
  }

  @Test
  void missing_code_and_missing_records_are_said_to_be_missing() throws IOException {
    assertThat(answer("u 0")).containsExactly("00000000 ??              ???");
    assertThat(answer(".fnent b958ecdf")).containsExactly("No function entry for b958ecdf");
  }
}
