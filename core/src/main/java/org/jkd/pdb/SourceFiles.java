// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Locale;

/** Names of source files, which compilers write with either slash and in any case. */
public final class SourceFiles {
  private SourceFiles() {}

  /** True when {@code path} is the file, or ends in it after a slash. */
  public static boolean same(String path, String file) {
    String p = plain(path);
    String f = plain(file);
    return p.equals(f) || p.endsWith("/" + f);
  }

  private static String plain(String path) {
    return path.replace('\\', '/').toLowerCase(Locale.ROOT);
  }
}
