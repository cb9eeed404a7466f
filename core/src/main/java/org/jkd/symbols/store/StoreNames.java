// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which names may become part of a path. They come from the debug records of images in a crashed
 * machine's memory, so any may be there: a path of the build machine, which is cut, or an attempt
 * to leave the store, which is refused. The rules are those of the strictest system, whichever this
 * one is: a cache may be shared.
 */
public final class StoreNames {
  /** Longer names do not fit into a folder of every file system, given what is appended to them. */
  private static final int MAX_NAME = 200;

  private static final int MAX_KEY = 64;

  private static final Set<String> DEVICES =
      Set.of("con", "prn", "aux", "nul", "conin$", "conout$", "clock$");

  private StoreNames() {}

  /** The last part of a path of any system. */
  public static String fileName(String path) {
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }

  /** Why a name cannot be a file's; empty when it can. */
  public static Optional<String> nameRefusal(String name) {
    if (name.isEmpty()) {
      return Optional.of("an empty file name");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
      return Optional.of("a file name of " + name.length() + " characters");
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < ' ' || c == 0x7f || "<>:\"/\\|?*".indexOf(c) >= 0 || Character.isSurrogate(c)) {
        return Optional.of("a file name with a forbidden character");
      }
    }
    if (name.endsWith(".") || name.endsWith(" ") || name.startsWith(" ")) {
      return Optional.of("a file name that begins or ends with a blank or ends with a dot");
    }
    if (isDevice(name)) {
      return Optional.of("the name of a device");
    }
    return Optional.empty();
  }

  private static boolean isDevice(String name) {
    int dot = name.indexOf('.');
    String stem = (dot < 0 ? name : name.substring(0, dot)).strip().toLowerCase(Locale.ROOT);
    return DEVICES.contains(stem)
        || stem.length() == 4
            && (stem.startsWith("com") || stem.startsWith("lpt"))
            && "0123456789¹²³".indexOf(stem.charAt(3)) >= 0;
  }

  /** Why a key cannot be one: it is made of hexadecimal digits. */
  public static Optional<String> keyRefusal(String key) {
    boolean hex =
        key.chars().allMatch(c -> c < 0x80 && Character.digit(c, 16) >= 0) && !key.isEmpty();
    return hex && key.length() <= MAX_KEY
        ? Optional.empty()
        : Optional.of("a key that is not made of hexadecimal digits");
  }

  /** The name under which a store keeps a file compressed: {@code ntfs.pd_}. */
  static String compressed(String name) {
    return name.substring(0, name.length() - 1) + "_";
  }
}
