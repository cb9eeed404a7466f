// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.SpecialRegisters;
import org.jkd.engine.render.Hex;

/** The registers of a processor that programs do not see: {@code rM 80}, {@code r cr3}. */
final class SpecialText {
  private static final List<String> NAMES =
      List.of("cr0", "cr2", "cr3", "cr4", "gdtr", "gdtl", "idtr", "idtl", "tr", "ldtr");

  private SpecialText() {}

  /** {@code rM 80}: the control registers. */
  static List<String> control(Arch arch, SpecialRegisters special) {
    return List.of(
        field(arch, special, "cr0")
            + " "
            + field(arch, special, "cr2")
            + " "
            + field(arch, special, "cr3"),
        field(arch, special, "cr4"));
  }

  /** {@code rM 100}: the tables and the task. */
  static List<String> tables(Arch arch, SpecialRegisters special) {
    return List.of(
        field(arch, special, "gdtr")
            + "   "
            + field(arch, special, "gdtl")
            + " "
            + field(arch, special, "idtr")
            + "   "
            + field(arch, special, "idtl")
            + " "
            + field(arch, special, "tr")
            + "  "
            + field(arch, special, "ldtr"));
  }

  static boolean isName(String name) {
    return NAMES.contains(name.toLowerCase(Locale.ROOT));
  }

  /** One register by its name; empty if there is none of that name. */
  static Optional<String> one(Arch arch, SpecialRegisters special, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return NAMES.contains(lower) ? Optional.of(field(arch, special, lower)) : Optional.empty();
  }

  private static String field(Arch arch, SpecialRegisters s, String name) {
    return name
        + "="
        + switch (name) {
          case "cr0" -> Hex.plain(arch, s.cr0());
          case "cr2" -> Hex.plain(arch, s.cr2());
          case "cr3" -> Hex.plain(arch, s.cr3());
          case "cr4" -> Hex.plain(arch, s.cr4());
          case "gdtr" -> Hex.plain(arch, s.gdtBase());
          case "gdtl" -> Hex.pad(s.gdtLimit(), 4);
          case "idtr" -> Hex.plain(arch, s.idtBase());
          case "idtl" -> Hex.pad(s.idtLimit(), 4);
          case "tr" -> Hex.pad(s.tr(), 4);
          default -> Hex.pad(s.ldtr(), 4);
        };
  }
}
