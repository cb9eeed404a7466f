// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import org.jkd.cpu.Arch;

/** {@code rm [? | Mask]}: which groups of registers {@code r} shows. */
final class RegisterMaskCommand extends Command {
  /** The general registers with the segments: what {@code r} shows unless told otherwise. */
  static final int NARROW = 9;

  private static final int WIDE = 0xa;
  private static final int ALL = 0x1ff;

  /** The bits as {@code rM} takes them. */
  private static final List<String> GROUPS =
      List.of(
          "Integer state (32-bit)",
          "Integer state (64-bit)",
          "Floating-point state",
          "Segment registers",
          "MMX registers",
          "Debug registers",
          "Vector registers",
          "Control registers",
          "Descriptor tables and task");

  /** The mask of a new session. */
  static int usual(Arch arch) {
    return arch == Arch.X86 ? NARROW : WIDE;
  }

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.eatWord("?")) {
      arguments.end();
      return new Lines(groups(ALL));
    }
    if (arguments.atEnd()) {
      int mask = session.registerMask();
      List<String> lines = new ArrayList<>();
      lines.add("Register output mask is " + Integer.toHexString(mask) + ":");
      lines.addAll(groups(mask));
      return new Lines(lines);
    }
    long mask = arguments.expression();
    arguments.end();
    if (mask <= 0 || mask > ALL) {
      throw new CommandException("Bits of a register mask are 1 to 100: see rm ?");
    }
    session.setRegisterMask((int) mask);
    return Lines.NONE;
  }

  private static List<String> groups(int mask) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < GROUPS.size(); i++) {
      if ((mask >>> i & 1) != 0) {
        lines.add(String.format("%8x - %s", 1 << i, GROUPS.get(i)));
      }
    }
    return lines;
  }
}
