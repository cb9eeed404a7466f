// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.image.Bytes;
import org.jkd.image.RunIndex;

/** Reads DUMP_HEADER32 and DUMP_HEADER64; dump-formats.md, 1.2 and 1.3. */
final class HeaderReader {
  /** The fill pattern {@code PAGE}, once and twice. */
  private static final long FILL4 = 0x4547_4150L;

  private static final long FILL8 = 0x4547_4150_4547_4150L;

  /** The room for runs in the header: 700 bytes, and four of padding on 64-bit systems. */
  private static final int MAX_RUNS_32 = 86;

  private static final int MAX_RUNS_64 = 43;

  private static final int CONTEXT_SIZE_32 = 0x4b0;
  private static final int CONTEXT_SIZE_64 = 0xbb8;
  private static final int COMMENT_SIZE = 128;
  private static final int VERSION_USER_SIZE = 32;

  private final Bytes file;
  private final List<String> notes;

  HeaderReader(Bytes file, List<String> notes) {
    this.file = file;
    this.notes = notes;
  }

  DumpHeader read(DumpFormat format) {
    return switch (format) {
      case PAGEDUMP -> header32();
      case PAGEDU64 -> header64();
    };
  }

  private DumpHeader header32() {
    return new DumpHeader(
        DumpFormat.PAGEDUMP,
        file.u32(0x8),
        file.i32(0xc),
        word(0x10),
        word(0x14),
        word(0x18),
        word(0x1c),
        file.i32(0x20),
        number(0x24),
        file.u32(0x28),
        List.of(file.u32(0x2c), file.u32(0x30), file.u32(0x34), file.u32(0x38)),
        text(0x3c, VERSION_USER_SIZE),
        fileByte(0x5c, 'P'),
        word(0x60),
        fileByte(0x5d, 'A'),
        runs(0x64, 4, MAX_RUNS_32),
        word(0x68),
        file.slice(0x320, CONTEXT_SIZE_32),
        exception(0x7d0, 4),
        text(0x820, COMMENT_SIZE),
        word(0x8a0),
        word(0x8a4),
        number(0xf88),
        word(0xf8c),
        word(0xf90),
        word(0xf94),
        word(0xf98),
        word(0xf9c),
        quad(0xfa0),
        quad(0xfc0),
        quad(0xfb8));
  }

  private DumpHeader header64() {
    return new DumpHeader(
        DumpFormat.PAGEDU64,
        file.u32(0x8),
        file.i32(0xc),
        quad(0x10),
        quad(0x18),
        quad(0x20),
        quad(0x28),
        file.i32(0x30),
        number(0x34),
        file.u32(0x38),
        List.of(file.u64(0x40), file.u64(0x48), file.u64(0x50), file.u64(0x58)),
        text(0x60, VERSION_USER_SIZE),
        OptionalInt.empty(),
        quad(0x80),
        fileByte(0x104d, 'A'),
        runs(0x88, 8, MAX_RUNS_64),
        quad(0x90),
        file.slice(0x348, CONTEXT_SIZE_64),
        exception(0xf00, 8),
        text(0xfb0, COMMENT_SIZE),
        word(0x1050),
        word(0x1054),
        number(0xf98),
        word(0x1038),
        word(0x103c),
        word(0x1040),
        word(0x1044),
        word(0x1048),
        quad(0xfa0),
        quad(0xfa8),
        quad(0x1030));
  }

  private OptionalLong word(int at) {
    long value = file.u32(at);
    return value == FILL4 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private OptionalLong quad(int at) {
    long value = file.u64(at);
    return value == FILL8 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private OptionalInt number(int at) {
    OptionalLong value = word(at);
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  /** A single byte, which is unset when it still is the letter of the pattern at its place. */
  private OptionalInt fileByte(int at, char fill) {
    int value = file.u8(at);
    return value == fill ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private Optional<String> text(int at, int size) {
    if (file.u32(at) == FILL4) {
      return Optional.empty();
    }
    String text = file.ascii(at, size);
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private List<RunIndex.Run> runs(int at, int pointer, int max) {
    long claimed = file.u32(at);
    if (claimed == FILL4) {
      return List.of();
    }
    int count = (int) Math.min(claimed, max);
    if (count < claimed) {
      notes.add("the header claims " + claimed + " runs of memory but has room for " + max);
    }
    List<RunIndex.Run> runs = new ArrayList<>();
    int first = at + 2 * pointer;
    for (int i = 0; i < count; i++) {
      int place = first + i * 2 * pointer;
      long base = pointer == 4 ? file.u32(place) : file.u64(place);
      long pages = pointer == 4 ? file.u32(place + 4) : file.u64(place + 8);
      if (pages == 0) {
        continue;
      }
      if (RunIndex.isSane(base, pages)) {
        runs.add(new RunIndex.Run(base, pages));
      } else {
        notes.add("run " + i + " of the physical memory is not believable and was cut off");
        break;
      }
    }
    return runs;
  }

  private Optional<ExceptionRecord> exception(int at, int pointer) {
    if (file.u32(at) == FILL4) {
      return Optional.empty();
    }
    return Optional.of(
        ExceptionRecord.read(file.slice(at, ExceptionRecord.size(pointer)), pointer));
  }
}
