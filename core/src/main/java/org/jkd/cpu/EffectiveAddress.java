// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.image.MemoryReader;

/**
 * What the operands of an instruction mean with the registers of a context, and the note that kd
 * puts behind the instruction at the instruction pointer: {@code ss:0010:83844d2c=????????}.
 */
public final class EffectiveAddress {
  private static final Register[] GENERAL = Register.values();
  private static final Register[] SEGMENTS = {
    Register.ES, Register.CS, Register.SS, Register.DS, Register.FS, Register.GS
  };

  /** Selectors that Windows uses, for contexts that do not hold segment registers. */
  private static final int[] SELECTORS_32 = {0x23, 0x08, 0x10, 0x23, 0x30, 0x00};

  private static final int[] SELECTORS_64 = {0x2b, 0x10, 0x18, 0x2b, 0x53, 0x2b};

  private EffectiveAddress() {}

  /**
   * The address of MEMORY operand {@code i} within its segment (for fs and gs the base is not in
   * it).
   *
   * @return empty if a register is unknown or the index is a vector
   */
  public static OptionalLong of(Instruction in, int i, CpuContext context) {
    if (in.hasVectorIndex()) {
      return OptionalLong.empty();
    }
    if (in.isAbsolute(i)) {
      return OptionalLong.of(in.absoluteAddress(i));
    }
    long address = in.displacement(i);
    int base = in.memoryBase(i);
    if (base >= 0) {
      if (!context.knows(GENERAL[base])) {
        return OptionalLong.empty();
      }
      address += context.get(GENERAL[base]);
    }
    int index = in.memoryIndex(i);
    if (index >= 0) {
      if (!context.knows(GENERAL[index])) {
        return OptionalLong.empty();
      }
      address += context.get(GENERAL[index]) * in.memoryScale(i);
    }
    return OptionalLong.of(Instruction.zeroExtend(address, in.addressSize()));
  }

  /** 1 if a jcc, jecxz or jrcxz would branch, 0 if not, empty if that is not known. */
  public static OptionalInt branches(Instruction in, CpuContext context) {
    if (in.flow() != Flow.JCC) {
      return OptionalInt.empty();
    }
    int condition = in.condition();
    if (condition >= 0 && context.knows(Register.EFLAGS)) {
      return OptionalInt.of(holds(condition, context.get(Register.EFLAGS)) ? 1 : 0);
    }
    int mnemonic = in.mnemonic();
    if ((mnemonic == Mnemonic.JECXZ || mnemonic == Mnemonic.JRCXZ) && context.knows(Register.RCX)) {
      long counter = Instruction.zeroExtend(context.get(Register.RCX), in.addressSize());
      return OptionalInt.of(counter == 0 ? 1 : 0);
    }
    return OptionalInt.empty();
  }

  /**
   * Appends kd's note, with a blank in front, or nothing if there is none to make: no memory
   * operand, unknown registers, or an instruction that only names an address.
   *
   * @param symbols name the target of an indirect call or jump
   */
  public static void note(
      Instruction in,
      CpuContext context,
      MemoryReader memory,
      Symbolizer symbols,
      StringBuilder out) {
    OptionalInt branch = branches(in, context);
    if (branch.isPresent()) {
      out.append(" [br=").append(branch.getAsInt()).append(']');
      return;
    }
    int i = in.memoryOperand();
    if (i < 0 || in.mnemonic() == Mnemonic.LEA || in.mnemonic() == Mnemonic.NOP) {
      return;
    }
    OptionalLong address = of(in, i, context);
    int size = in.size(i);
    if (address.isEmpty() || size == 0 || size > 8) {
      return;
    }
    int segment = in.memorySegment(i);
    out.append(' ').append(RegisterNames.name(RegisterClass.SEGMENT, segment)).append(':');
    KdNumbers.digits(out, selector(segment, context, in.is64()), 4);
    out.append(':');
    KdNumbers.address(out, address.getAsLong(), in.is64());
    out.append('=');
    // The bases of fs and gs are in no context, so what lies there cannot be read by offset.
    OptionalLong value =
        segment >= 4 ? OptionalLong.empty() : memory.number(address.getAsLong(), size);
    boolean indirect = in.flow() == Flow.CALL_INDIRECT || in.flow() == Flow.JMP_INDIRECT;
    if (value.isEmpty()) {
      out.repeat('?', 2 * size);
      return;
    }
    String name = indirect ? symbols.name(value.getAsLong()) : null;
    if (name != null) {
      out.append('{').append(name).append(" (");
      KdNumbers.address(out, value.getAsLong(), in.is64());
      out.append(")}");
    } else {
      KdNumbers.digits(out, value.getAsLong(), 2 * size);
    }
  }

  private static long selector(int segment, CpuContext context, boolean is64) {
    Register register = SEGMENTS[segment];
    return context.knows(register)
        ? context.get(register) & 0xffff
        : (is64 ? SELECTORS_64 : SELECTORS_32)[segment];
  }

  private static boolean holds(int condition, long flags) {
    boolean carry = (flags & 1) != 0;
    boolean parity = (flags & 4) != 0;
    boolean zero = (flags & 0x40) != 0;
    boolean sign = (flags & 0x80) != 0;
    boolean overflow = (flags & 0x800) != 0;
    boolean positive =
        switch (condition >> 1) {
          case 0 -> overflow;
          case 1 -> carry;
          case 2 -> zero;
          case 3 -> carry || zero;
          case 4 -> sign;
          case 5 -> parity;
          case 6 -> sign != overflow;
          default -> zero || sign != overflow;
        };
    return positive == ((condition & 1) == 0);
  }
}
