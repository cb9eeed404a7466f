// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/**
 * The multi-stream file that holds a PDB 7.0.
 *
 * <p>Opening reads the superblock and the sizes of the streams; a stream's block numbers are read
 * when it is asked for. Nothing is copied but what a caller reads.
 */
public final class Msf {
  private static final byte[] MAGIC_7 =
      "Microsoft C/C++ MSF 7.00\r\n\u001aDS\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final byte[] MAGIC_2 =
      "Microsoft C/C++ program database 2.00\r\n\u001aJG".getBytes(StandardCharsets.ISO_8859_1);
  private static final byte[] MAGIC_PORTABLE = "BSJB".getBytes(StandardCharsets.ISO_8859_1);

  /** Streams of one file; the largest real PDBs have some ten thousand (one per compiland). */
  private static final long MAX_STREAMS = 1 << 18;

  private static final int NIL = -1;

  private final FilePages file;
  private final int blockSize;
  private final MsfStream directory;
  private final int[] sizes;
  private final int[] firstBlock;

  /** The streams of a compressed container. */
  private final @Nullable Msfz packed;

  /**
   * Opens a container.
   *
   * @throws FormatException when it is none, or its directory does not fit into the file
   */
  public Msf(Bytes file) {
    this(new FilePages(file));
  }

  /**
   * Opens a container and reads of it only what is asked for.
   *
   * @throws IOException when the file cannot be read
   * @throws FormatException as {@link #Msf(Bytes)}
   */
  public Msf(Path file) throws IOException {
    this(new FilePages(file));
  }

  private Msf(FilePages file) {
    this.file = file;
    if (Msfz.is(file)) {
      // What is expanded lies in memory in one piece: a stream is one large block.
      this.packed = new Msfz(file);
      this.blockSize = 1 << 30;
      this.directory = new MsfStream(file, "PDB directory", blockSize, new int[0], 0);
      this.sizes = packed.sizes();
      this.firstBlock = new int[0];
      return;
    }
    this.packed = null;
    checkMagic(file);
    long size = file.u32(32);
    if (size < 512 || size > 65536 || Long.bitCount(size) != 1) {
      throw new FormatException("PDB superblock", 32, "block size " + size);
    }
    this.blockSize = (int) size;
    long directoryBytes = file.u32(44);
    if (directoryBytes < 4 || directoryBytes > file.size()) {
      throw new FormatException(
          "PDB superblock", 44, "a directory of " + directoryBytes + " bytes in a smaller file");
    }
    int directoryBlocks = blocks(directoryBytes);
    int[] numbers = new int[directoryBlocks];
    // The list of the directory's blocks starts in one block and, in large files, goes on in more,
    // whose numbers follow in the superblock.
    int perBlock = blockSize / 4;
    for (int i = 0; i < directoryBlocks; i++) {
      long map = file.u32(52 + 4L * (i / perBlock));
      numbers[i] = file.i32(map * blockSize + 4L * (i % perBlock));
    }
    this.directory = new MsfStream(file, "PDB directory", blockSize, numbers, directoryBytes);
    long count = directory.u32(0);
    if (count > MAX_STREAMS || 4 + 4 * count > directoryBytes) {
      throw new FormatException("PDB directory", 0, count + " streams");
    }
    this.sizes = new int[(int) count];
    this.firstBlock = new int[(int) count];
    long at = 1 + count;
    for (int i = 0; i < count; i++) {
      sizes[i] = directory.i32(4 + 4L * i);
      firstBlock[i] = (int) at;
      if (sizes[i] != NIL) {
        at += blocks(sizes[i] & 0xffff_ffffL);
      }
      if (at * 4 > directoryBytes + 4L * blockSize) {
        // What follows cannot be located; the streams before it can still be read.
        Arrays.fill(sizes, i, sizes.length, NIL);
        break;
      }
    }
  }

  private static void checkMagic(FilePages file) {
    if (startsWith(file, MAGIC_7)) {
      return;
    }
    if (startsWith(file, MAGIC_2)) {
      throw new FormatException("PDB", 0, "format 2.00 (JG, before Visual C++ 7) is not supported");
    }
    if (startsWith(file, MAGIC_PORTABLE)) {
      throw new FormatException("PDB", 0, "a portable PDB (.NET), which has no native symbols");
    }
    throw new FormatException("PDB", 0, "no MSF 7.00 signature, so this is no program database");
  }

  private static boolean startsWith(FilePages file, byte[] magic) {
    if (!file.has(0, magic.length)) {
      return false;
    }
    byte[] start = new byte[magic.length];
    file.copy(0, start, 0, start.length);
    return Arrays.equals(start, magic);
  }

  private int blocks(long bytes) {
    return (int) ((bytes + blockSize - 1) / blockSize);
  }

  /** The file's name for messages. */
  public String name() {
    return file.name();
  }

  /** Bytes in the whole file, when it is expanded. */
  long fileSize() {
    return packed == null ? file.size() : packed.total();
  }

  /** The number of streams, absent ones included. */
  public int streams() {
    return sizes.length;
  }

  /** True when there is such a stream and it is not empty. */
  public boolean has(int stream) {
    return stream >= 0 && stream < sizes.length && sizes[stream] != NIL && sizes[stream] != 0;
  }

  /**
   * A stream.
   *
   * @param what its name in messages
   * @throws FormatException when there is no such stream or its blocks lie outside the file
   */
  public MsfStream stream(int index, String what) {
    if (index < 0 || index >= sizes.length || sizes[index] == NIL) {
      throw new FormatException(what, -1, "there is no stream " + index + " in " + file.name());
    }
    long size = sizes[index] & 0xffff_ffffL;
    if (packed != null) {
      int[] numbers = {0, 1};
      return new MsfStream(
          new FilePages(packed.stream(index, what)), what, blockSize, numbers, size);
    }
    if (size > file.size()) {
      throw new FormatException(
          what, -1, "stream " + index + " claims " + size + " bytes in a file of " + file.size());
    }
    int count = blocks(size);
    int[] numbers = new int[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = directory.i32(4L * (firstBlock[index] + (long) i));
    }
    return new MsfStream(file, what, blockSize, numbers, size);
  }
}
