// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import org.jkd.image.Bytes;

/**
 * The lines that {@code .fnent} prints for an UNWIND_INFO (layout: "x64 exception handling" in
 * Microsoft's documentation).
 */
final class UnwindCodeText {
  private static final String[] REGISTERS = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
    "r14", "r15"
  };

  private UnwindCodeText() {}

  /** Header bytes and codes, without handler data. */
  static int size(Bytes info) {
    return 4 + 2 * info.u8(2);
  }

  static List<String> lines(Bytes info) {
    int version = info.u8(0) & 7;
    int count = info.u8(2);
    List<String> lines = new ArrayList<>();
    String frame =
        (info.u8(3) & 15) == 0
            ? ""
            : ", frame reg " + (info.u8(3) & 15) + ", frame offs " + hex((info.u8(3) >>> 4) * 16L);
    lines.add(
        "  version "
            + version
            + ", flags "
            + hex(info.u8(0) >>> 3)
            + ", prolog "
            + hex(info.u8(1))
            + ", codes "
            + hex(count)
            + frame);
    int i = 0;
    while (i < count && info.has(4 + 2L * i, 2)) {
      int offset = info.u8(4 + 2L * i);
      int op = info.u8(5 + 2L * i) & 15;
      int detail = info.u8(5 + 2L * i) >>> 4;
      long operand = 4 + 2L * (i + 1);
      int slots = slots(op, detail, version);
      String text = info.has(operand, 2L * (slots - 1)) ? text(info, op, detail, operand) : "";
      lines.add(
          "  %02x: offs %x, unwind op %x, op info %x\t%s".formatted(i, offset, op, detail, text));
      i += slots;
    }
    return lines;
  }

  private static int slots(int op, int detail, int version) {
    return switch (op) {
      case 1 -> detail == 0 ? 2 : 3;
      case 4, 8 -> 2;
      case 5, 9 -> 3;
      // Version 1 had code 6 for saving half a vector register.
      case 6 -> version == 1 ? 2 : 1;
      case 7 -> 3;
      default -> 1;
    };
  }

  private static String text(Bytes info, int op, int detail, long operand) {
    return switch (op) {
      case 0 -> "UWOP_PUSH_NONVOL reg: " + REGISTERS[detail] + ".";
      case 1 ->
          "UWOP_ALLOC_LARGE FrameOffset: "
              + hex(detail == 0 ? info.u16(operand) * 8L : info.u32(operand))
              + ".";
      case 2 -> "UWOP_ALLOC_SMALL.";
      case 3 -> "UWOP_SET_FPREG.";
      case 4 ->
          "UWOP_SAVE_NONVOL FrameOffset: "
              + hex(info.u16(operand) * 8L)
              + " reg: "
              + REGISTERS[detail]
              + ".";
      case 5 ->
          "UWOP_SAVE_NONVOL_FAR FrameOffset: "
              + hex(info.u32(operand))
              + " reg: "
              + REGISTERS[detail]
              + ".";
      case 6 -> "UWOP_EPILOG";
      case 7 -> "UWOP_SPARE_CODE";
      case 8 ->
          "UWOP_SAVE_XMM128 FrameOffset: "
              + hex(info.u16(operand) * 16L)
              + " reg: xmm"
              + detail
              + ".";
      case 9 ->
          "UWOP_SAVE_XMM128_FAR FrameOffset: "
              + hex(info.u32(operand))
              + " reg: xmm"
              + detail
              + ".";
      case 10 -> "UWOP_PUSH_MACHFRAME" + (detail == 1 ? " with error code." : ".");
      default -> "unknown";
    };
  }

  private static String hex(long n) {
    return Long.toHexString(n);
  }
}
