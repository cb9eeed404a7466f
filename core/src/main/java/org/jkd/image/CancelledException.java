// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.io.Serial;

/** The work was stopped from outside; nothing is wrong with what it worked on. */
public final class CancelledException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  public CancelledException() {
    super("Interrupted");
  }
}
