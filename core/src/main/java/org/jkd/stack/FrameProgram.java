// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Locale;
import java.util.Optional;

/**
 * A FrameData program, for instance {@code $T0 .raSearch = $eip $T0 ^ = $esp $T0 4 + =}, compiled
 * once and evaluated for many frames. The language is postfix over 32-bit numbers: {@code + - * /
 * %} with the left operand pushed first, {@code @} aligns the left operand down to the right one,
 * {@code ^} reads memory, {@code =} assigns. Registers are also written by their CodeView numbers
 * ({@code $20} is EBX; seen in Visual Studio 2019 PDBs).
 */
final class FrameProgram {
  /** Longer programs than any compiler's are refused. */
  private static final int MAX_TOKENS = 512;

  static final int EIP = 0;
  static final int ESP = 1;
  static final int EBP = 2;
  static final int EBX = 3;
  static final int ESI = 4;
  static final int EDI = 5;
  static final int RA_SEARCH = 6;
  static final int CB_PARAMS = 7;
  static final int CB_LOCALS = 8;
  static final int CB_SAVED_REGS = 9;
  static final int CB_CALLEE_PARAMS = 10;
  private static final int EAX = 11;
  private static final int ECX = 12;
  private static final int EDX = 13;
  private static final int T0 = 14;
  private static final int LOCALS_BASE = 34;
  private static final int PARAMS_BASE = 35;
  private static final int VARIABLES = 36;

  private static final int OP_VARIABLE = 0;
  private static final int OP_NUMBER = 1;
  private static final int OP_ADD = 2;
  private static final int OP_SUBTRACT = 3;
  private static final int OP_MULTIPLY = 4;
  private static final int OP_DIVIDE = 5;
  private static final int OP_REMAINDER = 6;
  private static final int OP_ALIGN = 7;
  private static final int OP_READ = 8;
  private static final int OP_ASSIGN = 9;

  private final int[] ops;
  private final int[] operands;
  private final int length;
  private final boolean aligns;
  private final boolean searches;

  /** What a program is evaluated on: variables in, variables out. */
  static final class Machine {
    final int[] values = new int[VARIABLES];
    private long known;

    /** The address from which {@code $eip} was read; −1 if it came from no memory. */
    long eipSlot;

    private final int[] stack = new int[MAX_TOKENS];
    private final boolean[] isVariable = new boolean[MAX_TOKENS];
    private final long[] readFrom = new long[MAX_TOKENS];
    private long assigned;

    /** Forgets everything. */
    void clear() {
      known = 0;
      assigned = 0;
      eipSlot = -1;
    }

    void set(int variable, long value) {
      values[variable] = (int) value;
      known |= 1L << variable;
    }

    long get(int variable) {
      return values[variable] & 0xffff_ffffL;
    }

    /** True when the program assigned the variable. */
    boolean assigned(int variable) {
      return (assigned & 1L << variable) != 0;
    }
  }

  private FrameProgram(int[] ops, int[] operands, int length) {
    this.ops = ops;
    this.operands = operands;
    this.length = length;
    boolean align = false;
    boolean search = false;
    for (int i = 0; i < length; i++) {
      align |= ops[i] == OP_ALIGN;
      search |= ops[i] == OP_VARIABLE && operands[i] == RA_SEARCH;
    }
    this.aligns = align;
    this.searches = search;
  }

  /** True when the program rounds the stack pointer, so that counting from ESP is meaningless. */
  boolean aligns() {
    return aligns;
  }

  /** True when the program starts from the place of the return address that the walker finds. */
  boolean searches() {
    return searches;
  }

  /** Empty if the text is no program of this language. */
  static Optional<FrameProgram> compile(String text) {
    // Some tools glue "=" to the next token; blanks may be doubled.
    String[] tokens = text.replace("=", " = ").strip().split("\\s+", MAX_TOKENS + 1);
    if (tokens.length > MAX_TOKENS) {
      return Optional.empty();
    }
    int[] ops = new int[tokens.length];
    int[] operands = new int[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      String token = tokens[i];
      int op =
          switch (token) {
            case "+" -> OP_ADD;
            case "-" -> OP_SUBTRACT;
            case "*" -> OP_MULTIPLY;
            case "/" -> OP_DIVIDE;
            case "%" -> OP_REMAINDER;
            case "@" -> OP_ALIGN;
            case "^" -> OP_READ;
            case "=" -> OP_ASSIGN;
            default -> OP_VARIABLE;
          };
      ops[i] = op;
      if (op == OP_VARIABLE) {
        int variable = variable(token);
        if (variable >= 0) {
          operands[i] = variable;
        } else if (token.matches("-?\\d{1,10}")) {
          ops[i] = OP_NUMBER;
          operands[i] = (int) Long.parseLong(token);
        } else {
          return Optional.empty();
        }
      }
    }
    return Optional.of(new FrameProgram(ops, operands, tokens.length));
  }

  private static int variable(String token) {
    return switch (token.toLowerCase(Locale.ROOT)) {
      case "$eip" -> EIP;
      case "$esp", "$21" -> ESP;
      case "$ebp", "$22" -> EBP;
      case "$ebx", "$20" -> EBX;
      case "$esi", "$23" -> ESI;
      case "$edi", "$24" -> EDI;
      case "$eax", "$17" -> EAX;
      case "$ecx", "$18" -> ECX;
      case "$edx", "$19" -> EDX;
      case "$l" -> LOCALS_BASE;
      case "$p" -> PARAMS_BASE;
      case ".rasearch", ".rasearchstart" -> RA_SEARCH;
      case ".cbparams" -> CB_PARAMS;
      case ".cblocals" -> CB_LOCALS;
      case ".cbsavedregs" -> CB_SAVED_REGS;
      case ".cbcalleeparams" -> CB_CALLEE_PARAMS;
      default -> token.matches("\\$[tT]1?[0-9]") ? T0 + Integer.parseInt(token.substring(2)) : -1;
    };
  }

  /**
   * Evaluates on a machine whose input variables are set.
   *
   * @return false if the program is malformed, reads memory that is missing, or does not yield both
   *     {@code $eip} and {@code $esp}
   */
  boolean evaluate(Machine m, StackWords words) {
    m.assigned = 0;
    m.eipSlot = -1;
    int top = 0;
    for (int i = 0; i < length; i++) {
      int op = ops[i];
      if (op == OP_VARIABLE || op == OP_NUMBER) {
        m.stack[top] = operands[i];
        m.isVariable[top] = op == OP_VARIABLE;
        m.readFrom[top] = -1;
        top++;
        continue;
      }
      if (top < (op == OP_READ ? 1 : 2) || !toNumber(m, top - 1)) {
        return false;
      }
      int right = m.stack[top - 1];
      if (op == OP_READ) {
        long address = right & 0xffff_ffffL;
        if (!words.readable(address, 4)) {
          return false;
        }
        m.stack[top - 1] = (int) words.u32(address);
        m.readFrom[top - 1] = address;
        continue;
      }
      if (op == OP_ASSIGN) {
        if (!m.isVariable[top - 2]) {
          return false;
        }
        int variable = m.stack[top - 2];
        m.set(variable, right);
        m.assigned |= 1L << variable;
        if (variable == EIP) {
          m.eipSlot = m.readFrom[top - 1];
        }
        top -= 2;
        continue;
      }
      if (!toNumber(m, top - 2) || (op == OP_DIVIDE || op == OP_REMAINDER) && right == 0) {
        return false;
      }
      int left = m.stack[top - 2];
      top--;
      m.stack[top - 1] =
          switch (op) {
            case OP_ADD -> left + right;
            case OP_SUBTRACT -> left - right;
            case OP_MULTIPLY -> left * right;
            case OP_DIVIDE -> Integer.divideUnsigned(left, right);
            case OP_REMAINDER -> Integer.remainderUnsigned(left, right);
            default -> left & -right; // OP_ALIGN, right is a power of two
          };
      m.isVariable[top - 1] = false;
      m.readFrom[top - 1] = -1;
    }
    return m.assigned(EIP) && m.assigned(ESP);
  }

  /** Replaces a variable on the stack by its value; false if it has none. */
  private static boolean toNumber(Machine m, int index) {
    if (m.isVariable[index]) {
      int variable = m.stack[index];
      if ((m.known & 1L << variable) == 0) {
        return false;
      }
      m.stack[index] = m.values[variable];
      m.isVariable[index] = false;
    }
    return true;
  }
}
