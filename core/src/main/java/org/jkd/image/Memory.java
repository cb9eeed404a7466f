// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

/**
 * Memory of a target, of which parts are usually missing. That a byte cannot be read is normal, so
 * reads count what they got and {@link #whyUnreadable} says why the next byte could not be had.
 *
 * <p>Addresses of 32-bit targets are zero-extended. Reads do not wrap around at the end of the
 * address space.
 */
public interface Memory {
  /**
   * Copies the leading readable bytes of a range.
   *
   * @return how many bytes were copied, 0 to {@code length}; the first missing byte ends the copy
   */
  int read(long address, byte[] target, int at, int length);

  /** Why the byte at {@code address} cannot be read; {@link Unreadable.IsReadable} if it can. */
  Unreadable whyUnreadable(long address);

  /**
   * Where reading may succeed again behind a byte that is missing: no byte from {@code missing} up
   * to the answer can be read. Whoever looks through a large range need not try them one by one.
   *
   * @return an address above {@code missing}, or 0 if nothing up to the end of the address space
   *     can be read
   */
  default long after(long missing) {
    return missing + 1;
  }
}
