// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceCaseTest {
  private static final long PAGE_FAULT = 0x8088c798L;
  private static final long SERVICE = 0x8088978cL;
  private static final long ZW_CLOSE = 0x8082e811L;

  @TempDir static Path folder;

  @BeforeAll
  static void write() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  private static String hex(long value) {
    return String.format(Locale.ROOT, "%08x", value);
  }

  /** Follows saved frame pointers and trap frames, as the engineer's command does. */
  private static List<List<String>> walk(DumpUnderTest dump) {
    List<List<String>> rows = new ArrayList<>();
    long ebp = 0xb8ae6100L;
    long ip = 0x8081df65L;
    long previous = 0;
    while (rows.size() < 500) {
      boolean entry = ip == PAGE_FAULT || ip == SERVICE;
      long trap = ebp;
      long row = entry ? previous : ebp;
      if (ip == ZW_CLOSE) {
        row = trap + 0x70;
      }
      boolean kernel = row >= 0x80000000L;
      long next = entry ? dump.u32(trap + 0x68) : kernel ? dump.u32(row + 4) : 0;
      String bytes = rows.isEmpty() || !kernel ? "" : Long.toHexString(row - previous);
      rows.add(List.of(bytes, hex(row), hex(next), hex(ip)));
      if (!kernel) {
        return rows;
      }
      if (entry) {
        ebp = next == ZW_CLOSE ? trap : dump.u32(trap + 0x60);
      } else {
        ebp = ip == ZW_CLOSE ? dump.u32(trap + 0x60) : dump.u32(ebp);
      }
      previous = row;
      ip = next;
    }
    throw new AssertionError("the chain does not end");
  }

  @ParameterizedTest
  @ValueSource(strings = {ReferenceCase.COMPLETE, ReferenceCase.BITMAP})
  void theFramesFollowFromTheStackWords(String name) throws IOException {
    List<String[]> expected = SharedTable.rows("frames.tsv");
    List<List<String>> rows = walk(new DumpUnderTest(folder.resolve(name)));
    assertThat(rows).hasSize(118);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(rows.get(i).subList(0, 3))
          .as("row %d", i)
          .isEqualTo(Arrays.asList(expected.get(i)).subList(0, 3));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ReferenceCase.COMPLETE, ReferenceCase.BITMAP})
  void theKnownWordsStandOnTheStack(String name) throws IOException {
    DumpUnderTest dump = new DumpUnderTest(folder.resolve(name));
    for (String[] word : SharedTable.rows("words.tsv")) {
      assertThat(hex(dump.u32(Long.parseLong(word[0], 16)))).as(word[0]).isEqualTo(word[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ReferenceCase.COMPLETE, ReferenceCase.BITMAP})
  void theTaskStateShowsAStoreIntoTheGuardPage(String name) throws IOException {
    DumpUnderTest dump = new DumpUnderTest(folder.resolve(name));
    long tss = dump.header(0x30);
    long prcb = dump.u32(dump.u32(dump.header(0x60) + 0x218) + 12);
    long gdt = dump.u32(prcb - 0x120 + 0x3c);
    long base =
        dump.u16(gdt + 0x2a)
            | (dump.u32(gdt + 0x2c) & 0xff) << 16
            | (dump.u32(gdt + 0x2c) >> 24) << 24;
    assertThat(base).isEqualTo(tss);
    long esp = dump.u32(tss + 0x38);
    assertThat(dump.u32(prcb + 0x2e8 + 4))
        .as("cr2")
        .isEqualTo(esp - 4)
        .isBetween(0xb8ae5000L, 0xb8ae6000L);
    assertThat(dump.translate(esp - 4)).isEmpty();
    assertThat(dump.u32(dump.u32(tss + 0x3c) + 4)).as("caller").isEqualTo(0x8081df65L);
    long thread = dump.u32(prcb + 4);
    assertThat(dump.u32(thread + 0x158)).isEqualTo(0xb8ae9000L);
    assertThat(dump.u32(thread + 0x1c)).isEqualTo(0xb8ae6000L);
    long process = dump.u32(thread + 0x38);
    assertThat(process).isEqualTo(0x874c6800L);
    assertThat(dump.ascii(process + 0x164, 16)).isEqualTo("StackHog.exe");
    assertThat(dump.u32(process + 0x18)).isEqualTo(dump.header(0x10));
  }

  @ParameterizedTest
  @ValueSource(strings = {ReferenceCase.COMPLETE, ReferenceCase.BITMAP})
  void trapFramesAreConsistent(String name) throws IOException {
    DumpUnderTest dump = new DumpUnderTest(folder.resolve(name));
    for (long frame : new long[] {0xb8ae64c8L, 0xb8ae71acL, 0xb8ae7cbcL, 0xb8ae8d64L}) {
      boolean user = frame == 0xb8ae8d64L;
      assertThat(dump.u32(frame + 8)).isEqualTo(0xbadb0d00L);
      assertThat(dump.u32(frame)).isEqualTo(dump.u32(frame + 0x60));
      assertThat(dump.u32(frame + 4)).isEqualTo(dump.u32(frame + 0x68));
      assertThat(dump.u32(frame + 0x6c)).isEqualTo(user ? 0x1b : 8);
    }
    assertThat(dump.u32(0xb8ae64c8L + 0x60) - (0xb8ae64c8L + 0x74)).isEqualTo(0x3c);
    assertThat(dump.u32(0xb8ae71acL + 0x60) - (0xb8ae71acL + 0x74)).isEqualTo(0x3c);
  }

  @ParameterizedTest
  @ValueSource(strings = {ReferenceCase.COMPLETE, ReferenceCase.BITMAP})
  void theModulesAreLoadedWhereTheCaseSays(String name) throws IOException {
    DumpUnderTest dump = new DumpUnderTest(folder.resolve(name));
    Set<String> found = new HashSet<>();
    long head = dump.header(0x18);
    for (long entry = dump.u32(head); entry != head; entry = dump.u32(entry)) {
      long base = dump.u32(entry + 0x18);
      assertThat(dump.u16(base)).as("MZ").isEqualTo(0x5a4d);
      assertThat(dump.u32(base + 0x80 + 8)).isEqualTo(dump.u32(entry + 0x44));
      assertThat(dump.u32(base + 0x80 + 24 + 56)).isEqualTo(dump.u32(entry + 0x20));
      found.add(dump.unicode(entry + 0x2c).replaceAll("\\..*", "") + " " + hex(base));
    }
    for (String[] module : SharedTable.rows("modules.tsv")) {
      assertThat(found).contains(module[0] + " " + module[1]);
    }
  }

  @Test
  void theDumpsHoldWhatTheirHeadersPromise() throws IOException {
    DumpUnderTest complete = new DumpUnderTest(folder.resolve(ReferenceCase.COMPLETE));
    assertThat(complete.header(0x68)).isEqualTo(complete.pageCount());
    assertThat(complete.size()).isEqualTo(0x1000 + complete.pageCount() * 0x1000);
    DumpUnderTest bitmap = new DumpUnderTest(folder.resolve(ReferenceCase.BITMAP));
    assertThat(bitmap.header(0x1028)).isEqualTo(bitmap.pageCount());
    assertThat(bitmap.size()).isEqualTo(bitmap.header(0xfa0));
  }

  @Test
  void twoRunsWriteTheSameBytes(@TempDir Path second) throws IOException {
    ReferenceCase.writeTo(second);
    for (String name : List.of(ReferenceCase.COMPLETE, ReferenceCase.BITMAP)) {
      assertThat(Files.mismatch(folder.resolve(name), second.resolve(name))).isEqualTo(-1);
    }
  }
}
