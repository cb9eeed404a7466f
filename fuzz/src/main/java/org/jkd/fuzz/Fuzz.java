// SPDX-License-Identifier: Apache-2.0
package org.jkd.fuzz;

import java.util.Locale;

/** The fuzzer's way in; the names of the methods are Jazzer's. */
public final class Fuzz {
  private static Reader reader = Reader.PE;

  private Fuzz() {}

  /**
   * Picks the reader.
   *
   * @param args its name
   */
  public static void fuzzerInitialize(String[] args) {
    reader = Reader.valueOf(args[0].toUpperCase(Locale.ROOT));
  }

  /** Called with millions of inputs. */
  public static void fuzzerTestOneInput(byte[] data) throws Exception {
    reader.mustSurvive(data);
  }
}
