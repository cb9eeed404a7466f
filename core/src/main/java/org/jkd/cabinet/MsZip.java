// SPDX-License-Identifier: Apache-2.0
package org.jkd.cabinet;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jkd.image.FormatException;

/**
 * MSZIP: every block is {@code CK} and a Deflate stream of its own, which may refer to what the
 * block before expanded to.
 */
final class MsZip extends CabinetBlocks {
  private final Inflater inflater = new Inflater(true);
  private byte[] history = {};

  @Override
  void expand(byte[] input, int inputLength, byte[] output, int outputLength) {
    if (inputLength < 2 || input[0] != 'C' || input[1] != 'K') {
      throw new FormatException("MSZIP block", -1, "no CK signature");
    }
    inflater.reset();
    if (history.length > 0) {
      inflater.setDictionary(history);
    }
    inflater.setInput(input, 2, inputLength - 2);
    int done = 0;
    try {
      while (done < outputLength) {
        int n = inflater.inflate(output, done, outputLength - done);
        if (n == 0) {
          throw new FormatException(
              "MSZIP block", -1, "ends after " + done + " of " + outputLength + " bytes");
        }
        done += n;
      }
    } catch (DataFormatException e) {
      throw new FormatException("MSZIP block", -1, "damaged Deflate data: " + e.getMessage());
    }
    history = Arrays.copyOf(output, outputLength);
  }

  @Override
  public void close() {
    inflater.end();
  }
}
