// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.List;
import java.util.OptionalLong;

/**
 * A way from a frame to its caller.
 *
 * @param slot the stack address that holds the next instruction pointer
 * @param next the caller
 * @param kind what connects the two
 * @param trapFrame the trap frame between them, if there is one
 * @param evidence what speaks for and against
 * @param bits their sum
 * @param trust how the caller is known if this step is taken
 * @param pinned true when code or records say that the frame ends here and nowhere else
 */
record Step(
    long slot,
    Point next,
    RebuiltFrame.Kind kind,
    OptionalLong trapFrame,
    List<Evidence> evidence,
    double bits,
    Trust trust,
    boolean pinned) {

  /** So much that no alternative beyond it needs to be looked at. */
  static final double STRONG = 15;

  /** What a step that nothing pins down has when everything else speaks for it. */
  static final double FULL = 20;

  boolean strong() {
    return pinned && bits >= STRONG;
  }
}
