// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.Locale;

/** How a frame is known, strongest first. */
public enum Trust {
  /** The registers of a context name it. */
  CONTEXT,
  /** Two or more independent facts agree. */
  EXACT,
  /** Unwind records (FPO, FrameData, .pdata) or the analysed code give its size. */
  UNWIND,
  /** A saved frame pointer leads to it. */
  LINK,
  /** The same call site elsewhere on this stack has the same distance. */
  RECURRENCE,
  /** It was found by searching; nothing else supports it. */
  SEARCH;

  /** The word in text and JSON, for instance {@code exact}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
