// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.Arrays;

/**
 * Decodes 32-bit or 64-bit machine code into a reused {@link Instruction}. Nothing is allocated.
 * Stateless after construction and therefore usable by many threads, each with its own instruction.
 */
public final class Decoder {
  /** The longest instruction that a processor accepts, in bytes. */
  public static final int MAX_LENGTH = 15;

  // Classes of bytes that may stand before an opcode.
  private static final byte LOCK = 1;
  private static final byte REPNE = 2;
  private static final byte REP = 3;
  private static final byte OPERAND_SIZE = 4;
  private static final byte ADDRESS_SIZE = 5;
  private static final byte SEGMENT = 6;
  private static final byte REX = 7;
  private static final byte ESCAPE = 8;
  private static final byte[] CLASS_32 = classes(false);
  private static final byte[] CLASS_64 = classes(true);

  private static final int MAP_3DNOW_ESCAPE = OpcodeTable.MAP_0F << 8 | 0x0f;
  private static final int LEGACY_BAD_FOR_VEX =
      Instruction.PREFIX_LOCK
          | Instruction.PREFIX_REP
          | Instruction.PREFIX_REPNE
          | Instruction.PREFIX_OPERAND_SIZE
          | Instruction.PREFIX_REX;

  private final boolean is64;
  private final byte[] classes;
  private final OpcodeTable table = OpcodeTable.INSTANCE;

  /**
   * @throws IllegalArgumentException for ARM64, whose code is not decoded
   */
  public Decoder(Arch arch) {
    if (arch == Arch.ARM64) {
      throw new IllegalArgumentException("ARM64 code is not decoded");
    }
    is64 = arch == Arch.X64;
    classes = is64 ? CLASS_64 : CLASS_32;
  }

  private static byte[] classes(boolean is64) {
    byte[] c = new byte[256];
    c[0xf0] = LOCK;
    c[0xf2] = REPNE;
    c[0xf3] = REP;
    c[0x66] = OPERAND_SIZE;
    c[0x67] = ADDRESS_SIZE;
    for (int s : new int[] {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65}) {
      c[s] = SEGMENT;
    }
    if (is64) {
      Arrays.fill(c, 0x40, 0x50, REX);
    }
    for (int e : new int[] {0x0f, 0x62, 0x8f, 0xc4, 0xc5}) {
      c[e] = ESCAPE;
    }
    return c;
  }

  /** True for 64-bit code. */
  public boolean is64() {
    return is64;
  }

  /**
   * Decodes one instruction.
   *
   * @param code bytes
   * @param offset of the first byte in {@code code}
   * @param end of the readable bytes in {@code code}, exclusive
   * @param address of the first byte in the target
   * @param out filled on success; undefined after a 0
   * @return the length, 1 to 15, or 0 if the bytes are no instruction or end within one
   */
  public int decode(byte[] code, int offset, int end, long address, Instruction out) {
    int limit = Math.min(end, offset + MAX_LENGTH);
    int p = offset;
    int prefixes = 0;
    int rex = 0;
    int segment = -1;
    int mandatory = 0;
    int op;
    int kind;
    while (true) {
      if (p >= limit) {
        return 0;
      }
      op = code[p++] & 0xff;
      kind = classes[op];
      if (kind == 0 || kind == ESCAPE) {
        break;
      }
      if (kind == REX) {
        rex = op;
        continue;
      }
      rex = 0; // a REX prefix counts only directly before the opcode
      switch (kind) {
        case LOCK -> prefixes |= Instruction.PREFIX_LOCK;
        case REPNE -> {
          prefixes |= Instruction.PREFIX_REPNE;
          mandatory = 3;
        }
        case REP -> {
          prefixes |= Instruction.PREFIX_REP;
          mandatory = 2;
        }
        case OPERAND_SIZE -> prefixes |= Instruction.PREFIX_OPERAND_SIZE;
        case ADDRESS_SIZE -> prefixes |= Instruction.PREFIX_ADDRESS_SIZE;
        default -> {
          prefixes |= Instruction.PREFIX_SEGMENT;
          // In 64-bit code only fs and gs mean anything and the others do not cancel them.
          if (!is64 || op >= 0x64) {
            segment = op >= 0x64 ? op - 0x60 : op >> 3 & 3;
          }
        }
      }
    }
    if (rex != 0) {
      prefixes |= Instruction.PREFIX_REX;
    }
    out.vectorLength = 0;
    out.high = 0;
    out.segment = segment;
    out.is64 = is64;
    out.address = address;
    int map = OpcodeTable.MAP_ONE;
    if (kind == ESCAPE) {
      if (op == 0x0f) {
        if (p >= limit) {
          return 0;
        }
        op = code[p++] & 0xff;
        map = OpcodeTable.MAP_0F;
        if (op == 0x38 || op == 0x3a) {
          map = op == 0x38 ? OpcodeTable.MAP_0F38 : OpcodeTable.MAP_0F3A;
          if (p >= limit) {
            return 0;
          }
          op = code[p++] & 0xff;
        }
      } else {
        if (p >= limit) {
          return 0;
        }
        int next = code[p] & 0xff;
        if (op == 0x8f ? (next & 31) >= 8 : is64 || next >= 0xc0) {
          return vex(code, offset, p, limit, op, prefixes, out);
        }
      }
    }
    if (mandatory == 0 && (prefixes & Instruction.PREFIX_OPERAND_SIZE) != 0) {
      mandatory = 1;
    }
    return finish(code, offset, p, limit, map << 8 | op, mandatory, prefixes, rex, out);
  }

  /** Two- and three-byte VEX, XOP and EVEX: {@code at} is the place after the first byte. */
  private int vex(
      byte[] code, int offset, int at, int limit, int first, int prefixes, Instruction out) {
    int payload = first == 0xc5 ? 1 : first == 0x62 ? 3 : 2;
    int p = at + payload + 1;
    if (p > limit || (prefixes & LEGACY_BAD_FOR_VEX) != 0) {
      return 0;
    }
    int b0 = code[at];
    int last = first == 0xc5 ? b0 : code[at + 1];
    int rex = (~b0 & 0x80) >> 5; // stored inverted
    int map;
    int all = prefixes | Instruction.PREFIX_VEX;
    out.vectorLength = last >> 2 & 1;
    if (first == 0xc5) {
      map = OpcodeTable.MAP_VEX + 1;
    } else {
      rex |= (~b0 & 0x60) >> 5 | last >> 4 & 8;
      int m = b0 & 31;
      if (first == 0x62) {
        if ((b0 & 8) != 0 || (last & 4) == 0) {
          return 0;
        }
        m &= 7;
        all |= Instruction.PREFIX_EVEX;
        boolean registerForm = p < limit && (code[p] & 0xc0) == 0xc0;
        if (!evex(code[at + 2], b0, registerForm, out)) {
          return 0;
        }
        map = m < 1 || m > 6 || m == 4 ? -1 : OpcodeTable.MAP_EVEX + m;
      } else if (first == 0x8f) {
        map = m > 10 ? -1 : OpcodeTable.MAP_XOP + m;
      } else {
        map = m < 1 || m > 3 ? -1 : OpcodeTable.MAP_VEX + m;
      }
      if (map < 0) {
        return 0;
      }
    }
    out.vvvv = ~last >> 3 & 15;
    if (!is64) {
      rex &= 8;
      out.vvvv &= 7;
    }
    int root = map << 8 | code[at + payload] & 0xff;
    int length = finish(code, offset, p, limit, root, last & 3, all, rex, out);
    if (length != 0 && out.vvvv != 0 && (table.flags[out.form] & OpcodeTable.USES_VVVV) == 0) {
      return 0;
    }
    return length;
  }

  private static boolean evex(int payload, int b0, boolean registerForm, Instruction out) {
    out.evex = payload;
    // Between registers, b stands for rounding control in place of L'L, on the full length.
    out.vectorLength = registerForm && (payload & 16) != 0 ? 2 : payload >> 5 & 3;
    // Inverted: R' is the fifth bit of modrm.reg, V' of vvvv; X serves as fifth bit of modrm.rm.
    out.high = (~b0 & 0x10) >> 2 | (~b0 & 0x40) >> 5 | (~payload & 8) >> 3;
    return out.vectorLength < 3;
  }

  /** The part after the opcode, common to all encodings. */
  private int finish(
      byte[] code,
      int offset,
      int at,
      int limit,
      int root,
      int mandatory,
      int prefixes,
      int rex,
      Instruction out) {
    int p = at;
    int operandSize =
        (rex & 8) != 0 ? 8 : (prefixes & Instruction.PREFIX_OPERAND_SIZE) != 0 ? 2 : 4;
    int addressSize = is64 ? 8 : 4;
    if ((prefixes & Instruction.PREFIX_ADDRESS_SIZE) != 0) {
      addressSize >>= 1;
    }
    int ref = table.roots[root];
    int[] nodes = table.nodes;
    while (ref < 0) {
      int node = ~ref;
      int value;
      switch (nodes[node]) {
        case OpcodeTable.DIM_MODE -> value = is64 ? 1 : 0;
        case OpcodeTable.DIM_PREFIX -> value = mandatory;
        case OpcodeTable.DIM_OPERAND_SIZE -> value = operandSize >> 2;
        case OpcodeTable.DIM_ADDRESS_SIZE -> value = addressSize >> 2;
        case OpcodeTable.DIM_W -> value = rex >> 3 & 1;
        case OpcodeTable.DIM_L -> value = out.vectorLength;
        case OpcodeTable.DIM_B -> value = rex & 1;
        default -> {
          if (p >= limit) {
            return 0;
          }
          int m = code[p] & 0xff;
          value =
              switch (nodes[node]) {
                case OpcodeTable.DIM_REG -> m >> 3 & 7;
                case OpcodeTable.DIM_MOD -> m >= 0xc0 ? 1 : 0;
                default -> m & 7;
              };
        }
      }
      ref = nodes[node + 1 + value];
    }
    if (ref == 0) {
      return 0;
    }
    int flags = table.flags[ref];
    if ((flags & (OpcodeTable.D64 | OpcodeTable.F64)) != 0
        && is64
        && (operandSize == 4 || (flags & OpcodeTable.F64) != 0)) {
      operandSize = 8;
    }
    out.form = ref;
    out.opcode = root & 0xff;
    out.prefixes = prefixes;
    out.rex = rex & 15;
    out.operandSize = operandSize;
    out.addressSize = addressSize;
    if ((flags & OpcodeTable.MODRM) != 0) {
      if (p >= limit) {
        return 0;
      }
      int modrm = code[p++] & 0xff;
      if ((flags & OpcodeTable.MOD_IGNORED) != 0) {
        modrm |= 0xc0;
      }
      out.modrm = modrm;
      if (modrm < 0xc0) {
        p = memory(code, p, limit, modrm, rex, addressSize, out);
        if (p == 0) {
          return 0;
        }
        if ((prefixes & Instruction.PREFIX_EVEX) != 0 && modrm >> 6 == 1) {
          // EVEX counts 8-bit displacements in units of the memory operand.
          out.displacement *= Math.max(1, out.size(out.memoryOperand()));
        }
      } else if ((prefixes & Instruction.PREFIX_LOCK) != 0) {
        return 0;
      }
    } else {
      out.modrm = 0xc0;
      out.base = Instruction.NO_REGISTER;
      out.index = Instruction.NO_REGISTER;
    }
    if ((prefixes & Instruction.PREFIX_LOCK) != 0 && (flags & OpcodeTable.LOCK) == 0) {
      return 0;
    }
    int immediateKind = flags >> OpcodeTable.IMMEDIATE_SHIFT & OpcodeTable.IMMEDIATE_MASK;
    if (immediateKind != 0) {
      p = immediate(code, p, limit, immediateKind, out);
      if (p == 0) {
        return 0;
      }
    }
    if (root == MAP_3DNOW_ESCAPE) {
      out.form = table.roots[OpcodeTable.MAP_3DNOW << 8 | (int) out.immediate & 0xff];
      if (out.form == 0) {
        return 0;
      }
    }
    int length = p - offset;
    out.length = length;
    return length;
  }

  /** Reads SIB and displacement; the place after them, or 0 if bytes are missing. */
  private int memory(
      byte[] code, int at, int limit, int modrm, int rex, int addressSize, Instruction out) {
    if (addressSize == 2) {
      return memory16(code, at, limit, modrm, out);
    }
    int p = at;
    int mod = modrm >> 6;
    int base = modrm & 7;
    int index = Instruction.NO_REGISTER;
    int scale = 1;
    boolean hasSib = base == 4;
    if (hasSib) {
      if (p >= limit) {
        return 0;
      }
      int sib = code[p++] & 0xff;
      scale = 1 << (sib >> 6);
      index = sib >> 3 & 7 | (rex & 2) << 2;
      if (index == 4 && (table.flags[out.form] & OpcodeTable.VSIB) == 0) {
        index = Instruction.NO_REGISTER;
      }
      base = sib & 7;
    }
    long displacement = 0;
    if (mod == 1) {
      if (p >= limit) {
        return 0;
      }
      displacement = code[p++];
      base |= (rex & 1) << 3;
    } else if (mod == 2 || base == 5) {
      if (p + 4 > limit) {
        return 0;
      }
      displacement = int32(code, p);
      p += 4;
      if (mod == 2) {
        base |= (rex & 1) << 3;
      } else if (hasSib || !is64) {
        base = Instruction.NO_REGISTER;
      } else {
        base = Instruction.RIP_BASE;
      }
    } else {
      base |= (rex & 1) << 3;
    }
    out.base = base;
    out.index = index;
    out.scale = scale;
    out.displacement = displacement;
    return p;
  }

  private static final byte[] BASE_16 = {3, 3, 5, 5, 6, 7, 5, 3};
  private static final byte[] INDEX_16 = {6, 7, 6, 7, -1, -1, -1, -1};

  private static int memory16(byte[] code, int at, int limit, int modrm, Instruction out) {
    int mod = modrm >> 6;
    int rm = modrm & 7;
    out.base = BASE_16[rm];
    out.index = INDEX_16[rm];
    out.scale = 1;
    boolean direct = mod == 0 && rm == 6;
    int size = direct || mod == 2 ? 2 : mod;
    if (at + size > limit) {
      return 0;
    }
    if (direct) {
      out.base = Instruction.NO_REGISTER;
    }
    out.displacement =
        switch (size) {
          case 0 -> 0;
          case 1 -> code[at];
          default -> (short) int16(code, at);
        };
    return at + size;
  }

  private int immediate(byte[] code, int at, int limit, int kind, Instruction out) {
    int operandSize = out.operandSize;
    int size =
        switch (kind) {
          case OpcodeTable.IMM_B -> 1;
          case OpcodeTable.IMM_W, OpcodeTable.IMM_BB -> 2;
          case OpcodeTable.IMM_Z -> operandSize == 2 ? 2 : 4;
          case OpcodeTable.IMM_V -> operandSize;
          case OpcodeTable.IMM_WB -> 3;
          case OpcodeTable.IMM_FAR -> operandSize == 2 ? 4 : 6;
          case OpcodeTable.IMM_OFFSET -> out.addressSize;
          case OpcodeTable.IMM_JZ -> operandSize == 2 ? 2 : 4;
          default -> 4;
        };
    if (at + size > limit) {
      return 0;
    }
    switch (kind) {
      case OpcodeTable.IMM_WB -> {
        out.immediate = int16(code, at);
        out.immediate2 = code[at + 2] & 0xff;
      }
      case OpcodeTable.IMM_BB -> {
        out.immediate = code[at];
        out.immediate2 = code[at + 1] & 0xff;
      }
      case OpcodeTable.IMM_FAR -> {
        out.immediate = size == 4 ? int16(code, at) : int32(code, at);
        out.immediate2 = int16(code, at + size - 2);
      }
      case OpcodeTable.IMM_OFFSET -> out.displacement = number(code, at, size);
      default -> out.immediate = number(code, at, size);
    }
    return at + size;
  }

  private static long number(byte[] code, int at, int size) {
    return switch (size) {
      case 1 -> code[at];
      case 2 -> (short) int16(code, at);
      case 4 -> int32(code, at);
      default -> int32(code, at) & 0xffff_ffffL | (long) int32(code, at + 4) << 32;
    };
  }

  private static int int16(byte[] code, int at) {
    return code[at] & 0xff | (code[at + 1] & 0xff) << 8;
  }

  private static int int32(byte[] code, int at) {
    return code[at] & 0xff
        | (code[at + 1] & 0xff) << 8
        | (code[at + 2] & 0xff) << 16
        | code[at + 3] << 24;
  }
}
