// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jkd.dump.Dump;
import org.jkd.dump.DumpFile;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.image.PageIndex;
import org.jkd.image.PageTables;
import org.jkd.image.PagedFile;
import org.jkd.image.Unreadable;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sorts of dumps that the corpus lacks, written from one that it has. */
class OtherFormatsTest {
  private static byte[] bitmapDump() throws IOException {
    Optional<Path> path = SharedFolder.find("corpus/train-x64-basic/KERNEL.DMP");
    assumeTrue(path.isPresent(), "needs ../shared/corpus");
    return Files.readAllBytes(path.orElseThrow());
  }

  private static KernelTarget open(byte[] dump) {
    return KernelTarget.of(DumpFile.open(Bytes.of("test.dmp", dump)));
  }

  private static void assertSame(KernelTarget one, KernelTarget other) {
    assertThat(one.notes()).isEmpty();
    assertThat(one.modules()).isEqualTo(other.modules()).isNotEmpty();
    assertThat(one.currentThread()).isEqualTo(other.currentThread()).isPresent();
    assertThat(one.stacks()).isEqualTo(other.stacks());
    KernelThread thread = one.currentThread().orElseThrow();
    int size = (int) (thread.stackBase().orElseThrow() - thread.stackLimit().orElseThrow());
    long limit = thread.stackLimit().orElseThrow();
    assertThat(one.reader().bytes(limit, size)).isPresent();
    assertThat(one.reader().bytes(limit, size).orElseThrow())
        .isEqualTo(other.reader().bytes(limit, size).orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 9, 10})
  void rangeDumpHoldsTheSameMachine(int type) throws IOException {
    byte[] original = bitmapDump();
    KernelTarget ranges = open(new Rewritten(original).ranges(type));
    assertSame(ranges, open(original));
    assertThat(ranges.dump().kind()).contains("Range");
  }

  @Test
  void fullBitmapDumpHoldsTheSameMachine() throws IOException {
    byte[] original = bitmapDump();
    KernelTarget full = open(new Rewritten(original).fullBitmap());
    assertSame(full, open(original));
    assertThat(full.dump().kind()).startsWith("Full Bitmap");
  }

  @Test
  void signatureIsBelievedAgainstTheType() throws IOException {
    byte[] original = bitmapDump();
    byte[] wrong = original.clone();
    wrong[0xf98] = 1;
    KernelTarget target = open(wrong);
    assertThat(target.modules()).isEqualTo(open(original).modules());
    assertThat(target.notes())
        .containsExactly("the header says dump type 1, but the file is a bitmap dump");
  }

  @Test
  void headerAloneStillTellsTheBugCheck() throws IOException {
    KernelTarget target = open(new Rewritten(bitmapDump()).headerOnly());
    assertThat(target.dump()).isInstanceOf(Dump.HeaderDump.class);
    assertThat(target.bugCheck().code()).isEqualTo(0x7f);
    assertThat(target.modules()).isEmpty();
    assertThat(target.memory().whyUnreadable(0xfffff800_00000000L))
        .isInstanceOf(Unreadable.Unsupported.class);
  }

  @Test
  void cutOffDumpSaysHowMuchIsLeft() throws IOException {
    byte[] original = bitmapDump();
    KernelTarget target = open(Arrays.copyOf(original, original.length - 0x1800));
    assertThat(target.notes()).hasSize(1);
    assertThat(target.notes().getFirst()).startsWith("the file was cut off: ");
    assertThat(target.bugCheck()).isEqualTo(open(original).bugCheck());
  }

  /**
   * A list whose forward links break is followed from its end; one that is gone leaves the kernel.
   */
  @Test
  void brokenModuleListIsStillUsed() throws IOException {
    byte[] original = bitmapDump();
    KernelTarget whole = open(original);
    PageTables tables = whole.pageTables().orElseThrow();
    long head = whole.header().loadedModuleList().orElseThrow();
    PageIndex pages = ((PagedFile) whole.physicalMemory().orElseThrow()).index();
    long second = whole.reader().u64(whole.reader().u64(head).orElseThrow()).orElseThrow();

    byte[] broken = original.clone();
    long place = tables.translate(second);
    int offset = (int) (pages.fileOffset(place >>> 12) + (place & 0xfff));
    Arrays.fill(broken, offset, offset + 8, (byte) 0x41);
    assertThat(open(broken).modules()).hasSameSizeAs(whole.modules());
    assertThat(open(broken).modules()).containsExactlyInAnyOrderElementsOf(whole.modules());

    byte[] gone = original.clone();
    place = tables.translate(head);
    offset = (int) (pages.fileOffset(place >>> 12) + (place & 0xfff));
    Arrays.fill(gone, offset, offset + 16, (byte) 0x41);
    KernelTarget left = open(gone);
    assertThat(left.modules()).hasSize(1);
    assertThat(left.kernel().orElseThrow().base()).isEqualTo(whole.kernel().orElseThrow().base());
    assertThat(left.kernel().orElseThrow().size()).isEqualTo(whole.kernel().orElseThrow().size());
  }

  @Test
  void otherFilesAreRefusedInOneLine() {
    assertRefused("", "test.dmp: not a Windows crash dump (the file is empty)");
    assertRefused("PAGE", "test.dmp: not a Windows crash dump (it has only 4 bytes)");
    assertRefused(
        "MDMP\u0093\u00a7\0\0", "test.dmp: not a Windows crash dump (it is a user-mode minidump)");
    assertRefused(
        "#!/bin/sh\n",
        "test.dmp: not a Windows crash dump (it starts with 23 21 2f 62 69 6e 2f 73)");
    assertRefused(
        "PAGEDUMP",
        "test.dmp: not a usable crash dump"
            + " (the file ends inside the header, after 0x8 of 0x1000 bytes)");
  }

  private static void assertRefused(String content, String message) {
    Bytes bytes = Bytes.of("test.dmp", content.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> DumpFile.open(bytes))
        .isInstanceOf(FormatException.class)
        .hasMessage(message);
  }
}
