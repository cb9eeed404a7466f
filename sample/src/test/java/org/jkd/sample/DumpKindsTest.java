// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jkd.sample.format.DumpHeader;
import org.jkd.sample.format.DumpWriter;
import org.jkd.sample.format.PageTables;
import org.jkd.sample.format.PhysicalMemory;
import org.jkd.sample.format.TriageWriter;
import org.jkd.sample.format.VirtualMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DumpKindsTest {
  private static final long USER = 0x10000;

  @TempDir static Path folder;

  private static long system(PageTables.Mode mode) {
    return mode == PageTables.Mode.X86 || mode == PageTables.Mode.PAE
        ? 0xb8ae_6000L
        : 0xffff_f880_0123_4000L;
  }

  private static long large(PageTables.Mode mode) {
    return mode == PageTables.Mode.X86 || mode == PageTables.Mode.PAE
        ? 0x80c0_0000L
        : 0xffff_f800_0240_0000L;
  }

  /** A memory with a system page, a large page and a user page; the root goes into the header. */
  private static PhysicalMemory memory(PageTables.Mode mode, DumpHeader header) {
    VirtualMemory kernel = new VirtualMemory();
    kernel.u32(system(mode) + 0xffc, 0x11111111);
    kernel.u32(system(mode) + 0x1000, 0x22222222);
    VirtualMemory content = new VirtualMemory();
    content.u32(large(mode) + 0x123454, 0x33333333);
    VirtualMemory user = new VirtualMemory();
    user.u32(USER, 0x44444444);
    PhysicalMemory memory = new PhysicalMemory(3);
    PageTables tables =
        new PageTables(mode, memory, mode == PageTables.Mode.X86 ? 0x900 : 0x100010);
    tables.largePage(large(mode), content);
    tables.kernel(kernel);
    tables.entry(system(mode) + 0x3000, 0x80);
    header.directoryBase(tables.space(user));
    return memory;
  }

  @ParameterizedTest
  @EnumSource
  void everyKindHoldsTheSameMemory(PageTables.Mode mode) throws IOException {
    boolean wide = mode == PageTables.Mode.X64 || mode == PageTables.Mode.X64_FIVE;
    for (int type : new int[] {1, 2, 5, 6, 8, 9, 10}) {
      DumpHeader header = new DumpHeader(wide).pae(mode == PageTables.Mode.PAE);
      PhysicalMemory memory = memory(mode, header);
      Path file = folder.resolve(mode + "-" + type);
      switch (type) {
        case 1 -> DumpWriter.complete(file, header, memory);
        case 2 -> DumpWriter.summary(file, header, memory);
        case 5, 6 -> DumpWriter.bitmap(file, header, memory, type == 5);
        default -> DumpWriter.ranges(file, header, memory, type);
      }
      DumpUnderTest dump = new DumpUnderTest(file, mode);
      assertThat(dump.type()).isEqualTo(type);
      assertThat(dump.pageCount()).isEqualTo(memory.pages().size());
      assertThat(dump.u32(system(mode) + 0xffc)).isEqualTo(0x11111111);
      assertThat(dump.u32(system(mode) + 0x1000)).isEqualTo(0x22222222);
      assertThat(dump.u32(large(mode) + 0x123454)).isEqualTo(0x33333333);
      assertThat(dump.u32(USER)).isEqualTo(0x44444444);
      assertThat(dump.translate(system(mode) + 0x2000)).isEmpty();
      assertThat(dump.translate(system(mode) + 0x3000)).isEmpty();
      Files.delete(file);
    }
  }

  @Test
  void theToolThatNamesFilesKnowsTheDumps() throws IOException, InterruptedException {
    DumpHeader header = new DumpHeader(false).pae(true);
    PhysicalMemory memory = memory(PageTables.Mode.PAE, header);
    Path complete = folder.resolve("complete");
    DumpWriter.complete(complete, header, memory);
    assertThat(Tool.run("file", complete.toString()).text())
        .contains(
            "MS Windows 32bit crash dump, PAE, full dump, " + memory.pages().size() + " pages");
    DumpHeader wide = new DumpHeader(true);
    PhysicalMemory wideMemory = memory(PageTables.Mode.X64, wide);
    DumpWriter.complete(folder.resolve("wide"), wide, wideMemory);
    assertThat(Tool.run("file", folder.resolve("wide").toString()).text())
        .contains("MS Windows 64bit crash dump, full dump, " + wideMemory.pages().size());
  }

  @Test
  void aSmallDumpOfA64BitMachineEndsWithItsMark() throws IOException {
    VirtualMemory memory = new VirtualMemory();
    memory.u64(0xffff_f880_0123_4000L, 0x1122_3344_5566_7788L);
    Path file = folder.resolve("small");
    new TriageWriter(new DumpHeader(true), memory, 0)
        .stack(0xffff_f880_0123_4000L, 0xffff_f880_0123_6000L)
        .drivers(
            List.of(
                new TriageWriter.Driver(
                    "nt.exe", 0xffff_f800_0000_0000L, 0xffff_f800_0000_1000L, 0x2000, 3, 4)))
        .block(0xffff_f880_0123_4000L, 8)
        .write(file, 0x20000);
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes).hasSize(0x20000).endsWith('T', 'R', 'G', 'D');
    int stack = (bytes[0x2028] & 0xff) | (bytes[0x2029] & 0xff) << 8;
    assertThat(bytes[stack]).isEqualTo((byte) 0x88);
  }
}
