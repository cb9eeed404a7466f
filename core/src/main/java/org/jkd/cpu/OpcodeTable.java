// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All instruction forms, in flat arrays indexed by form number, and the decision trees that lead
 * from an opcode to its form. Built once from the text tables beside this class by {@link
 * OpcodeTableReader}.
 *
 * <p>A tree reference of 0 or more is a form (0 means no instruction), a negative one is {@code ~}
 * the place of a node in {@link #nodes}: first the dimension, then a reference for each of its
 * values.
 */
final class OpcodeTable {
  // Opcode maps, each of 256 roots.
  static final int MAP_ONE = 0;
  static final int MAP_0F = 1;
  static final int MAP_0F38 = 2;
  static final int MAP_0F3A = 3;
  static final int MAP_3DNOW = 4;

  /** VEX map m (1 to 3) is at {@code MAP_VEX + m}. */
  static final int MAP_VEX = 4;

  /** EVEX map m (1 to 6) is at {@code MAP_EVEX + m}. */
  static final int MAP_EVEX = 7;

  /** XOP map m (8 to 10) is at {@code MAP_XOP + m}. */
  static final int MAP_XOP = 6;

  static final int MAPS = 17;

  // Dimensions of tree nodes.
  static final int DIM_MODE = 0;
  static final int DIM_PREFIX = 1;
  static final int DIM_REG = 2;
  static final int DIM_MOD = 3;
  static final int DIM_RM = 4;
  static final int DIM_OPERAND_SIZE = 5;
  static final int DIM_ADDRESS_SIZE = 6;
  static final int DIM_W = 7;
  static final int DIM_L = 8;
  static final int DIM_B = 9;
  static final int DIMENSIONS = 10;
  static final int[] DIMENSION_SIZE = {2, 4, 8, 2, 8, 3, 3, 2, 4, 2};

  // Bits of the form flags.
  static final int MODRM = 1;
  static final int IMMEDIATE_SHIFT = 1;
  static final int IMMEDIATE_MASK = 15;
  static final int D64 = 1 << 5;
  static final int F64 = 1 << 6;
  static final int LOCK = 1 << 7;
  static final int STRING = 1 << 8;
  static final int PREFIX_USED = 1 << 9;
  static final int MEMORY_READ = 1 << 10;
  static final int MEMORY_WRITTEN = 1 << 11;
  static final int FLOW_SHIFT = 12;
  static final int STACK_SHIFT = 17;
  static final int FLAGS_READ = 1 << 21;
  static final int FLAGS_WRITTEN = 1 << 22;
  static final int VSIB = 1 << 23;
  static final int CONDITIONAL = 1 << 24;

  /** modrm.mod is ignored and taken as 3 (moves to and from control registers). */
  static final int MOD_IGNORED = 1 << 25;

  /** VEX.vvvv names an operand; otherwise it must be all ones. */
  static final int USES_VVVV = 1 << 26;

  // Bits of the EVEX attributes.
  static final int ROUNDING = 1;
  static final int NO_EXCEPTIONS = 2;
  static final int HALF_ELEMENTS = 4;

  // Kinds of immediates.
  static final int IMM_NONE = 0;
  static final int IMM_B = 1;
  static final int IMM_W = 2;
  static final int IMM_Z = 3;
  static final int IMM_V = 4;
  static final int IMM_WB = 5;
  static final int IMM_FAR = 6;
  static final int IMM_OFFSET = 7;
  static final int IMM_JZ = 8;
  static final int IMM_BB = 9;
  static final int IMM_D = 10;

  static final OpcodeTable INSTANCE = OpcodeTableReader.read("legacy.txt", "simd.txt");

  final int[] roots;
  final int[] nodes;
  final int[] flags;
  final long[] operands;

  /** Implicit general registers: read in the low half, written in the high half. */
  final int[] implicit;

  /** Two bits per operand: read, written. */
  final byte[] access;

  /** What EVEX.b means; 0 where it means nothing. */
  final byte[] evex;

  private final short[] mnemonic;
  private final byte[] operandCount;
  private final String[] mnemonicTexts;
  private final Map<String, Integer> mnemonicIds;

  private OpcodeTable(Builder b) {
    int n = b.forms.size();
    roots = b.roots;
    nodes = Arrays.copyOf(b.nodes, b.nodeCount);
    flags = new int[n];
    operands = new long[n];
    implicit = new int[n];
    access = new byte[n];
    evex = new byte[n];
    mnemonic = new short[n];
    operandCount = new byte[n];
    for (int i = 0; i < n; i++) {
      Form f = b.forms.get(i);
      flags[i] = f.flags;
      operands[i] = f.operands;
      implicit[i] = f.implicit;
      access[i] = (byte) f.access;
      evex[i] = (byte) f.evex;
      mnemonic[i] = (short) f.mnemonic;
      operandCount[i] = (byte) ((79 - Long.numberOfLeadingZeros(f.operands)) / 16);
    }
    mnemonicTexts = b.mnemonics.toArray(new String[0]);
    mnemonicIds = b.mnemonicIds;
  }

  int mnemonic(int form) {
    return mnemonic[form];
  }

  int operandCount(int form) {
    return operandCount[form];
  }

  String mnemonicText(int id) {
    return mnemonicTexts[id];
  }

  int mnemonicId(String text) {
    return mnemonicIds.getOrDefault(text, Mnemonic.INVALID);
  }

  /** True when some form has this mnemonic. */
  boolean isUsed(int id) {
    for (short m : mnemonic) {
      if (m == id) {
        return true;
      }
    }
    return false;
  }

  /** One form while the table is built. */
  record Form(int mnemonic, long operands, int flags, int access, int implicit, int evex) {}

  /** A line of the table: a form and the value it wants in each dimension, -1 for any. */
  static final class Rule {
    private final int form;
    private final int[] wanted;
    private final int constrained; // a bit for each dimension

    Rule(int form, int[] wanted) {
      this.form = form;
      this.wanted = wanted;
      int mask = 0;
      for (int d = 0; d < DIMENSIONS; d++) {
        mask |= wanted[d] >= 0 ? 1 << d : 0;
      }
      constrained = mask;
    }
  }

  /** Collects forms and rules, then grows the trees. */
  static final class Builder {
    private final List<Form> forms = new ArrayList<>();
    private final List<String> mnemonics = new ArrayList<>();
    private final Map<String, Integer> mnemonicIds = new HashMap<>();
    private final Map<Integer, List<Rule>> rules = new HashMap<>();
    private final int[] roots = new int[MAPS * 256];
    private int[] nodes = new int[4096];
    private int nodeCount;

    Builder() {
      for (String text : Mnemonic.fixed()) {
        mnemonicIds.put(text, mnemonics.size());
        mnemonics.add(text);
      }
      form(new Form(Mnemonic.INVALID, 0, 0, 0, 0, 0));
    }

    int mnemonic(String text) {
      Integer id = mnemonicIds.get(text);
      if (id == null) {
        id = mnemonics.size();
        mnemonics.add(text);
        mnemonicIds.put(text, id);
      }
      return id;
    }

    int form(Form form) {
      forms.add(form);
      return forms.size() - 1;
    }

    void rule(int map, int opcode, Rule rule) {
      int root = map << 8 | opcode;
      List<Rule> list = rules.get(root);
      if (list == null) {
        list = new ArrayList<>(4);
        rules.put(root, list);
      }
      list.add(rule);
    }

    OpcodeTable build() {
      for (Map.Entry<Integer, List<Rule>> e : rules.entrySet()) {
        roots[e.getKey()] = grow(e.getValue(), 0);
      }
      return new OpcodeTable(this);
    }

    private int grow(List<Rule> list, int dimension) {
      if (list.isEmpty()) {
        return 0;
      }
      int constrained = 0;
      for (int i = 0; i < list.size(); i++) {
        constrained |= list.get(i).constrained;
      }
      int d = Integer.numberOfTrailingZeros(constrained >>> dimension << dimension);
      if (d >= DIMENSIONS) {
        return list.getFirst().form;
      }
      int size = DIMENSION_SIZE[d];
      int at = nodeCount;
      nodeCount += size + 1;
      if (nodeCount > nodes.length) {
        nodes = Arrays.copyOf(nodes, nodes.length * 2);
      }
      nodes[at] = d;
      for (int value = 0; value < size; value++) {
        List<Rule> fitting = new ArrayList<>();
        for (Rule rule : list) {
          if (rule.wanted[d] < 0 || rule.wanted[d] == value) {
            fitting.add(rule);
          }
        }
        int child = grow(fitting, d + 1);
        nodes[at + 1 + value] = child;
      }
      return ~at;
    }
  }
}
