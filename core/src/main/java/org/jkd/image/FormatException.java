// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

/**
 * A file is not what it claims to be. The message is one clear line: what was read, where in the
 * file, and what was expected; it is shown to users as it stands.
 */
public final class FormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String what;
  private final long offset;

  /**
   * @param what the structure that was being read, for instance {@code "PDB superblock"}
   * @param offset where in the file, in bytes from its start; negative when no single place is
   *     meant
   * @param expected what should have stood there and what was found instead
   */
  public FormatException(String what, long offset, String expected) {
    super(
        offset < 0
            ? what + ": " + expected
            : what + " at offset 0x" + Long.toHexString(offset) + ": " + expected);
    this.what = what;
    this.offset = offset;
  }

  /** The structure that was being read. */
  public String what() {
    return what;
  }

  /** Bytes from the start of the file, or a negative number when no single place is meant. */
  public long offset() {
    return offset;
  }
}
