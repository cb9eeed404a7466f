// SPDX-License-Identifier: Apache-2.0
package org.jkd.cabinet;

import org.jkd.image.FormatException;

/** What expands the blocks of a folder, in their order; it remembers what came before. */
abstract class CabinetBlocks implements AutoCloseable {
  /** The most bytes that a block expands to. */
  static final int MAX_OUTPUT = 0x8000;

  /** The most bytes that a block may have before; data that does not shrink grows a little. */
  static final int MAX_INPUT = MAX_OUTPUT + 6144;

  /**
   * Expands the next block.
   *
   * @param outputLength bytes that it must expand to
   * @throws FormatException when it does not
   */
  abstract void expand(byte[] input, int inputLength, byte[] output, int outputLength);

  @Override
  public void close() {
    // Nothing to give back.
  }

  /** A little-endian number. */
  static int int32(byte[] b, int at) {
    return b[at] & 0xff
        | (b[at + 1] & 0xff) << 8
        | (b[at + 2] & 0xff) << 16
        | (b[at + 3] & 0xff) << 24;
  }

  /**
   * The decoder of a folder.
   *
   * @param kind as in the folder's record: the method in the low four bits, its parameters above
   */
  static CabinetBlocks of(int kind) {
    return switch (kind & 15) {
      case 0 -> new Stored();
      case 1 -> new MsZip();
      case 3 -> new Lzx(kind >> 8 & 31);
      case 2 -> throw new FormatException("cabinet", -1, "Quantum compression is not supported");
      default -> throw new FormatException("cabinet", -1, "compression of kind " + (kind & 15));
    };
  }

  /** Blocks that are not compressed. */
  private static final class Stored extends CabinetBlocks {
    @Override
    void expand(byte[] input, int inputLength, byte[] output, int outputLength) {
      if (inputLength != outputLength) {
        throw new FormatException(
            "stored block", -1, inputLength + " bytes, expected " + outputLength);
      }
      System.arraycopy(input, 0, output, 0, outputLength);
    }
  }
}
