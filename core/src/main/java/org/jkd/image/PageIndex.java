// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

/** Where in a file the physical pages lie. Look-ups take constant time, or nearly so. */
public interface PageIndex {
  /** The answer for a page that the file does not hold. */
  long ABSENT = -1;

  /**
   * The offset of a page in the file, or {@link #ABSENT}. The offset may lie past the end of a file
   * that was cut off.
   *
   * @param pageFrame the page's number: its physical address divided by 4096
   */
  long fileOffset(long pageFrame);

  /** How many pages the file claims to hold. */
  long pages();
}
