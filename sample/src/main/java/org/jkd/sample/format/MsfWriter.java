// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.List;

/** Writes the multi-stream container (version 7) that a PDB is stored in. */
public final class MsfWriter {
  private static final int BLOCK = 0x1000;

  private final List<byte[]> streams = new ArrayList<>();

  /** Adds a stream and returns its index. */
  public int add(byte[] content) {
    streams.add(content);
    return streams.size() - 1;
  }

  /** Replaces the content of a stream that was added before. */
  public void set(int index, byte[] content) {
    streams.set(index, content);
  }

  /** The container. */
  public byte[] file() {
    Blob directory = new Blob();
    directory.add32(streams.size());
    streams.forEach(stream -> directory.add32(stream.length));
    Blob file = new Blob();
    int next = 3;
    for (byte[] stream : streams) {
      file.raw(next * BLOCK, stream);
      for (int done = 0; done < stream.length; done += BLOCK) {
        directory.add32(next++);
      }
    }
    int directoryBlock = next;
    file.raw(directoryBlock * BLOCK, directory.bytes());
    int directoryBlocks = (directory.size() + BLOCK - 1) / BLOCK;
    int mapBlock = directoryBlock + directoryBlocks;
    for (int i = 0; i < directoryBlocks; i++) {
      file.u32(mapBlock * BLOCK + 4 * i, directoryBlock + i);
    }
    int blocks = mapBlock + 1;
    file.grow(blocks * BLOCK);
    file.ascii(0, "Microsoft C/C++ MSF 7.00\r\n\u001aDS");
    file.u32(0x20, BLOCK).u32(0x24, 1).u32(0x28, blocks).u32(0x2c, directory.size());
    file.u32(0x34, mapBlock);
    for (int map = 1; map <= 2; map++) {
      file.fill(map * BLOCK, BLOCK, 0xff);
      for (int block = 0; map == 1 && block < blocks; block++) {
        int at = BLOCK + block / 8;
        file.u8(at, freeBits(block / 8, blocks));
      }
    }
    return file.bytes();
  }

  private static int freeBits(int index, int blocks) {
    int used = Math.min(8, blocks - index * 8);
    return 0xff & ~((1 << used) - 1);
  }
}
