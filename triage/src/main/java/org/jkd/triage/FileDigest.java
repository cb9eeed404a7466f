// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jkd.image.Bytes;
import org.jkd.image.Cancellation;

/**
 * What tells two dumps apart.
 *
 * @param hex SHA-256 in hexadecimal digits
 * @param of {@code all} for the whole file; {@code samples} for the size of a large file, eight
 *     bytes little-endian, followed by {@link #SAMPLES} blocks of {@link #BLOCK} bytes at equal
 *     distances from its first byte to its last
 */
record FileDigest(String hex, String of) {
  static final int BLOCK = 1 << 16;
  static final int SAMPLES = 256;

  static FileDigest of(Bytes file, long wholeUpTo) {
    MessageDigest digest = sha256();
    byte[] block = new byte[(int) Math.min(BLOCK, file.size())];
    boolean whole = file.size() <= wholeUpTo;
    if (whole) {
      for (long at = 0; at < file.size(); at += BLOCK) {
        add(file, at, block, digest);
      }
    } else {
      digest.update(
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, file.size()));
      long room = file.size() - BLOCK;
      for (int i = 0; i < SAMPLES; i++) {
        add(
            file,
            room / (SAMPLES - 1) * i + room % (SAMPLES - 1) * i / (SAMPLES - 1),
            block,
            digest);
      }
    }
    return new FileDigest(HexFormat.of().formatHex(digest.digest()), whole ? "all" : "samples");
  }

  private static void add(Bytes file, long at, byte[] block, MessageDigest digest) {
    Cancellation.check();
    int length = (int) Math.min(block.length, file.size() - at);
    file.copy(at, block, 0, length);
    digest.update(block, 0, length);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
