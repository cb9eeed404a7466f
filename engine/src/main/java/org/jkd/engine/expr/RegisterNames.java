// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import java.util.Locale;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jspecify.annotations.Nullable;

/** The names of registers, their parts and the flags, as kd writes them. */
public final class RegisterNames {
  private RegisterNames() {}

  /**
   * A register or a part of one.
   *
   * @param shift bits to the right
   * @param bits width; 1 for a flag
   */
  public record Part(Register register, int shift, int bits) {
    /** The part's value in a context, zero-extended. */
    public long of(CpuContext context) {
      long value = context.get(register) >>> shift;
      return bits == 64 ? value : value & ((1L << bits) - 1);
    }
  }

  /** The part that a name means on an architecture. Case does not matter. */
  public static Optional<Part> find(Arch arch, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    Part part =
        switch (lower) {
          case "efl", "eflags" -> new Part(Register.EFLAGS, 0, 32);
          case "fl" -> new Part(Register.EFLAGS, 0, 16);
          case "cf" -> flag(0);
          case "pf" -> flag(2);
          case "af" -> flag(4);
          case "zf" -> flag(6);
          case "sf" -> flag(7);
          case "tf" -> flag(8);
          case "if" -> flag(9);
          case "df" -> flag(10);
          case "of" -> flag(11);
          case "iopl" -> new Part(Register.EFLAGS, 12, 2);
          case "vif" -> flag(19);
          case "vip" -> flag(20);
          case "cs", "ds", "es", "fs", "gs", "ss" -> new Part(plain(lower), 0, 16);
          case "dr0", "dr1", "dr2", "dr3", "dr6", "dr7" ->
              new Part(plain(lower), 0, arch.pointerSize() * 8);
          default -> general(arch, lower);
        };
    return Optional.ofNullable(part);
  }

  private static @Nullable Part general(Arch arch, String name) {
    if (arch == Arch.X64) {
      Part numbered = numbered(name);
      if (numbered != null) {
        return numbered;
      }
      if (name.length() == 3 && name.charAt(0) == 'r') {
        Register register = wide(name.substring(1));
        return register == null ? null : new Part(register, 0, 64);
      }
    }
    if (name.length() == 3 && name.charAt(0) == 'e') {
      Register register = wide(name.substring(1));
      return register == null ? null : new Part(register, 0, 32);
    }
    if (name.length() == 2) {
      Register register = wide(name);
      if (register != null) {
        return new Part(register, 0, 16);
      }
      char kind = name.charAt(1);
      Register half = wide(name.charAt(0) + "x");
      if (half != null && (kind == 'l' || kind == 'h')) {
        return new Part(half, kind == 'h' ? 8 : 0, 8);
      }
    }
    if (arch == Arch.X64 && name.length() == 3 && name.charAt(2) == 'l') {
      Register register = wide(name.substring(0, 2)); // sil, dil, bpl, spl
      return register == null || name.charAt(1) == 'x' ? null : new Part(register, 0, 8);
    }
    return null;
  }

  private static @Nullable Part numbered(String name) {
    if (name.isEmpty()) {
      return null;
    }
    int end = 1;
    while (end < name.length() && Character.isDigit(name.charAt(end))) {
      end++;
    }
    if (name.charAt(0) != 'r' || end == 1 || end > 3) {
      return null;
    }
    int number = Integer.parseInt(name.substring(1, end));
    if (number < 8 || number > 15) {
      return null;
    }
    Register register = plain(name.substring(0, end));
    return switch (name.substring(end)) {
      case "" -> new Part(register, 0, 64);
      case "d" -> new Part(register, 0, 32);
      case "w" -> new Part(register, 0, 16);
      case "b" -> new Part(register, 0, 8);
      default -> null;
    };
  }

  private static @Nullable Register wide(String two) {
    return switch (two) {
      case "ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "ip" -> plain("r" + two);
      default -> null;
    };
  }

  private static Register plain(String name) {
    return Register.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static Part flag(int bit) {
    return new Part(Register.EFLAGS, bit, 1);
  }
}
