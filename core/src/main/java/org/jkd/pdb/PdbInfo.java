// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jkd.image.FormatException;

/**
 * The info stream.
 *
 * @param version 20000404 since Visual C++ 7
 * @param signature time of creation
 * @param age how often the file was written; see {@link PdbIdentity}
 * @param namedStreams stream numbers by name, such as {@code /names}
 * @param fastLink made by /DEBUG:FASTLINK: the symbols are in the object files of the build machine
 */
public record PdbInfo(
    long version,
    long signature,
    long age,
    String guid,
    Map<String, Integer> namedStreams,
    boolean fastLink) {
  /** {@code MINI}: the feature of a PDB with minimal debug information. */
  private static final long MINIMAL = 0x494e494dL;

  private static final int MAX_FEATURES = 16;
  private static final int MAX_NAMED = 1 << 16;
  private static final int MAX_NAME = 1024;

  static PdbInfo read(MsfStream s) {
    StringBuilder guid = new StringBuilder(32);
    guid.append(String.format(Locale.ROOT, "%08X%04X%04X", s.u32(12), s.u16(16), s.u16(18)));
    for (int i = 20; i < 28; i++) {
      guid.append(String.format(Locale.ROOT, "%02X", s.u8(i)));
    }
    Map<String, Integer> named = new LinkedHashMap<>();
    boolean fastLink = false;
    try {
      long features = readNames(s, named);
      for (int i = 0; i < MAX_FEATURES && s.has(features + 4L * i, 4); i++) {
        fastLink |= s.u32(features + 4L * i) == MINIMAL;
      }
    } catch (FormatException e) {
      // An identity without the names is still worth having: a damaged table ends here.
      named.putIfAbsent("", -1);
    }
    return new PdbInfo(s.u32(0), s.u32(4), s.u32(8), guid.toString(), named, fastLink);
  }

  /** Gives the place behind the table, where the features are. */
  private static long readNames(MsfStream s, Map<String, Integer> named) {
    long bytes = s.u32(28);
    long text = 32;
    long p = text + bytes;
    long size = s.u32(p);
    p += 8;
    p += 4 + 4 * s.u32(p);
    p += 4 + 4 * s.u32(p);
    for (long i = 0; i < Math.min(size, MAX_NAMED); i++, p += 8) {
      named.put(s.string(text + s.u32(p), MAX_NAME), s.i32(p + 4));
    }
    return p;
  }

  /** True when a part of the table of named streams could not be read. */
  public boolean namesDamaged() {
    return namedStreams.containsKey("");
  }
}
