// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jkd.engine.testing.PatchedDump;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists that never close, links to nowhere, and addresses where nothing is. */
class HostileSystemTest {
  /** Offsets in the 32-bit kernel of Windows Server 2003 with Service Pack 2. */
  private static final int PROCESS_LINKS = 0x98;

  private static final int THREAD_LINKS = 0x224;
  private static final int ATTACHED_DEVICE = 0x10;
  private static final int IRP_LINKS = 0x10;

  private static final int OBJECT_TABLE = 0xd4;
  private static final int VAD_ROOT = 0x258;

  private static final long OWNER = 0x874c6800L;
  private static final long SMSS = 0x8a53c020L;
  private static final long LSASS = 0x8a38a020L;
  private static final long EXPLORER = 0x87b0cd88L;
  private static final long THREAD = 0x8740c020L;

  @TempDir static Path folder;

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  private static PatchedDump dump() throws IOException {
    return PatchedDump.of(folder.resolve(ReferenceCase.COMPLETE));
  }

  private static List<String> answer(PatchedDump dump, String commands) throws IOException {
    dump.write(folder.resolve("PATCHED.DMP"));
    return Sessions.reference(folder, "PATCHED.DMP", commands);
  }

  @Test
  void a_cycle_of_processes_ends_and_is_named() throws IOException {
    PatchedDump cyclic = dump().word(LSASS + PROCESS_LINKS, SMSS + PROCESS_LINKS);
    List<String> lines = answer(cyclic, "!process 0 0; !stacks");
    // What the cycle cuts off is found from the list's other end.
    assertThat(lines.stream().filter(l -> l.startsWith("PROCESS "))).hasSize(9);
    assertThat(lines.stream().filter(l -> l.startsWith("*** The list ends here:")))
        .hasSize(2)
        .allMatch(l -> l.contains("8a38a0b8 leads to 8a53c0b8, which was listed already (a cycle"));
  }

  @Test
  void a_list_of_processes_that_is_cut_says_where() throws IOException {
    PatchedDump cut = dump().word(LSASS + PROCESS_LINKS, 0x41414141L);
    assertThat(answer(cut, "!process 0 0"))
        .contains(
            "*** The list ends here: the link at 8a38a0b8 holds 41414141,"
                + " which is no address of an entry")
        .contains("    Image: explorer.exe");
  }

  @Test
  void a_torn_entry_is_named() throws IOException {
    PatchedDump torn = dump().word(EXPLORER + PROCESS_LINKS + 4, SMSS + PROCESS_LINKS);
    List<String> lines = answer(torn, "!process 0 0");
    assertThat(lines.stream().filter(l -> l.startsWith("PROCESS "))).hasSize(9);
    assertThat(lines)
        .contains(
            "*** The list is torn: the entry at 87b0ce20 does not lead back to the one before it");
  }

  @Test
  void threads_and_requests_that_lead_to_themselves_are_shown_once() throws IOException {
    PatchedDump bad =
        dump()
            .word(THREAD + THREAD_LINKS, THREAD + THREAD_LINKS)
            .word(0x88b3be48L + IRP_LINKS, 0x88b3be48L + IRP_LINKS);
    List<String> lines = answer(bad, "!process -1 2");
    assertThat(lines.stream().filter(l -> l.contains("THREAD 8740c020"))).hasSize(1);
    assertThat(lines.stream().filter(l -> l.contains("88b3be48: (0006"))).hasSize(1);
    assertThat(lines.stream().filter(l -> l.contains("a cycle that misses the head"))).hasSize(2);
  }

  @Test
  void a_stack_of_devices_that_bites_its_tail_ends() throws IOException {
    PatchedDump bad = dump().word(0x8743c5d0L + ATTACHED_DEVICE, 0x8763f718L);
    List<String> lines = answer(bad, "!devstack 87544ac8");
    assertThat(lines.stream().filter(l -> l.contains("\\Driver\\BossHog01"))).hasSize(1);
    assertThat(lines).anyMatch(l -> l.startsWith("*** The list ends here:"));
  }

  @Test
  void a_tree_of_addresses_that_comes_back_on_itself_ends() throws IOException {
    PatchedDump dump = dump();
    long root = dump.word(OWNER + VAD_ROOT);
    long left = dump.word(root + 4);
    List<String> lines = answer(dump.word(left + 4, root), "!vad");
    assertThat(lines.stream().filter(l -> l.contains("READWRITE"))).hasSize(2);
    assertThat(lines)
        .anyMatch(l -> l.matches("\\*\\*\\* The tree is damaged: 8a9c.* is reached twice.*"));
  }

  @Test
  void a_page_of_pool_with_a_bad_header_is_found_invalid() throws IOException {
    PatchedDump dump = dump();
    long second = 0x8a9c0000L + (dump.word(0x8a9c0000L) >>> 16 & 0x1ff) * 8;
    List<String> lines =
        answer(dump.word(second, 0x41414141L), "!poolval 8a9c0000; !pool 8a9c0800");
    assertThat(lines)
        .contains("Pool page [ 8a9c0000 ] is __inVALID.")
        .anyMatch(l -> l.contains("the header at " + Long.toHexString(second)))
        .anyMatch(l -> l.startsWith("*** The page is corrupt: "))
        .contains("*** The block at 8a9c0800 lies behind that place");
  }

  @Test
  void a_table_of_handles_that_is_garbage_holds_none() throws IOException {
    PatchedDump dump = dump();
    long table = dump.word(OWNER + OBJECT_TABLE);
    assertThat(answer(dump.word(table, 0x41414142L), "!handle 0 0"))
        .anyMatch(l -> l.startsWith("*** The table of handles cannot be read at 41414140"));
    assertThat(answer(dump().word(OWNER + OBJECT_TABLE, 7), "!handle"))
        .containsExactly("Process 874c6800 has no table of handles");
  }

  @Test
  void a_list_of_resources_that_is_cut_says_where() throws IOException {
    PatchedDump dump = dump();
    long first = dump.word(Long.parseLong(resources(), 16));
    assertThat(answer(dump.word(first, first), "!locks"))
        .anyMatch(l -> l.contains("a cycle that misses the head"))
        .endsWith("1 total locks, 1 locks currently held");
  }

  /** The bits of processor 0 and 3 are set: one owns, the other waits behind it, 2 is astray. */
  @Test
  void queued_locks_show_owner_order_and_corruption() throws IOException {
    int cancel = 0x418 + 7 * 8;
    long third = 0xf7740120L + cancel;
    PatchedDump dump =
        dump()
            .word(0xffdff120L + cancel, third)
            .word(0xffdff120L + cancel + 4, 0x80812342L)
            .word(third + 4, 0x80812341L)
            .word(0xf7730120L + cancel + 4, 0x80812341L);
    List<String> lines = answer(dump, "!qlocks; !running -i");
    assertThat(lines)
        .contains("    Lock Name         0  1  2  3", "IO   - Cancel         O     C  1")
        .contains("EX   - WorkQueue")
        .contains("  0  ffdff120  8a9b0000            .......O........")
        .contains("  3  f7740120  8740c020            .......W........");
  }

  private static String resources() throws IOException {
    String line =
        Sessions.reference(folder, ReferenceCase.COMPLETE, "? nt!ExpSystemResourcesList")
            .getFirst();
    return line.substring(line.length() - 8);
  }

  @Test
  void whatever_an_address_holds_commands_answer_in_words() throws IOException {
    Random random = new Random(8);
    StringBuilder commands = new StringBuilder();
    String[] names = {
      "!process %x 7",
      "!thread %x",
      "!irp %x 1",
      "!devobj %x",
      "!devstack %x",
      "!drvobj %x 7",
      "!devnode %x",
      "!thread -t %x",
      "!idt %x",
      "!pcr %x",
      "!prcb %x",
      "!stacks 2 %x",
      "!object %x",
      "!handle %x 3",
      "!handle 0 3 %x",
      "!fileobj %x",
      "!vad %x",
      "!peb %x",
      "!teb %x",
      "!locks %x",
      "!pool %x",
      "!poolval %x"
    };
    long[] starts = {0x8740c000L, 0x8a9c0000L, 0x8743c000L, 0x88b3b000L, 0x80800000L, 0L};
    for (int i = 0; i < 800; i++) {
      long address = starts[random.nextInt(starts.length)] + random.nextInt(0x1000);
      if (i % 5 == 0) {
        address = random.nextInt() & 0xffff_ffffL;
      }
      commands.append(names[i % names.length].formatted(address)).append("; ");
    }
    List<String> lines = Sessions.reference(folder, ReferenceCase.COMPLETE, commands.toString());
    assertThat(lines).isNotEmpty().noneMatch(l -> l.contains("Internal error"));
  }

  @Test
  void without_symbols_it_says_which_type_is_missing() throws IOException {
    Path dump = folder.resolve(ReferenceCase.COMPLETE);
    assertThat(Sessions.answer(dump, "", "", "!process 0 0")).contains("    Image: explorer.exe");
    for (String command :
        List.of(
            "!irp 88b3be48",
            "!devobj 87544ac8",
            "!prcb",
            "!cpuinfo",
            "!object 87544ac8",
            "!handle",
            "!fileobj 88c01f28",
            "!teb",
            "!locks",
            "!timer",
            "!pool 8a9c0000",
            "!poolused")) {
      assertThat(Sessions.answer(dump, "", "", command))
          .as(command)
          .singleElement()
          .asString()
          .startsWith("*** Error: type nt!_")
          .contains("is not described by the symbols: nt has (");
    }
  }
}
