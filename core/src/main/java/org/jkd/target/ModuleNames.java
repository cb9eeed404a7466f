// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;

/** The names by which a debugger calls modules. */
public final class ModuleNames {
  private ModuleNames() {}

  /** What follows the last separator of a path. */
  public static String fileName(String path) {
    return path.substring(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
  }

  /**
   * The file name without its extension; characters that no expression could hold become
   * underscores.
   */
  public static String ofFile(String fileName) {
    int dot = fileName.lastIndexOf('.');
    String stem = dot > 0 ? fileName.substring(0, dot) : fileName;
    StringBuilder name = new StringBuilder(stem.length());
    for (int i = 0; i < stem.length(); i++) {
      char c = stem.charAt(i);
      name.append(Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '@' ? c : '_');
    }
    return name.toString();
  }

  /**
   * Gives each module its name: {@code nt} for the kernel, which is the module at {@code
   * kernelBase} or else the first one; a name that is taken already gets the base address appended.
   */
  static List<LoadedModule> assign(List<LoadedModule> modules, OptionalLong kernelBase) {
    boolean known = false;
    for (LoadedModule m : modules) {
      known |= kernelBase.isPresent() && m.base() == kernelBase.getAsLong();
    }
    Set<String> taken = new HashSet<>();
    List<LoadedModule> named = new ArrayList<>();
    for (LoadedModule m : modules) {
      boolean kernel = known ? m.base() == kernelBase.getAsLong() : named.isEmpty();
      String name = kernel ? "nt" : ofFile(m.imageName());
      if (!taken.add(name.toLowerCase(Locale.ROOT))) {
        name = name + "_" + Long.toHexString(m.base());
      }
      named.add(
          new LoadedModule(
              name, m.imageName(), m.imagePath(), m.base(), m.size(), m.timestamp(), m.checksum()));
    }
    return List.copyOf(named);
  }
}
