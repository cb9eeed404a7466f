// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Writes the streams of a program database into a compressed container. */
public final class MsfzWriter {
  private static final byte[] NONE = {};

  private final int method;
  private final UnaryOperator<byte[]> compressor;
  private final int chunkSize;
  private final List<byte[]> streams = new ArrayList<>();

  /**
   * @param method 0 none, 1 Zstandard, 2 raw Deflate
   * @param compressor compresses a chunk by that method
   * @param chunkSize bytes of a chunk before it is compressed
   */
  public MsfzWriter(int method, UnaryOperator<byte[]> compressor, int chunkSize) {
    this.method = method;
    this.compressor = compressor;
    this.chunkSize = chunkSize;
  }

  /** Adds a stream. */
  public MsfzWriter add(byte[] stream) {
    streams.add(stream.clone());
    return this;
  }

  /** Adds a stream that is not there. */
  public MsfzWriter addNone() {
    streams.add(NONE);
    return this;
  }

  /**
   * The file. Every third stream lies in it as it is, the others in chunks, in fragments of an odd
   * size.
   */
  public byte[] file() {
    Blob file = new Blob().grow(80);
    Blob directory = new Blob();
    Blob packed = new Blob();
    for (int i = 0; i < streams.size(); i++) {
      byte[] stream = streams.get(i);
      if (stream == NONE) {
        directory.add32(0xffff_ffffL);
        continue;
      }
      if (i % 3 == 2 && stream.length > 0) {
        directory.add32(stream.length).add64(file.size());
        file.add(stream);
      } else {
        for (int at = 0; at < stream.length; at += 70_001) {
          int length = Math.min(70_001, stream.length - at);
          long chunk = packed.size() / chunkSize;
          directory.add32(length).add64(1L << 63 | chunk << 32 | packed.size() % chunkSize);
          byte[] part = new byte[length];
          System.arraycopy(stream, at, part, 0, length);
          packed.add(part);
        }
      }
      directory.add32(0);
    }
    byte[] all = packed.bytes();
    Blob table = new Blob();
    int chunks = 0;
    for (int at = 0; at < all.length; at += chunkSize) {
      byte[] chunk = new byte[Math.min(chunkSize, all.length - at)];
      System.arraycopy(all, at, chunk, 0, chunk.length);
      byte[] data = compressor.apply(chunk);
      table.add64(file.size()).add32(method).add32(data.length).add32(chunk.length);
      file.add(data);
      chunks++;
    }
    byte[] list = compressor.apply(directory.bytes());
    int directoryAt = file.size();
    file.add(list);
    int tableAt = file.size();
    file.add(table);
    file.ascii(0, "Microsoft MSFZ Container\r\n\u001aALD");
    file.u32(40, directoryAt).u32(48, tableAt).u32(56, streams.size()).u32(60, method);
    file.u32(64, list.length).u32(68, directory.size()).u32(72, chunks).u32(76, 20L * chunks);
    return file.bytes();
  }
}
