// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;
import org.jkd.objects.Structures;
import org.jkd.target.KernelProcess;

/** The modules of a process's user mode: what its loader lists. */
final class UserModules {
  /** More than any process has. */
  private static final int MAX_MODULES = 4096;

  private UserModules() {}

  /**
   * True if a process has loaded a module; false also where the dump does not hold its loader's
   * list, as small and kernel dumps do not.
   *
   * @param name without folder, with or without its extension; case does not matter
   */
  static boolean has(Nt nt, KernelProcess process, String name) {
    Structures types = nt.structures(process);
    boolean known = types.knows("_PEB") && types.knows("_PEB_LDR_DATA");
    long peb = process.peb().orElse(0);
    if (!known || peb == 0 || !types.knows("_LDR_DATA_TABLE_ENTRY")) {
      return false;
    }
    long place = types.at("_PEB", peb).number("Ldr").orElse(0);
    if (place == 0) {
      return false;
    }
    LinkWalk walk =
        LinkWalk.forward(
            types.memory(),
            types.at("_PEB_LDR_DATA", place).place("InLoadOrderModuleList"),
            MAX_MODULES,
            a -> a > 0xffff && !nt.isSystem(a));
    for (long entry : walk.entries()) {
      Structure module = types.at("_LDR_DATA_TABLE_ENTRY", entry);
      String path = module.text("FullDllName");
      String file = path.substring(path.lastIndexOf('\\') + 1);
      int dot = file.lastIndexOf('.');
      if (file.equalsIgnoreCase(name) || dot > 0 && file.substring(0, dot).equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }
}
