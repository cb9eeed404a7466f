// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.code;

import java.util.HexFormat;
import java.util.Random;
import org.jkd.sample.format.PeWriter;

/** Encodes 32-bit instructions into a section, from one address upwards. */
public final class Assembler {
  private final PeWriter image;
  private final PeWriter.Section section;
  private final long base;
  private long at;

  /**
   * Starts at an address.
   *
   * @param base where the image is loaded
   */
  public Assembler(PeWriter image, PeWriter.Section section, long base, long at) {
    this.image = image;
    this.section = section;
    this.base = base;
    this.at = at;
  }

  /** The address of the next instruction. */
  public long at() {
    return at;
  }

  /** Continues at another address. */
  public void moveTo(long address) {
    at = address;
  }

  /** Stores instruction bytes given in hexadecimal; blanks are ignored. */
  public Assembler hex(String bytes) {
    byte[] raw = HexFormat.of().parseHex(bytes.replace(" ", ""));
    section.content().raw((int) (at - base - section.rva()), raw);
    at += raw.length;
    return this;
  }

  /** Stores 32 bits. */
  public Assembler imm32(long value) {
    section.content().u32((int) (at - base - section.rva()), value);
    at += 4;
    return this;
  }

  /** Stores an absolute address inside this image. */
  public Assembler address(long value) {
    image.relocate((int) (at - base));
    return imm32(value);
  }

  /** Stores a one-byte operand. */
  public Assembler imm8(int value) {
    return hex(HexFormat.of().toHexDigits((byte) value));
  }

  /** A near call. */
  public Assembler call(long target) {
    return hex("e8").imm32(target - (at + 4));
  }

  /** A near jump. */
  public Assembler jump(long target) {
    return hex("e9").imm32(target - (at + 4));
  }

  /** A call through a pointer in memory of this image. */
  public Assembler callThrough(long slot) {
    return hex("ff15").address(slot);
  }

  /** An instruction with an operand on the frame: {@code opcode} and register field given. */
  public Assembler frame(String opcode, int register, int displacement) {
    hex(opcode);
    if (displacement >= -128 && displacement < 128) {
      return imm8(0x45 | register << 3).imm8(displacement);
    }
    return imm8(0x85 | register << 3).imm32(displacement);
  }

  /**
   * Fills {@code length} bytes with instructions that touch only eax, ecx, edx, the flags and
   * locals.
   *
   * @param reserved bytes below the frame pointer that are left alone
   * @param locals bytes of locals below those
   */
  public void filler(Random random, long length, int reserved, int locals) {
    long end = at + length;
    while (at < end) {
      one(random, end - at, reserved, locals);
    }
  }

  private void one(Random random, long room, int reserved, int locals) {
    if (room >= 12 && random.nextInt(7) == 0) {
      int skip = 3 + random.nextInt(7);
      hex(random.nextBoolean() ? "74" : "75").imm8(skip);
      filler(random, skip, reserved, locals);
      return;
    }
    int register = random.nextInt(3);
    int other = random.nextInt(3);
    int slot = locals < 8 ? 0 : -4 - reserved - 4 * random.nextInt(locals / 4);
    if (slot != 0 && room >= 6 && random.nextInt(3) != 0) {
      String opcode = random.nextInt(3) == 0 ? "89" : random.nextInt(5) == 0 ? "8d" : "8b";
      frame(opcode, register, slot);
    } else if (room >= 5 && random.nextInt(6) == 0) {
      imm8(0xb8 | register).imm32(random.nextInt(0x200));
    } else if (room >= 3 && random.nextInt(3) == 0) {
      hex("83").imm8((random.nextBoolean() ? 0xf8 : 0xe0) | register).imm8(random.nextInt(0x40));
    } else if (room >= 2) {
      String[] opcodes = {"8b", "33", "85", "3b", "03", "2b", "0b"};
      hex(opcodes[random.nextInt(opcodes.length)]).imm8(0xc0 | register << 3 | other);
    } else {
      imm8((random.nextBoolean() ? 0x40 : 0x48) | register);
    }
  }
}
