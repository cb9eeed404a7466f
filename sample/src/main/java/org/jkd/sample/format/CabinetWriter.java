// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;

/** Writes a cabinet with one file, as symbol stores keep compressed files. */
public final class CabinetWriter {
  private static final int FRAME = 0x8000;
  private static final int STORED = 0;
  private static final int MSZIP = 1;
  private static final int LZX = 3;

  private CabinetWriter() {}

  /** A cabinet whose file is not compressed. */
  public static byte[] stored(String name, byte[] content) {
    List<byte[]> blocks = new ArrayList<>();
    for (int at = 0; at < content.length; at += FRAME) {
      blocks.add(Arrays.copyOfRange(content, at, Math.min(at + FRAME, content.length)));
    }
    return cabinet(name, content, STORED, blocks);
  }

  /** A cabinet whose blocks are Deflate streams that refer to the block before. */
  public static byte[] msZip(String name, byte[] content) {
    List<byte[]> blocks = new ArrayList<>();
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    for (int at = 0; at < content.length; at += FRAME) {
      int length = Math.min(FRAME, content.length - at);
      deflater.reset();
      if (at > 0) {
        deflater.setDictionary(content, at - FRAME, FRAME);
      }
      deflater.setInput(content, at, length);
      deflater.finish();
      byte[] out = new byte[2 * FRAME];
      int size = deflater.deflate(out);
      blocks.add(new Blob().ascii(0, "CK").add(Arrays.copyOf(out, size)).bytes());
    }
    deflater.end();
    return cabinet(name, content, MSZIP, blocks);
  }

  /** A cabinet whose blocks are LZX. */
  public static byte[] lzx(String name, byte[] content, LzxWriter writer) {
    return cabinet(name, content, LZX | writer.windowBits() << 8, writer.frames(content));
  }

  private static byte[] cabinet(String name, byte[] content, int kind, List<byte[]> blocks) {
    Blob b = new Blob();
    b.ascii(0, "MSCF").grow(24);
    b.add8(3).add8(1).add16(1).add16(1).add16(0).add16(0x1234).add16(0);
    int folder = b.size();
    b.add32(0).add16(blocks.size()).add16(kind);
    b.u32(16, b.size());
    b.add32(content.length).add32(0).add16(0).add16(0x5a21).add16(0x6000).add16(0x20).addZ(name);
    b.u32(folder, b.size());
    int left = content.length;
    for (byte[] block : blocks) {
      Blob sizes = new Blob().add16(block.length).add16(Math.min(FRAME, left));
      left -= Math.min(FRAME, left);
      b.add32(sum(block) ^ sum(sizes.bytes())).add(sizes).add(block);
    }
    b.u32(8, b.size());
    return b.bytes();
  }

  /** The exclusive or of all dwords; an incomplete one at the end has its bytes reversed. */
  private static int sum(byte[] data) {
    int sum = 0;
    int whole = data.length / 4 * 4;
    for (int i = 0; i < whole; i++) {
      sum ^= (data[i] & 0xff) << 8 * (i % 4);
    }
    for (int i = whole; i < data.length; i++) {
      sum ^= (data[i] & 0xff) << 8 * (data.length - 1 - i);
    }
    return sum;
  }
}
