// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jkd.cpu.OpcodeTable.Form;

/** Reads the text tables of opcodes; {@code legacy.txt} explains the notation. */
final class OpcodeTableReader {
  private static final String[] CONDITIONS = {
    "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
  };

  /** By number of map. */
  private static final String[] MAP_PREFIXES = {
    "", "0f", "0f38", "0f3a", "0f0f", "v1.", "v2.", "v3.", "e1.", "e2.", "e3.", "e4.", "e5.", "e6.",
    "x8.", "x9.", "xa."
  };

  private static final String[] REGISTERS = {
    "ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "8", "9", "10", "11"
  };

  private final OpcodeTable.Builder builder = new OpcodeTable.Builder();

  private final Map<String, Integer> operandCodes = new HashMap<>();

  private OpcodeTableReader() {}

  /** Reads tables that lie beside this class. */
  static OpcodeTable read(String... names) {
    OpcodeTableReader reader = new OpcodeTableReader();
    for (String name : names) {
      try (InputStream in = OpcodeTableReader.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException("opcode table " + name + " is missing");
        }
        for (String line :
            new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n", -1)) {
          if (!line.isEmpty() && line.charAt(0) != '#') {
            reader.line(line);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return reader.builder.build();
  }

  private void line(String line) {
    List<String> words = words(line);
    if (words.size() < 3) {
      throw new IllegalStateException("opcode table line: " + line);
    }
    String head = words.get(0);
    int colon = head.indexOf(':');
    String encoding = colon < 0 ? head : head.substring(0, colon);
    int[] wanted = new int[OpcodeTable.DIMENSIONS];
    Arrays.fill(wanted, -1);
    if (colon >= 0) {
      for (String constraint : head.substring(colon + 1).split(",")) {
        constrain(wanted, constraint);
      }
    }
    Attributes attributes = new Attributes(words);
    Line parsed = new Line(encoding, words.get(1), words.get(2), attributes);
    if (!attributes.mmx) {
      emit(parsed, wanted);
    } else {
      int[] mmx = wanted.clone();
      mmx[OpcodeTable.DIM_PREFIX] = 0;
      emit(parsed.withOperands(mmxOperands(words.get(2))), mmx);
      wanted[OpcodeTable.DIM_PREFIX] = 1;
      emit(parsed, wanted);
    }
    if (attributes.vex != Attributes.NO_VEX) {
      String operands = words.get(2);
      if (attributes.vex == Attributes.VEX_NONDESTRUCTIVE) {
        int comma = operands.indexOf(',');
        // The register is as wide as the destination; scalars have 16 bytes.
        String size = operands.charAt(0) == 'W' ? "o" : operands.substring(1, 2);
        operands =
            operands
                .substring(0, comma)
                .concat(",H")
                .concat(size)
                .concat(operands.substring(comma));
      }
      parsed =
          new Line(
              MAP_PREFIXES[OpcodeTable.MAP_VEX + parsed.mapNumber()].concat(parsed.opcode()),
              "v".concat(words.get(1)),
              operands,
              attributes.forVex());
      emit(parsed, wanted.clone());
    }
    if (attributes.evexW != Attributes.NO_EVEX) {
      int[] evex = wanted.clone();
      if (attributes.evexW >= 0) {
        evex[OpcodeTable.DIM_W] = attributes.evexW;
      }
      emit(parsed.withEncoding("e".concat(parsed.encoding().substring(1))), evex);
    }
  }

  /** What stands between blanks; a regular expression would cost more than all the rest. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>(8);
    int at = 0;
    while (at < line.length()) {
      int end = line.indexOf(' ', at);
      end = end < 0 ? line.length() : end;
      if (end > at) {
        words.add(line.substring(at, end));
      }
      at = end + 1;
    }
    return words;
  }

  private static String mmxOperands(String text) {
    return text.replace("Vx", "Pq").replace("Wx", "Qq").replace("Wo", "Qq").replace("Ux", "Nq");
  }

  /** A line that stands for one encoding. */
  private record Line(String encoding, String mnemonic, String operands, Attributes attributes) {
    Line withOperands(String text) {
      return new Line(encoding, mnemonic, text, attributes);
    }

    Line withEncoding(String text) {
      return new Line(text, mnemonic, operands, attributes);
    }

    /** Of an encoding that starts with 0f: 1 to 3. */
    int mapNumber() {
      return encoding.startsWith("0f38") && encoding.length() == 6
          ? 2
          : encoding.startsWith("0f3a") && encoding.length() == 6 ? 3 : 1;
    }

    String opcode() {
      return encoding.substring(encoding.length() - 2);
    }
  }

  private void emit(Line line, int[] wanted) {
    String encoding = line.encoding();
    int repeat = 1;
    boolean conditions = false;
    int plus = encoding.indexOf('+');
    if (plus >= 0) {
      conditions = encoding.endsWith("cc");
      repeat = conditions ? 16 : 8;
      encoding = encoding.substring(0, plus);
    }
    int map = OpcodeTable.MAP_ONE;
    String opcode = encoding;
    for (int m = encoding.length() == 2 ? MAP_PREFIXES.length : 1; m < MAP_PREFIXES.length; m++) {
      String prefix = MAP_PREFIXES[m];
      if (encoding.startsWith(prefix) && encoding.length() == prefix.length() + 2) {
        map = m;
        opcode = encoding.substring(prefix.length());
      }
    }
    int first = Integer.parseInt(opcode, 16);
    for (int i = 0; i < repeat; i++) {
      String mnemonic = conditions ? line.mnemonic().replace("cc", CONDITIONS[i]) : line.mnemonic();
      int form = form(mnemonic, line.operands(), wanted, line.attributes(), conditions);
      builder.rule(map, first + i, new OpcodeTable.Rule(form, wanted));
    }
  }

  private static void constrain(int[] wanted, String text) {
    char first = text.charAt(0);
    switch (text) {
      case "np" -> wanted[OpcodeTable.DIM_PREFIX] = 0;
      case "66" -> wanted[OpcodeTable.DIM_PREFIX] = 1;
      case "f3" -> wanted[OpcodeTable.DIM_PREFIX] = 2;
      case "f2" -> wanted[OpcodeTable.DIM_PREFIX] = 3;
      case "m32" -> wanted[OpcodeTable.DIM_MODE] = 0;
      case "m64" -> wanted[OpcodeTable.DIM_MODE] = 1;
      case "o16", "o32", "o64" -> wanted[OpcodeTable.DIM_OPERAND_SIZE] = sizeIndex(text);
      case "a16", "a32", "a64" -> wanted[OpcodeTable.DIM_ADDRESS_SIZE] = sizeIndex(text);
      case "mem" -> wanted[OpcodeTable.DIM_MOD] = 0;
      case "reg" -> wanted[OpcodeTable.DIM_MOD] = 1;
      default -> {
        int value = text.charAt(text.length() - 1) - '0';
        switch (first) {
          case '/' -> wanted[OpcodeTable.DIM_REG] = value;
          case 'r' -> wanted[OpcodeTable.DIM_RM] = value;
          case 'w' -> wanted[OpcodeTable.DIM_W] = value;
          case 'l' -> wanted[OpcodeTable.DIM_L] = value;
          case 'b' -> wanted[OpcodeTable.DIM_B] = value;
          default -> throw new IllegalStateException("constraint in the opcode table: " + text);
        }
      }
    }
  }

  private static int sizeIndex(String text) {
    return text.endsWith("16") ? 0 : text.endsWith("32") ? 1 : 2;
  }

  private int form(
      String mnemonic, String operandText, int[] wanted, Attributes attributes, boolean condition) {
    long operands = 0;
    int flags = attributes.flags | (condition ? OpcodeTable.CONDITIONAL : 0);
    int access = 0;
    int immediate = OpcodeTable.IMM_NONE;
    if (wanted[OpcodeTable.DIM_REG] >= 0
        || wanted[OpcodeTable.DIM_MOD] >= 0
        || wanted[OpcodeTable.DIM_RM] >= 0) {
      flags |= OpcodeTable.MODRM;
    }
    if (!operandText.equals("-")) {
      String[] texts = operandText.split(",");
      for (int i = 0; i < texts.length; i++) {
        int code = operand(texts[i]);
        operands |= (long) code << 16 * i;
        access |= attributes.access(i) << 2 * i;
        immediate = immediate(immediate, code);
        flags |= needs(wanted, code);
      }
    }
    if (wanted[OpcodeTable.DIM_PREFIX] >= 2) {
      flags |= OpcodeTable.PREFIX_USED;
    }
    flags |= immediate << OpcodeTable.IMMEDIATE_SHIFT;
    flags |= flow(mnemonic, operands).ordinal() << OpcodeTable.FLOW_SHIFT;
    flags |= stack(mnemonic).ordinal() << OpcodeTable.STACK_SHIFT;
    return builder.form(
        new Form(
            builder.mnemonic(mnemonic),
            operands,
            flags,
            access,
            attributes.implicit,
            attributes.evex));
  }

  private int operand(String text) {
    Integer known = operandCodes.get(text);
    if (known == null) {
      known = OperandCode.parse(text);
      operandCodes.put(text, known);
    }
    return known;
  }

  private static int immediate(int before, int code) {
    int size = OperandCode.registerSize(code);
    return switch (OperandCode.method(code)) {
      case OperandCode.I ->
          switch (size) {
            case OperandCode.SIZE_B -> OpcodeTable.IMM_B;
            case OperandCode.SIZE_W -> OpcodeTable.IMM_W;
            case OperandCode.SIZE_D -> OpcodeTable.IMM_D;
            case OperandCode.SIZE_V -> OpcodeTable.IMM_V;
            default -> OpcodeTable.IMM_Z;
          };
      case OperandCode.IS, OperandCode.L -> OpcodeTable.IMM_B;
      case OperandCode.I2 -> before == OpcodeTable.IMM_W ? OpcodeTable.IMM_WB : OpcodeTable.IMM_BB;
      case OperandCode.J -> size == OperandCode.SIZE_B ? OpcodeTable.IMM_B : OpcodeTable.IMM_JZ;
      case OperandCode.A -> OpcodeTable.IMM_FAR;
      case OperandCode.O -> OpcodeTable.IMM_OFFSET;
      default -> before;
    };
  }

  /** Flags that an operand brings; operands that are only memory or only register constrain mod. */
  private static int needs(int[] wanted, int code) {
    return switch (OperandCode.method(code)) {
      case OperandCode.M -> {
        wanted[OpcodeTable.DIM_MOD] = 0;
        yield OpcodeTable.MODRM;
      }
      case OperandCode.MV -> {
        wanted[OpcodeTable.DIM_MOD] = 0;
        yield OpcodeTable.MODRM | OpcodeTable.VSIB;
      }
      case OperandCode.R, OperandCode.N, OperandCode.U, OperandCode.KU, OperandCode.TU -> {
        // Moves to and from control registers (Rn) ignore modrm.mod.
        if (OperandCode.method(code) == OperandCode.R
            && OperandCode.registerSize(code) == OperandCode.SIZE_N) {
          yield OpcodeTable.MODRM | OpcodeTable.MOD_IGNORED;
        }
        wanted[OpcodeTable.DIM_MOD] = 1;
        yield OpcodeTable.MODRM;
      }
      case OperandCode.E,
          OperandCode.G,
          OperandCode.S,
          OperandCode.C,
          OperandCode.D,
          OperandCode.T,
          OperandCode.P,
          OperandCode.Q,
          OperandCode.V,
          OperandCode.W,
          OperandCode.KR,
          OperandCode.KE,
          OperandCode.STI,
          OperandCode.BNR,
          OperandCode.BNE,
          OperandCode.TR ->
          OpcodeTable.MODRM;
      case OperandCode.H, OperandCode.B, OperandCode.KV, OperandCode.TV -> OpcodeTable.USES_VVVV;
      default -> 0;
    };
  }

  private static Flow flow(String mnemonic, long operands) {
    int code = (int) (operands & 0xffff);
    int method = OperandCode.method(code);
    boolean direct = method == OperandCode.J;
    return switch (mnemonic) {
      case "call" -> direct ? Flow.CALL_DIRECT : Flow.CALL_INDIRECT;
      case "jmp" -> direct ? Flow.JMP : Flow.JMP_INDIRECT;
      case "ret" -> method == OperandCode.NONE ? Flow.RET : Flow.RET_N;
      case "retf", "retfq" -> Flow.RET_FAR;
      case "iret", "iretd", "iretq" -> Flow.IRET;
      case "int" -> code == OperandCode.parse("3") ? Flow.INT3 : Flow.INT_N;
      case "syscall", "sysenter" -> Flow.SYSCALL;
      case "sysretd", "sysretq", "sysexit", "sysexitq" -> Flow.SYSRET;
      case "hlt" -> Flow.HLT;
      case "ud0", "ud1", "ud2" -> Flow.UD;
      default -> direct ? Flow.JCC : Flow.NONE;
    };
  }

  private static StackEffect stack(String mnemonic) {
    return switch (mnemonic) {
      case "push", "pusha", "pushad", "pushf", "pushfd", "pushfq" -> StackEffect.PUSH;
      case "pop", "popa", "popad", "popf", "popfd", "popfq" -> StackEffect.POP;
      case "call" -> StackEffect.CALL;
      case "ret", "retf", "retfq" -> StackEffect.RETURN;
      case "enter" -> StackEffect.ENTER;
      case "leave" -> StackEffect.LEAVE;
      case "iret", "iretd", "iretq" -> StackEffect.ASSIGN;
      default -> StackEffect.NONE;
    };
  }

  /** The words after the operands. */
  private static final class Attributes {
    static final int NO_VEX = 0;
    static final int VEX_SAME = 1;
    static final int VEX_NONDESTRUCTIVE = 2;
    static final int NO_EVEX = -2;
    static final int ANY_W = -1;

    private int flags;
    private int implicit;
    private int evex;
    private boolean firstRead;
    private boolean firstWritten = true;
    private boolean secondWritten;
    private boolean mmx;
    private int vex = NO_VEX;
    private int evexW = NO_EVEX;

    Attributes(List<String> words) {
      for (int i = 3; i < words.size(); i++) {
        word(words.get(i));
      }
    }

    /** A non-destructive form only writes its first operand. */
    Attributes forVex() {
      Attributes copy = new Attributes(List.of());
      copy.flags = flags;
      copy.implicit = implicit;
      copy.evex = evex;
      copy.firstRead = firstRead && vex == VEX_SAME;
      copy.firstWritten = firstWritten;
      return copy;
    }

    int access(int operand) {
      if (operand == 0) {
        return (firstRead ? 1 : 0) | (firstWritten ? 2 : 0);
      }
      return operand == 1 && secondWritten ? 3 : 1;
    }

    private void word(String word) {
      switch (word) {
        case "r" -> {
          firstRead = true;
          firstWritten = false;
        }
        case "rw" -> firstRead = true;
        case "rwrw" -> {
          firstRead = true;
          secondWritten = true;
        }
        case "m" -> mmx = true;
        case "v" -> vex = VEX_SAME;
        case "vn" -> vex = VEX_NONDESTRUCTIVE;
        case "e" -> evexW = ANY_W;
        case "e0" -> evexW = 0;
        case "e1" -> evexW = 1;
        case "er" -> evex |= OpcodeTable.ROUNDING;
        case "sae" -> evex |= OpcodeTable.NO_EXCEPTIONS;
        case "h" -> evex |= OpcodeTable.HALF_ELEMENTS;
        case "f" -> flags |= OpcodeTable.FLAGS_WRITTEN;
        case "F" -> flags |= OpcodeTable.FLAGS_READ;
        case "d64" -> flags |= OpcodeTable.D64;
        case "f64" -> flags |= OpcodeTable.F64;
        case "str" -> flags |= OpcodeTable.STRING;
        case "lock" -> flags |= OpcodeTable.LOCK;
        case "MR" -> flags |= OpcodeTable.MEMORY_READ;
        case "MW" -> flags |= OpcodeTable.MEMORY_WRITTEN;
        default -> {
          if (word.startsWith("R=")) {
            implicit |= registers(word);
          } else if (word.startsWith("W=")) {
            implicit |= registers(word) << 16;
          } else {
            throw new IllegalStateException("attribute in the opcode table: " + word);
          }
        }
      }
    }

    private static int registers(String word) {
      int mask = 0;
      for (String name : word.substring(2).split("\\+")) {
        int number = Arrays.asList(REGISTERS).indexOf(name);
        if (number < 0) {
          throw new IllegalStateException("register in the opcode table: " + word);
        }
        mask |= 1 << number;
      }
      return mask;
    }
  }
}
