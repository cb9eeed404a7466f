// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.image.Bytes;

/**
 * The floating-point and vector registers that a CONTEXT record holds. Layouts: FLOATING_SAVE_AREA
 * and XMM_SAVE_AREA32 of winnt.h, which are what the processor's FSAVE and FXSAVE write.
 *
 * @param controlWord the rules of rounding and the exceptions that are masked
 * @param statusWord the exceptions that are pending, the condition codes, and the stack's top
 * @param tagWord which of the eight are in use: two bits each as FSAVE writes it
 * @param opcode the last instruction's, without the five bits that all have
 * @param instruction where the last instruction stood, and in which segment
 * @param data where its operand lay, and in which segment
 * @param stack st0 to st7 as they stand, 10 bytes each
 * @param mxcsr the control and status of the vector unit; 0 if there are no vectors
 * @param vectors the low 128 bits of xmm0 to xmm7, or to xmm15 on x64; none if not recorded
 */
public record FloatRegisters(
    int controlWord,
    int statusWord,
    int tagWord,
    int opcode,
    Place instruction,
    Place data,
    List<Extended> stack,
    long mxcsr,
    List<Vector> vectors) {
  private static final int X86_FLOATING_POINT = 8;
  private static final int X86_EXTENDED = 0x20;
  private static final int X86_SAVE = 0x1c;
  private static final int X86_FXSAVE = 0xcc;
  private static final int X64_FLOATING_POINT = 8;
  private static final int X64_FXSAVE = 0x100;
  private static final int FSAVE_SIZE = 0x6c;
  private static final int FXSAVE_SIZE = 0x200;

  /** Eight registers in the floating-point stack. */
  private static final int STACK = 8;

  /** A segment and an offset in it. */
  public record Place(int selector, long offset) {}

  /**
   * A number of 80 bits.
   *
   * @param head the sign and the 15 bits of the exponent
   * @param mantissa 64 bits, the highest of which counts one
   */
  public record Extended(int head, long mantissa) {}

  /** A vector of 128 bits. */
  public record Vector(long low, long high) {
    /** One of its four floats, the lowest first. */
    public float single(int index) {
      return Float.intBitsToFloat((int) ((index < 2 ? low : high) >>> (index & 1) * 32));
    }
  }

  /**
   * A bit of the control word that every processor reads as one. Kernels of Windows 10 that make a
   * record from a trap frame say that it holds these registers, and leave what lay in memory there.
   */
  private static final int ALWAYS_SET = 0x40;

  /**
   * What a CONTEXT record holds; empty if it has none, is cut off before them, or says that it has
   * them while no processor can have written what it holds.
   */
  static Optional<FloatRegisters> read(Arch arch, Bytes record) {
    Optional<FloatRegisters> floats =
        switch (arch) {
          case X86 -> x86(record);
          case X64 -> x64(record);
          case ARM64 -> Optional.empty();
        };
    return floats.isPresent() && (floats.get().controlWord & ALWAYS_SET) != 0
        ? floats
        : Optional.empty();
  }

  private static Optional<FloatRegisters> x86(Bytes record) {
    long flags = record.u32(0);
    boolean extended = (flags & X86_EXTENDED) != 0 && record.has(X86_FXSAVE, FXSAVE_SIZE);
    if ((flags & X86_FLOATING_POINT) == 0 || !record.has(X86_SAVE, FSAVE_SIZE)) {
      return extended ? Optional.of(fxsave(record, X86_FXSAVE, STACK)) : Optional.empty();
    }
    FloatRegisters vectors = extended ? fxsave(record, X86_FXSAVE, STACK) : null;
    List<Extended> stack = new ArrayList<>(STACK);
    for (int i = 0; i < STACK; i++) {
      int at = X86_SAVE + 0x1c + i * 10;
      stack.add(new Extended(record.u16(at + 8), record.u64(at)));
    }
    long errorSelector = record.u32(X86_SAVE + 0x10);
    return Optional.of(
        new FloatRegisters(
            record.u16(X86_SAVE),
            record.u16(X86_SAVE + 4),
            record.u16(X86_SAVE + 8),
            (int) (errorSelector >>> 16) & 0x7ff,
            new Place((int) errorSelector & 0xffff, record.u32(X86_SAVE + 0xc)),
            new Place(record.u16(X86_SAVE + 0x18), record.u32(X86_SAVE + 0x14)),
            List.copyOf(stack),
            vectors == null ? 0 : vectors.mxcsr,
            vectors == null ? List.of() : vectors.vectors));
  }

  private static Optional<FloatRegisters> x64(Bytes record) {
    boolean present =
        (record.u32(0x30) & X64_FLOATING_POINT) != 0 && record.has(X64_FXSAVE, FXSAVE_SIZE);
    return present ? Optional.of(fxsave(record, X64_FXSAVE, 16)) : Optional.empty();
  }

  private static FloatRegisters fxsave(Bytes record, int at, int count) {
    List<Extended> stack = new ArrayList<>(STACK);
    for (int i = 0; i < STACK; i++) {
      int slot = at + 0x20 + i * 16;
      stack.add(new Extended(record.u16(slot + 8), record.u64(slot)));
    }
    List<Vector> vectors = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int slot = at + 0xa0 + i * 16;
      vectors.add(new Vector(record.u64(slot), record.u64(slot + 8)));
    }
    int status = record.u16(at + 2);
    return new FloatRegisters(
        record.u16(at),
        status,
        tags(record.u8(at + 4), stack, status >>> 11 & 7),
        record.u16(at + 6) & 0x7ff,
        new Place(record.u16(at + 0xc), record.u32(at + 8)),
        new Place(record.u16(at + 0x14), record.u32(at + 0x10)),
        List.copyOf(stack),
        record.u32(at + 0x18),
        List.copyOf(vectors));
  }

  /**
   * The tags as FSAVE writes them. FXSAVE keeps one bit per physical register, whether it is in
   * use; the rest follows from its contents: 0 valid, 1 zero, 2 special, 3 empty.
   */
  private static int tags(int used, List<Extended> stack, int top) {
    int tags = 0;
    for (int physical = 0; physical < STACK; physical++) {
      int tag = 3;
      if ((used >>> physical & 1) != 0) {
        Extended value = stack.get(physical - top & 7);
        int exponent = value.head & 0x7fff;
        boolean normal = exponent != 0 && exponent != 0x7fff && value.mantissa < 0;
        tag = normal ? 0 : exponent == 0 && value.mantissa == 0 ? 1 : 2;
      }
      tags |= tag << physical * 2;
    }
    return tags;
  }
}
