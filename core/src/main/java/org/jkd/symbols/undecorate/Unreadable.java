// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.io.Serial;

/** A text is no decorated name, or one beyond the limits. Costs nothing: it has no stack trace. */
final class Unreadable extends Exception {
  @Serial private static final long serialVersionUID = 1;

  Unreadable(String why) {
    super(why, null, false, false);
  }
}
