// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.engine.testing.BareTarget;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What kd users type around the stack: registers of all units, frames, lists, searches in code. */
class SessionCommandsTest {
  @TempDir static Path folder;

  private static Debuggee sample;

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
    sample =
        Debuggee.open(
            folder.resolve(ReferenceCase.COMPLETE),
            folder.resolve(ReferenceCase.SYMBOLS).toString(),
            folder.resolve(ReferenceCase.IMAGES).toString());
  }

  private static List<String> answer(String commands) {
    StringBuilder out = new StringBuilder();
    new Interpreter(new Session(sample), out).run(commands);
    return out.toString().lines().toList();
  }

  @Test
  void floating_point_registers_of_the_header() {
    assertThat(answer("rF"))
        .startsWith("fpcw=027F: rn 53 puozdi  fpsw=0000: top=0 cc=0000 --------  fptw=0000")
        .hasSize(6);
    assertThat(answer("r st0")).containsExactly("st0= 0.000000000000000000000e+0000");
    assertThat(answer("rX")).containsExactly("This context does not hold the vector registers");
    assertThat(answer(".tss 28; rF")).last().asString().startsWith("This context does not hold");
    assertThat(answer("r st9")).containsExactly("Bad register error at 'st9'");
  }

  @Test
  void control_registers_of_the_processor() {
    // cr2: the address of the push that found no stack; see the case's double fault.
    assertThat(answer("r cr2")).containsExactly("cr2=b8ae5f5c");
    assertThat(answer("rM 180"))
        .containsExactly(
            "cr0=8001003b cr2=b8ae5f5c cr3="
                + "%08x"
                    .formatted(
                        sample.kernel().orElseThrow().header().directoryTableBase().orElseThrow()),
            "cr4=000006f8",
            "gdtr=f7742000   gdtl=03ff idtr=f7743000   idtl=07ff tr=0050  ldtr=0000");
    assertThat(answer(".trap b8ae8d64; r.")).endsWith("The current instruction is not in the dump");
    assertThat(answer(".tss 28; r.")).last().isEqualTo("ebx=00000000 esp=b8ae5f60");
  }

  @Test
  void a_mask_says_which_registers_are_shown() {
    assertThat(answer("rm"))
        .containsExactly(
            "Register output mask is 9:",
            "       1 - Integer state (32-bit)",
            "       8 - Segment registers");
    assertThat(answer("rm 8; r")).isEqualTo(answer("rM 8")).hasSize(1);
    assertThat(answer("rm 180; r")).isEqualTo(answer("rM 180")).hasSize(3);
    assertThat(answer("rm 8; rm 9; r")).isEqualTo(answer("r"));
    assertThat(answer("rm ?")).hasSize(9);
    assertThat(answer("rm 200")).containsExactly("Bits of a register mask are 1 to 100: see rm ?");
  }

  @Test
  void code_at_a_physical_address() {
    long at = 0x8081df20L;
    long physical =
        answer("!vtop 0 " + Long.toHexString(at)).stream()
            .filter(l -> l.contains("translates to physical address "))
            .map(l -> l.substring(l.lastIndexOf(' ') + 1, l.length() - 1))
            .mapToLong(l -> Long.parseLong(l, 16))
            .findFirst()
            .orElseThrow();
    List<String> virtual = answer("u " + Long.toHexString(at) + " L2");
    List<String> shown = answer("up " + Long.toHexString(physical) + " L2; up L1");
    assertThat(shown).hasSize(3);
    for (int i = 0; i < 2; i++) {
      assertThat(shown.get(i)).startsWith("%08x".formatted(physical + i)).hasSizeGreaterThan(20);
      assertThat(shown.get(i).substring(8)).isEqualTo(virtual.get(i + 1).substring(8));
    }
  }

  @Test
  void what_an_exception_code_means() {
    assertThat(answer("!error c0000005"))
        .containsExactly("Error code: (NTSTATUS) 0xc0000005 (3221225477) - Access violation");
    assertThat(answer("!error 0n2"))
        .containsExactly("Error code: (Win32) 0x2 (2) - <Unable to get error code text>");
  }

  @Test
  void a_frame_by_its_registers() {
    assertThat(answer(".frame = b8ae6100 b8ae60ec 8081df65; k 2"))
        .containsExactly(
            "00 b8ae6100 f7a2ec45 nt!IofCallDriver+0x45",
            "  *** Stack trace for last set context - .thread/.cxr resets it",
            "ChildEBP RetAddr  ",
            "b8ae6100 f7a2ec45 nt!IofCallDriver+0x45",
            "b8ae6128 8081df65 fltmgr!FltpDispatch+0x6f");
    assertThat(answer(".frame 2")).containsExactly("02 b8ae6100 f7a2ec45 nt!IofCallDriver+0x45");
    assertThat(answer(".frame = b8ae6100 b8ae60ec")).last().asString().contains("Syntax error");
  }

  @Test
  void zero_stands_for_the_thread_and_process_of_the_crash() {
    assertThat(answer(".tss 28; .thread 0; r eip")).contains("eip=8088c165");
    assertThat(answer(".process 0")).containsExactly("Implicit process is now 874c6800");
  }

  @Test
  void a_search_in_code_goes_on_behind_its_last_hit() {
    assertThat(answer("# mov nt!IofCallDriver L20; #"))
        .contains("nt!IofCallDriver+0x1:")
        .filteredOn(line -> line.contains(" mov "))
        .hasSize(2)
        .doesNotHaveDuplicates();
    assertThat(answer("# nosuchthing nt!IofCallDriver L8")).isEmpty();
    assertThat(answer("#")).last().asString().endsWith("^ Syntax error in '#'");
    assertThat(answer("# x 0"))
        .containsExactly("Search ended at unreadable memory: 00000000 ??              ???");
  }

  @Test
  void lists_entry_by_entry() {
    List<String> rows = answer("dl nt!PsLoadedModuleList 3 1");
    assertThat(rows).hasSize(3).first().asString().startsWith("808a0a10  ");
    // Each row's word is where the next row stands.
    assertThat(rows.get(1)).startsWith(rows.getFirst().substring(10));
    assertThat(rows.get(2)).startsWith(rows.get(1).substring(10));
    assertThat(answer("!list -t nt!_LIST_ENTRY.Flink -x \"dp\" -a \"L1\" -m 3 808a0a10"))
        .isEqualTo(rows);
    assertThat(answer("!list \"-t nt!_LIST_ENTRY.Flink -x \\\"dp @$extret L1\\\" -m 3 808a0a10\""))
        .isEqualTo(rows);
    assertThat(answer("dlb nt!PsLoadedModuleList 2 1")).hasSize(2);
    assertThat(answer("!list -t nt!_LIST_ENTRY.Flink 10"))
        .containsExactly("The list cannot be followed: memory at 00000010 is not readable");
    assertThat(answer("!list -t nt!_LIST_ENTRY.Flink -x \".break; ? @$extret\" 808a0a10; .echo on"))
        .containsExactly("on");
  }

  @Test
  void a_list_ends_where_it_began() {
    int modules = sample.modules().size();
    assertThat(answer("!list -t nt!_LIST_ENTRY.Flink -x \".echo\" 808a0a10"))
        .hasSize(modules + 1)
        .doesNotHaveDuplicates();
  }

  @Test
  void commands_for_each_of_something() {
    assertThat(answer("!for_each_module .echo @#ModuleName @#Base"))
        .hasSize(sample.modules().size())
        .contains("nt 0x80800000");
    assertThat(answer("!for_each_process \".echo @#Process\"")).contains("0x874c6800");
    assertThat(answer("!for_each_thread \".echo @#Process @#Thread; .echo -\""))
        .contains("0x874c6800 0x8740c020", "-");
    assertThat(answer(".kframes 2; !for_each_frame r eip"))
        .containsExactly(
            "Default stack trace depth is 0n2 frames",
            "00 00000000 bae1afbf nt!_KiTrap08+0x75",
            "eip=8088c165",
            "01 b8ae60ec 8081df65 Ntfs!NtfsFsdRead+0x9",
            "eip=8088c165");
    assertThat(answer("!for_each_local")).first().asString().startsWith("Unable to enumerate");
  }

  @Test
  void what_is_looked_at() {
    assertThat(answer("||"))
        .containsExactly(".  0 32-bit Kernel full dump: " + folder.resolve(ReferenceCase.COMPLETE));
    assertThat(answer("|")).containsExactly("        ^ Syntax error in '|'");
    assertThat(answer(".lastevent"))
        .containsExactly(
            "Last event: Break instruction exception - code 80000003 (first/second chance not"
                + " available)");
  }

  @Test
  void what_only_a_live_target_can_do_is_refused() {
    assertThat(answer(".attach 0n12"))
        .containsExactly(
            " ".repeat(19)
                + "^ Operation not supported by current debuggee error in '.attach 0n12'");
    assertThat(answer(".childdbg 1; .detach"))
        .hasSize(2)
        .allMatch(l -> l.contains("not supported"));
  }

  /** Code and stacks of ARM64 are not looked at; the session says so and keeps its registers. */
  @Test
  void a_processor_that_is_not_walked() {
    StringBuilder out = new StringBuilder();
    Session session = new Session(Debuggee.bare(new BareTarget(Arch.ARM64)));
    new Interpreter(session, out).run(".frame = 1000 2000; # ret; rF; rM 1ff; r cr3; r.; dt x");
    assertThat(out.toString().lines().toList())
        .contains(
            "Stacks of this processor are not walked", "Code of this processor is not decoded")
        .noneMatch(l -> l.contains("Internal error"));
    assertThat(session.contextIsSet()).isFalse();
  }

  @Test
  void scripts_of_windbg_go_on() {
    assertThat(
            answer(
                ".load pykd; .prefer_dml 1; .enable_unicode 1; bc *; sxe ld; bl; .chain; .echo on"))
        .startsWith("The call to LoadLibrary(pykd) failed, Win32 error 0n2")
        .contains("DML versions of commands on by default")
        .endsWith("on");
  }

  @Test
  void all_descriptors_in_use() {
    List<String> rows = answer("!gdt");
    assertThat(rows).containsAll(answer("dg 28"));
    assertThat(rows).hasSizeGreaterThan(8).noneMatch(r -> r.startsWith("0000 "));
  }
}
