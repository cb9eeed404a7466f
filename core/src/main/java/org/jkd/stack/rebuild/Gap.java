// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

/**
 * Stack that no frame explains.
 *
 * @param from its lowest address
 * @param to the address after its last byte
 * @param reason why nothing could be said about it, for people
 */
public record Gap(long from, long to, String reason) {
  /** Its size. */
  public long bytes() {
    return to - from;
  }
}
