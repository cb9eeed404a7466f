// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import org.jspecify.annotations.Nullable;

/** The {@code /names} stream: texts by their offset. */
final class NameTable {
  private static final int DATA = 12;

  private final @Nullable MsfStream stream;

  NameTable(@Nullable MsfStream stream) {
    this.stream = stream;
  }

  /** A text; empty when there is none at this place. */
  String text(long offset, int max) {
    MsfStream s = stream;
    return s == null || !s.has(DATA + offset, 1) ? "" : s.string(DATA + offset, max);
  }
}
