// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jkd.sample.Json;
import org.jkd.sample.ReferenceCase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands that show the system, on the reference case. Numbers in the titles of tests are
 * sections of windbg-commands.md, where the layouts come from; values are those that the sample
 * stores.
 */
class ReferenceSystemTest {
  @TempDir static Path folder;

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  private static List<String> answer(String commands) throws IOException {
    return Sessions.again(
        folder.resolve(ReferenceCase.COMPLETE),
        folder.resolve(ReferenceCase.SYMBOLS).toString(),
        folder.resolve(ReferenceCase.IMAGES).toString(),
        commands);
  }

  /** 6.2: the literal sample with the values of this case. */
  @ParameterizedTest
  @ValueSource(strings = {ReferenceCase.COMPLETE, ReferenceCase.BITMAP})
  void all_processes_are_listed(String dump) throws IOException {
    List<String> lines = Sessions.reference(folder, dump, "!process 0 0");
    assertThat(lines.getFirst()).isEqualTo("**** NT ACTIVE PROCESS DUMP ****");
    assertThat(lines.subList(1, 5))
        .satisfies(first -> {
          assertThat(first.get(0))
              .isEqualTo(
                  "PROCESS 8a9b8a78  SessionId: none  Cid: 0004    Peb: 00000000  ParentCid: 0000");
          assertThat(first.get(1))
              .matches("    DirBase: [0-9a-f]{8}  ObjectTable: 00000000  HandleCount:   0\\.");
          assertThat(first.get(2)).isEqualTo("    Image: System");
          assertThat(first.get(3)).isEmpty();
        });
    assertThat(lines.stream().filter(l -> l.startsWith("PROCESS "))).hasSize(9);
    assertThat(lines)
        .contains("PROCESS 874c6800  SessionId: none  Cid: 0c58    Peb: 7ffdf000  ParentCid: 01d4");
  }

  @Test
  void a_process_is_found_by_address_id_and_name() throws IOException {
    List<String> byAddress = answer("!process 87b0cd88 0");
    assertThat(byAddress).hasSize(4).contains("    Image: explorer.exe");
    assertThat(answer("!process a64 0")).isEqualTo(byAddress);
    List<String> byName = answer("!process 0 0 Explorer.EXE");
    assertThat(byName.subList(1, byName.size())).isEqualTo(byAddress);
    assertThat(answer("!process -1 0")).contains("    Image: StackHog.exe");
    assertThat(answer("!process 123 0")).containsExactly("Process with id 123 not found");
  }

  @Test
  void processes_are_filtered_by_session_and_module() throws IOException {
    List<String> own = answer("!process -1 0");
    List<String> loaded = answer("!process /m ntdll 0 0");
    assertThat(loaded.subList(1, loaded.size())).isEqualTo(own);
    assertThat(answer("!process /m ntdll.dll 0 0 explorer.exe")).hasSize(1);
    assertThat(answer("!process /m nosuch 0 0")).hasSize(1);
    assertThat(answer("!process /s none 0 0")).isEqualTo(answer("!process 0 0"));
    assertThat(answer("!process /s 1 0 0")).hasSize(1);
  }

  @Test
  void processes_one_on_a_line() throws IOException {
    assertThat(answer("!dml_proc"))
        .startsWith("Address  PID  Image file name", "8a9b8a78 4    System         ")
        .contains("874c6800 c58  StackHog.exe   ")
        .hasSize(10);
    assertThat(answer("!dml_proc c58")).isEqualTo(answer("!process c58 1"));
  }

  @Test
  void what_is_no_thread_or_process_is_not_taken_for_one() throws IOException {
    assertThat(answer("!thread 874c6800"))
        .containsExactly("TYPE mismatch for thread object at 874c6800");
    assertThat(answer("!process 8740c020"))
        .containsExactly("TYPE mismatch for process object at 8740c020");
    assertThat(answer("!thread 1234"))
        .singleElement()
        .asString()
        .startsWith("Unable to read the thread object at 00001234: ");
  }

  @Test
  void what_lies_around_an_address() throws IOException {
    assertThat(answer("!address b8ae6100"))
        .containsExactly(
            "",
            "Usage:                  Stack",
            "Base Address:           b8ae6000",
            "End Address:            b8ae9000",
            "Region Size:            00003000",
            "Stack kind:             thread",
            "Thread:                 8740c020",
            "Processor:              3",
            "Content:                in the dump");
    assertThat(answer("!address nt+10")).contains("Usage:                  Module");
    assertThat(answer("!address b8ae5f5c"))
        .contains("Content:                PTE is not valid (contents 0)")
        .anyMatch(l -> l.contains("<unknown>"));
  }

  @Test
  void the_full_form_has_sizes_threads_and_stacks() throws IOException {
    List<String> lines = answer("!process -1 7");
    assertThat(lines)
        .contains("    Image: StackHog.exe")
        .anyMatch(l ->
            l.matches("    VadRoot 8a9c\\w{4} Vads 3 Clone 0 Private 822. Modified 0. Locked 0."))
        .contains("    Token                             00000000")
        .contains("    Working Set Sizes (now,min,max)  (1096, 50, 345) (4384KB, 200KB, 1380KB)")
        .contains("    PeakWorkingSetSize                2192")
        .contains("    BasePriority                      8")
        .contains("    CommitCharge                      1096")
        .anyMatch(l -> l.matches("    ElapsedTime {23}0:1\\d:\\d\\d\\.\\d{4}"))
        .contains(
            "        THREAD 8740c020  Cid c58.c5c  Teb: 7ffdd000  Win32Thread: 00000000"
                + " RUNNING on processor 3")
        .contains("        ChildEBP RetAddr  Args to Child              ")
        .anyMatch(l -> l.startsWith("        ") && l.contains(" nt!IofCallDriver+0x45"));
  }

  /** 6.1: the wait line, then the objects, four blanks in. */
  @Test
  void a_waiting_thread_shows_what_it_waits_for() throws IOException {
    List<String> lines = answer("!thread 8a107020");
    assertThat(lines.get(0))
        .isEqualTo(
            "THREAD 8a107020  Cid a64.a68  Teb: 00000000  Win32Thread: 00000000"
                + " WAIT: (UserRequest) KernelMode Non-Alertable");
    assertThat(lines.get(1)).matches("    [0-9a-f]{8}  Semaphore Limit 0x7fffffff");
    assertThat(lines)
        .contains("Not impersonating")
        .contains("Owning Process 87b0cd88       Image:         explorer.exe")
        .contains("Context Switch Count    6699")
        .contains("Stack Init b9b05000 Current b9b04d30 Base b9b05000 Limit b9b02000 Call 0")
        .contains("Priority 9 BasePriority 8 PriorityDecrement 0");
    assertThat(answer("!thread 8a100020").get(1)).matches("    [0-9a-f]{8}  SynchronizationEvent");
  }

  @Test
  void flags_say_how_much_of_a_thread_is_shown() throws IOException {
    assertThat(answer("!thread 8a107020 0"))
        .contains("Owning Process 87b0cd88       Image:         explorer.exe")
        .noneMatch(l -> l.contains("Semaphore") || l.startsWith("ChildEBP"));
    assertThat(answer("!thread 8a107020 2"))
        .anyMatch(l -> l.contains("Semaphore"))
        .noneMatch(l -> l.startsWith("ChildEBP"));
    assertThat(answer("!process 87b0cd88 2")).hasSize(7);
    assertThat(answer("!thread 8740c020 2"))
        .contains("IRP List:")
        .contains("    88b3be48: (0006,0148) Flags: 00000884  Mdl: 00000000");
    assertThat(answer("!thread 8a107020 e")).contains("ChildEBP RetAddr  ");
    assertThat(answer("!thread 8a107020 6"))
        .contains("ChildEBP RetAddr  Args to Child              ");
    assertThat(answer("!thread -t a68 0")).isEqualTo(answer("!thread 8a107020 0"));
    assertThat(answer("!thread -p 8a107020 0")).contains("    Image: explorer.exe");
  }

  /** 6.3 */
  @Test
  void stacks_show_where_threads_stand() throws IOException {
    List<String> lines = answer("!stacks 1");
    assertThat(lines.subList(0, 3))
        .containsExactly(
            "Proc.Thread  .Thread  ThreadState  Blocker",
            "                                     [System]",
            "   4.000008  8a100020  Blocked    nt!ObReferenceObjectByHandle+0x58");
    assertThat(lines)
        .contains(" 15c.000160  8a101020  Blocked    Stack paged out")
        .contains(" a64.000a68  8a107020  Blocked    nt!ExAcquireResourceSharedLite+0x58");
    assertThat(answer("!stacks")).doesNotContain("                                     [smss.exe]");
  }

  @Test
  void detail_2_shows_whole_stacks_under_the_symbol_column() throws IOException {
    List<String> lines = answer("!stacks 2");
    String indent = " ".repeat(34);
    assertThat(lines)
        .containsSubsequence(
            " a64.000a68  8a107020  Blocked    nt!KiSwapThread+0x24",
            indent + "nt!KeWaitForSingleObject+0x58",
            indent + "nt!ExAcquireResourceSharedLite+0x58",
            indent + "nt!CcCopyRead+0x58");
    assertThat(answer("!stacks 2 CCCOPYREAD"))
        .contains("                                     [explorer.exe]")
        .doesNotContain("                                     [System]");
  }

  /** 6.5, the form of its time. */
  @Test
  void running_threads() throws IOException {
    assertThat(answer("!running"))
        .containsExactly(
            "System Processors f (affinity mask)",
            "  Idle Processors 7",
            "     Prcb      Current   Next",
            "  3  f7740120  8740c020            ................");
    assertThat(answer("!running -i")).hasSize(7);
    assertThat(answer("!running -it"))
        .contains("ChildEBP RetAddr  ")
        .anyMatch(l -> l.contains("nt!KiSwapThread"));
    assertThat(answer("!ready")).contains("Processor 3: No threads in READY state").hasSize(4);
  }

  /** 16 */
  @Test
  void processors_and_their_tables() throws IOException {
    assertThat(answer("!prcb"))
        .containsExactly(
            "PRCB for Processor 3 at f7740120:",
            "Threads--  Current 8740c020 Next 00000000 Idle 8a9b0c00",
            "Number 3 SetMember 00000008",
            "Interrupt Count -- 00000000",
            "Times -- Dpc    00000000 Interrupt 00000000 ",
            "         Kernel 00000000 User      00000000 ");
    assertThat(answer("!pcr"))
        .startsWith("KPCR for Processor 3 at f7740000:", "    Major 1 Minor 1")
        .contains("                       TSS: f7744000");
    assertThat(answer("!irql; !irql 0"))
        .containsExactly(
            "Debugger saved IRQL for processor 0x3 -- 31 (HIGH_LEVEL)",
            "Debugger saved IRQL for processor 0x0 -- 2 (DISPATCH_LEVEL)");
    assertThat(answer("!cpuinfo 1"))
        .endsWith(" 1 15,4,1 GenuineIntel 2992 0000000000000000                   a0033fff");
    assertThat(answer("!sysinfo cpuinfo"))
        .contains("Identifier = REG_SZ x86 Family 15 Model 4 Stepping 1");
    assertThat(answer("dg 28"))
        .endsWith("0028 f7744000 000020ab TSS32 Busy 0 Nb By P  Nl 0000008b");
    assertThat(answer(".tss 28")).contains("Ntfs!NtfsFsdRead+0x9:");
    assertThat(answer("!pte b8ae5000")).last().asString().endsWith("not valid");
  }

  /** 16: vectors that nobody claimed are left out; a task gate names its selector. */
  @Test
  void interrupts() throws IOException {
    List<String> lines = answer("!idt");
    assertThat(lines.subList(0, 3)).containsExactly("", "Dumping IDT: f7743000", "");
    assertThat(lines)
        .contains("08:\tTask Selector = 0x0050")
        .contains("0e:\t8088c6bc nt!_KiTrap0E")
        .anyMatch(l -> l.matches("3d:\t808231f0 nt!KiDeliverApc \\(KINTERRUPT [0-9a-f]{8}\\)"));
    assertThat(answer("!idt 8")).last().isEqualTo("08:\tTask Selector = 0x0050");
  }

  /** 18: the form of Windows 10 with the values of this case. */
  @Test
  void a_request_with_its_stack() throws IOException {
    List<String> lines = answer("!irp 88b3be48");
    assertThat(lines.subList(0, 10))
        .containsExactly(
            "Irp is active with 6 stacks 1 is current (= 0x88b3beb8)",
            " No Mdl: No System Buffer: Thread 8740c020:  Irp stack trace.  ",
            "     cmd  flg cl Device   File     Completion-Context",
            ">[IRP_MJ_CREATE(0), N/A(0)]",
            "            0  0 8763f718 88c01f28 00000000-00000000",
            "           \\FileSystem\\Ntfs",
            "            Args: 00000000 00000000 00000000 00000000",
            " [IRP_MJ_CREATE(0), N/A(0)]",
            "            0 e0 8765b6a8 88c01f28 b958ee80-00000000 Success Error Cancel",
            "           \\FileSystem\\FltMgr BabyHog!HogFarm+0x250");
    assertThat(answer("!irp 88b3be48 1"))
        .contains("Tail.Overlay.Thread = 8740c020", "RequestorMode = 00");
    assertThat(answer("!irp 8740c020"))
        .containsExactly("IRP signature does not match, probably not an IRP");
    assertThat(answer("!irp 12345678").getFirst()).startsWith("12345678: Could not read Irp: ");
  }

  /** 18 */
  @Test
  void devices_and_their_stack() throws IOException {
    assertThat(answer("!devobj 87544ac8"))
        .startsWith(
            "Device object (87544ac8) is for:",
            "  \\Driver\\BossHog DriverObject 8754f8d8",
            "Current Irp 00000000 RefCount 0 Type 00000008 Flags 00040010")
        .contains("ExtensionFlags (0000000000)")
        .contains("AttachedDevice (Upper) 8743c5d0 \\Driver\\BossHog01")
        .contains("AttachedTo (Lower) 87689020 \\Driver\\BabyHog")
        .endsWith("Device queue is not busy.");
    assertThat(answer("!devstack 87544ac8"))
        .containsExactly(
            "  !DevObj   !DrvObj            !DevExt   ObjectName",
            "  8743c5d0  \\Driver\\BossHog01  8743c688",
            "> 87544ac8  \\Driver\\BossHog    87544b80",
            "  87689020  \\Driver\\BabyHog    876890d8",
            "  8765b6a8  \\FileSystem\\FltMgr 8765b760",
            "  8763f718  \\FileSystem\\Ntfs   8763f7d0");
    assertThat(answer("!devstack poi(87544ac8+c)"))
        .anyMatch(l -> l.matches("> [0-9a-f]{8}  \\\\Driver\\\\BossHog    [0-9a-f]{8}  BossHog"))
        .endsWith("  DeviceInst is \"ROOT\\LEGACY_BOSSHOG\\0000\"", "  ServiceName is \"BossHog\"");
    assertThat(answer("!devobj 8740c020")).singleElement().asString().contains("is not a device");
  }

  /** 18: a tab between address and symbol. */
  @Test
  void a_driver_by_name_and_by_address() throws IOException {
    List<String> byName = answer("!drvobj \\FileSystem\\Ntfs 3");
    assertThat(byName)
        .startsWith(
            "Driver object (8a7f2f38) is for:",
            " \\FileSystem\\Ntfs",
            "Driver Extension List: (id , addr)",
            "",
            "Device Object list:",
            "8763f718")
        .contains("[00] IRP_MJ_CREATE                      bae5bb7e\tNtfs!NtfsFsdCreate");
    assertThat(answer("!drvobj 8a7f2f38 3")).isEqualTo(byName);
    assertThat(answer("!drvobj BossHog").getFirst()).startsWith("Driver object (8754f8d8)");
    assertThat(answer("!drvobj nosuch"))
        .containsExactly("Driver object \\Driver\\nosuch not found");
  }

  @Test
  void objects_and_directories() throws IOException {
    List<String> lines = answer("!object \\Driver");
    assertThat(lines.getFirst()).matches("Object: 8a9c\\w{4}  Type: \\(8a9c\\w{4}\\) Directory");
    assertThat(lines)
        .contains("    Hash Address  Type          Name", "    ---- -------  ----          ----")
        .anyMatch(l -> l.matches("     \\d\\d  8754f8d8 Driver        BossHog"));
    assertThat(answer("!object 87544ac8").getFirst()).endsWith(" Device");
    assertThat(answer("!object \\No\\Such")).containsExactly("Object \\No\\Such not found");
    assertThat(answer("!object 80822e00").getFirst())
        .isEqualTo("80822e00: Not a valid object (ObjectType invalid)");
  }

  @Test
  void handles() throws IOException {
    List<String> lines = answer("!handle");
    assertThat(lines)
        .contains("PROCESS 874c6800  SessionId: none  Cid: 0c58    Peb: 7ffdf000  ParentCid: 01d4")
        .anyMatch(l -> l.matches("Handle table at 8a9c\\w000 with 2 entries in use"))
        .anyMatch(
            l -> l.matches("0004: Object: 874c6800  GrantedAccess: 001f0fff Entry: 8a9c\\w008"))
        .contains("    Directory Object: 00000000  Name: \\$Mft");
    assertThat(answer("!handle 8 1")).anyMatch(l -> l.startsWith("0008: Object: 8b4abb00"));
    assertThat(answer("!handle 123c 1")).contains("123c: free handle");
    assertThat(answer("!handle 0 1 c58 File")).noneMatch(l -> l.startsWith("0004"));
    assertThat(answer("!fileobj 8b4abb00"))
        .contains("\\$Mft", "Device Object: 0x8763f718   \\FileSystem\\Ntfs");
  }

  @Test
  void what_addresses_of_a_process_are_used_for() throws IOException {
    List<String> lines = answer("!vad");
    assertThat(lines.getFirst()).isEqualTo("VAD     level      start      end    commit");
    assertThat(lines.get(1)).endsWith(" ( 1)        250      34f        12 Private      READWRITE");
    assertThat(lines.get(2))
        .endsWith(" ( 0)        400      41f         7 Mapped  Exe  EXECUTE_WRITECOPY");
    assertThat(lines.getLast()).isEqualTo("Total VADs: 3, average level: 0, maximum depth: 1");
  }

  @Test
  void blocks_in_user_mode() throws IOException {
    assertThat(answer("!peb"))
        .startsWith("PEB at 7ffdf000", "    InheritedAddressSpace:    No")
        .contains(
            "    ImageBaseAddress:         00400000",
            "            Base TimeStamp                     Module",
            "    CommandLine:  'StackHog.exe /service'",
            "        OS=Windows_NT")
        .anyMatch(l -> l.startsWith("          400000 45d696c3 "));
    assertThat(answer("!teb"))
        .startsWith(
            "TEB at 7ffdd000",
            "    ExceptionList:        0335ffdc",
            "    StackBase:            03360000",
            "    StackLimit:           0335b000")
        .contains("    ClientId:             00000c58 . 00000c5c");
    assertThat(answer(".process 8a9b8a78; !peb").getLast()).startsWith("PEB NULL...");
  }

  @Test
  void resources_that_are_held() throws IOException {
    assertThat(answer("!locks"))
        .contains("    Contention Count = 3", "     Threads: 8740c020-01<*>")
        .contains("              8a107020")
        .anyMatch(l -> l.matches("Resource @ 0x8a9c\\w{4}    Exclusively owned"))
        .endsWith("2 total locks, 1 locks currently held");
    assertThat(answer("!locks -v")).anyMatch(l -> l.endsWith("    Available"));
  }

  /** 19: the block of the address has two marks. */
  @Test
  void pool_and_memory() throws IOException {
    List<String> lines = answer("!pool 8a9c0010");
    assertThat(lines.get(0)).isEqualTo("Pool page 8a9c0010 region is Nonpaged pool");
    assertThat(lines.get(1))
        .isEqualTo("*8a9c0000 size:   58 previous size:    0  (Allocated) *MmLd");
    assertThat(lines.get(2)).startsWith(" 8a9c0058 size: ").contains("previous size:   58");
    assertThat(answer("!poolval 8a9c0010")).endsWith("Pool page [ 8a9c0000 ] is VALID.");
    assertThat(answer("!vm"))
        .contains("*** Virtual Memory Usage ***")
        .contains("      Physical Memory:    261995   ( 1047980 Kb)")
        .contains("         0c58 StackHog.exe  1096   (    4384 Kb)");
    assertThat(answer("!vm 1")).noneMatch(l -> l.contains("StackHog"));
  }

  @Test
  void threads_by_a_function_on_their_stacks() throws IOException {
    assertThat(answer("!findstack CcCopyRead"))
        .startsWith(
            "Thread 8a107020, 1 frame(s) match",
            "        * 03 b9b04e20 00000000 nt!CcCopyRead+0x58");
    assertThat(answer("!findstack CcCopyRead 0"))
        .containsExactly("Thread 8a107020, 1 frame(s) match");
    assertThat(answer("!findstack CcCopyRead 2"))
        .contains("          00 b9b04d60 80822608 nt!KiSwapThread+0x24");
  }

  @Test
  void calls_that_a_thread_has_not_taken() throws IOException {
    List<String> lines = answer("!apc");
    assertThat(lines)
        .startsWith("*** Enumerating APCs in all processes", "Process 8a9b8a78 System")
        .contains(
            "    Thread 8a107020 ApcStateIndex 0 ApcListHead 8a107048 [KERNEL]",
            "          Type           12",
            "          KernelRoutine  808231f0 nt!KiDeliverApc");
    assertThat(answer("!apc thr 8a107020")).hasSize(6);
    assertThat(answer("!apc proc a64")).startsWith("Process 87b0cd88 explorer.exe").hasSize(7);
    assertThat(answer("!apc thr 8a100020")).isEmpty();
  }

  @Test
  void answers_are_json_too() throws IOException {
    for (String command :
        List.of(
            "!process 0 7",
            "!thread",
            "!stacks 2",
            "!running -it",
            "!ready",
            "!pcr",
            "!prcb",
            "!irql",
            "!idt -a",
            "!irp 88b3be48",
            "!devobj 87544ac8",
            "!devstack 87544ac8",
            "!drvobj BossHog",
            "!cpuinfo",
            "!dpcs")) {
      List<String> lines = answer(".json on; " + command);
      Json json = Json.parse(lines.getLast());
      assertThat(lines.getLast()).as(command).contains("\"ok\":true");
      assertThat(json.get("schema").text()).isEqualTo("jkd/1");
    }
  }
}
