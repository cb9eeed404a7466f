// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import org.jspecify.annotations.Nullable;

/**
 * Writes instructions as kd does: {@code call dword ptr [BabyHog!HogFarm+0x7460 (b9596090)]},
 * {@code add esp,0FFFFFD70h}. Names come from a {@link Symbolizer}. Nothing is kept between calls.
 */
public final class KdFormatter {
  /** How memory with a name is written. */
  public enum Style {
    /** {@code dword ptr [nt!Foo (8081df20)]}. */
    CURRENT,
    /** {@code dword ptr nt!Foo (8081df20)}, as debuggers of the Windows XP time do. */
    CLASSIC
  }

  private static final int BYTES_WIDTH = 16;
  private static final int MNEMONIC_WIDTH = 8;

  private final Symbolizer symbols;
  private final Style style;

  public KdFormatter(Symbolizer symbols, Style style) {
    this.symbols = symbols;
    this.style = style;
  }

  /** Address, bytes, mnemonic and operands: one line of {@code u}, without a line end. */
  public void line(Instruction in, byte[] code, int offset, StringBuilder out) {
    KdNumbers.address(out, in.address(), in.is64());
    out.append(' ');
    int column = out.length();
    for (int i = 0; i < in.length(); i++) {
      KdNumbers.digits(out, code[offset + i] & 0xff, 2);
    }
    pad(out, column, BYTES_WIDTH);
    instruction(in, out);
  }

  /** The line for one byte that is no instruction. */
  public static void invalidLine(long address, boolean is64, byte value, StringBuilder out) {
    KdNumbers.address(out, address, is64);
    out.append(' ');
    int column = out.length();
    KdNumbers.digits(out, value & 0xff, 2);
    pad(out, column, BYTES_WIDTH);
    out.append("???");
  }

  /** The line for an address that cannot be read. */
  public static void unreadableLine(long address, boolean is64, StringBuilder out) {
    KdNumbers.address(out, address, is64);
    out.append(' ');
    int column = out.length();
    out.append("??");
    pad(out, column, BYTES_WIDTH);
    out.append("???");
  }

  /** Mnemonic, padded to 8, and operands. */
  public void instruction(Instruction in, StringBuilder out) {
    int column = out.length();
    mnemonic(in, out);
    int count = in.operandCount();
    int lastRegister =
        count > 0 && in.kind(count - 1) == OperandKind.IMMEDIATE ? count - 2 : count - 1;
    for (int i = 0; i < count; i++) {
      if (i == 0) {
        pad(out, column, MNEMONIC_WIDTH);
      } else {
        out.append(',');
      }
      operand(in, i, out);
      if (i == lastRegister) {
        out.append(in.rounding());
      }
      if (i == 0 && in.opmask() != 0) {
        out.append("{k").append(in.opmask()).append('}');
        if (in.isZeroing()) {
          out.append("{z}");
        }
      }
    }
  }

  /** The mnemonic with the prefixes that kd shows. */
  public static void mnemonic(Instruction in, StringBuilder out) {
    int prefixes = in.prefixes();
    if ((prefixes & Instruction.PREFIX_LOCK) != 0) {
      out.append("lock ");
    }
    if ((prefixes & (Instruction.PREFIX_REP | Instruction.PREFIX_REPNE)) != 0
        && !in.prefixSelectsOpcode()) {
      boolean repne = (prefixes & Instruction.PREFIX_REPNE) != 0;
      if (in.isString()) {
        boolean compares = in.writesFlags();
        out.append(repne ? "repne " : compares ? "repe " : "rep ");
      } else if (in.flow() == Flow.RET || in.flow() == Flow.RET_N) {
        out.append(repne ? "bnd " : "rep ");
      } else if (repne && isNearBranch(in.flow())) {
        out.append("bnd ");
      }
    }
    out.append(in.mnemonicText());
  }

  private static boolean isNearBranch(Flow flow) {
    return switch (flow) {
      case CALL_DIRECT, CALL_INDIRECT, JMP, JMP_INDIRECT, JCC -> true;
      case NONE, RET, RET_N, RET_FAR, IRET, INT3, INT_N, SYSCALL, SYSRET, HLT, UD -> false;
    };
  }

  private void operand(Instruction in, int i, StringBuilder out) {
    switch (in.kind(i)) {
      case REGISTER -> register(in, i, out);
      case MEMORY -> memory(in, i, out);
      case IMMEDIATE -> immediate(in, i, out);
      case RELATIVE -> {
        long target = in.target();
        String name = symbols.name(target);
        if (name == null) {
          KdNumbers.address(out, target, in.is64());
        } else {
          named(name, target, in.is64(), out);
        }
      }
      case FAR_POINTER -> {
        KdNumbers.digits(out, in.farSelector(), 4);
        out.append(':');
        KdNumbers.digits(out, in.farOffset(), 8);
      }
    }
  }

  private static void register(Instruction in, int i, StringBuilder out) {
    if (OperandCode.method(in.code(i)) == OperandCode.ST) {
      out.append("st");
    } else {
      out.append(RegisterNames.name(in.registerClass(i), in.register(i)));
    }
  }

  private void immediate(Instruction in, int i, StringBuilder out) {
    long value = in.immediateUnsigned(i);
    if (in.size(i) == (in.is64() ? 8 : 4) && isWideImmediate(in, i)) {
      String name = symbols.name(value);
      if (name != null) {
        out.append("offset ");
        named(name, value, in.is64(), out);
        return;
      }
    }
    KdNumbers.immediate(out, value);
  }

  /** True for immediates that are encoded in 4 or 8 bytes, which may be addresses. */
  private static boolean isWideImmediate(Instruction in, int i) {
    int code = in.code(i);
    return OperandCode.method(code) == OperandCode.I
        && (OperandCode.registerSize(code) == OperandCode.SIZE_V
            || OperandCode.registerSize(code) == OperandCode.SIZE_Z);
  }

  private static void named(String name, long address, boolean is64, StringBuilder out) {
    out.append(name).append(" (");
    KdNumbers.address(out, address, is64);
    out.append(')');
  }

  private void memory(Instruction in, int i, StringBuilder out) {
    out.append(sizeText(in, i));
    int base = in.memoryBase(i);
    int index = in.memoryIndex(i);
    int segment = in.memorySegment(i);
    boolean flat = segment != 4 && segment != 5;
    if (in.isAbsolute(i)) {
      absolute(in, i, segment, out);
      return;
    }
    long displacement = in.displacement(i);
    String name =
        flat && !in.is64() && in.addressSize() == 4 && !fitsByte(displacement)
            ? symbols.name(displacement & 0xffff_ffffL)
            : null;
    if (showsSegment(in, i)) {
      out.append(RegisterNames.name(RegisterClass.SEGMENT, segment)).append(':');
    }
    if (name != null) {
      named(name, displacement & 0xffff_ffffL, false, out);
      displacement = 0;
    }
    out.append('[');
    RegisterClass c = addressClass(in.addressSize());
    if (base >= 0) {
      out.append(base == Instruction.RIP_BASE ? "rip" : RegisterNames.name(c, base));
    }
    if (OperandCode.method(in.code(i)) == OperandCode.XL) {
      out.append(']');
      return;
    }
    if (index >= 0) {
      if (base >= 0) {
        out.append('+');
      }
      out.append(RegisterNames.name(in.hasVectorIndex() ? vectorIndexClass(in, i) : c, index));
      if (in.memoryScale(i) != 1) {
        out.append('*').append(in.memoryScale(i));
      }
    }
    if (displacement < 0) {
      out.append('-');
      KdNumbers.immediate(out, -displacement);
    } else if (displacement > 0) {
      out.append('+');
      KdNumbers.immediate(out, displacement);
    }
    out.append(']');
  }

  private void absolute(Instruction in, int i, int segment, StringBuilder out) {
    long address = in.absoluteAddress(i);
    String segmentName = RegisterNames.name(RegisterClass.SEGMENT, segment);
    if (segment < 4) {
      String name = symbols.name(address);
      if (name != null) {
        if (style == Style.CLASSIC) {
          named(name, address, in.is64(), out);
        } else {
          out.append('[');
          named(name, address, in.is64(), out);
          out.append(']');
        }
        return;
      }
      if (in.is64()) {
        out.append('[');
        KdNumbers.address(out, address, true);
        out.append(']');
        return;
      }
    }
    out.append(segmentName).append(":[");
    if (in.isOffsetForm(i)) {
      KdNumbers.padded(out, address, 2 * in.addressSize());
    } else {
      KdNumbers.immediate(out, address);
    }
    out.append(']');
  }

  private static boolean showsSegment(Instruction in, int i) {
    if (OperandCode.method(in.code(i)) == OperandCode.Y) {
      return !in.is64();
    }
    return in.hasSegmentOverride();
  }

  private static boolean fitsByte(long value) {
    return value == (byte) value;
  }

  private static RegisterClass addressClass(int size) {
    return size == 8 ? RegisterClass.GPR64 : size == 4 ? RegisterClass.GPR32 : RegisterClass.GPR16;
  }

  private static RegisterClass vectorIndexClass(Instruction in, int i) {
    return switch (InstructionOperands.vectorIndexSize(in, in.code(i))) {
      case 32 -> RegisterClass.YMM;
      case 64 -> RegisterClass.ZMM;
      default -> RegisterClass.XMM;
    };
  }

  private static String sizeText(Instruction in, int i) {
    if (OperandCode.memorySize(in.code(i)) == OperandCode.SIZE_S) {
      return "fword ptr "; // kd says so in 64-bit code as well
    }
    if (in.isBroadcast()) {
      return switch (in.size(i)) {
        case 8 -> "qword bcst ";
        case 4 -> "dword bcst ";
        default -> "word bcst ";
      };
    }
    return switch (in.size(i)) {
      case 1 -> "byte ptr ";
      case 2 -> "word ptr ";
      case 4 -> "dword ptr ";
      case 6 -> "fword ptr ";
      case 8 -> isVector(in, i) ? "mmword ptr " : "qword ptr ";
      case 10 -> "tbyte ptr ";
      case 16 -> "xmmword ptr ";
      case 32 -> "ymmword ptr ";
      case 64 -> "zmmword ptr ";
      default -> "";
    };
  }

  /** Eight bytes that belong to an MMX or vector register are called mmword. */
  private static boolean isVector(Instruction in, int i) {
    return switch (OperandCode.method(in.code(i))) {
      case OperandCode.Q, OperandCode.W, OperandCode.MV -> true;
      case OperandCode.M -> {
        int other = i == 0 ? 1 : 0;
        @Nullable RegisterClass c =
            in.operandCount() > 1 && in.kind(other) == OperandKind.REGISTER
                ? in.registerClass(other)
                : null;
        yield c == RegisterClass.MMX || c == RegisterClass.XMM || c == RegisterClass.YMM;
      }
      default -> false;
    };
  }

  private static void pad(StringBuilder out, int from, int width) {
    do {
      out.append(' ');
    } while (out.length() - from < width);
  }
}
