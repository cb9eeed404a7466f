// SPDX-License-Identifier: Apache-2.0
package org.jkd.cabinet;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;

/**
 * A cabinet file (MSCF), as Microsoft's cabinet SDK describes it. Reading the directory touches
 * headers only; {@link #expand} decodes one file.
 */
public final class Cabinet {
  private static final long MAGIC = 0x4643534dL;
  private static final int HEADER = 36;
  private static final int PREVIOUS = 1;
  private static final int NEXT = 2;
  private static final int RESERVE = 4;

  /** Members of one cabinet; those of symbol stores have one. */
  private static final int MAX_FILES = 4096;

  private static final int MAX_NAME = 256;

  /** The format's own limit for the size of one member. */
  private static final long MAX_FILE_SIZE = 0x7fff_8000L;

  private final Bytes file;
  private final List<Folder> folders = new ArrayList<>();
  private final List<Member> members = new ArrayList<>();
  private int dataReserve;

  /**
   * Blocks that are decoded one after the other.
   *
   * @param start of the first block in the cabinet
   * @param kind how they are compressed, as in the file
   */
  private record Folder(long start, int blocks, int kind) {}

  /**
   * A file in the cabinet.
   *
   * @param name as it stands there; hostile, so it is never a path
   * @param size bytes when expanded
   * @param offset bytes from the start of its folder's expanded data
   */
  public record Member(String name, long size, int folder, long offset) {}

  /**
   * Reads the directory.
   *
   * @throws FormatException when it is no cabinet, is one of a series, or claims absurd counts
   */
  public Cabinet(Bytes file) {
    this.file = file;
    if (!file.has(0, 4) || file.u32(0) != MAGIC) {
      throw new FormatException("cabinet", 0, "no MSCF signature, so this is no cabinet");
    }
    if (file.u8(25) != 1) {
      throw new FormatException("cabinet", 24, "format " + file.u8(25) + ", expected 1");
    }
    int folderCount = file.u16(26);
    int fileCount = file.u16(28);
    int flags = file.u16(30);
    if ((flags & (PREVIOUS | NEXT)) != 0) {
      throw new FormatException("cabinet", 30, "one of a series; only single cabinets are read");
    }
    if (folderCount == 0 || folderCount > MAX_FILES || fileCount == 0 || fileCount > MAX_FILES) {
      throw new FormatException(
          "cabinet", 26, folderCount + " folders and " + fileCount + " files");
    }
    long at = HEADER;
    int folderReserve = 0;
    if ((flags & RESERVE) != 0) {
      folderReserve = file.u8(38);
      dataReserve = file.u8(39);
      at = 40L + file.u16(36);
    }
    for (int i = 0; i < folderCount; i++, at += 8 + folderReserve) {
      folders.add(new Folder(file.u32(at), file.u16(at + 4), file.u16(at + 6)));
    }
    readMembers(fileCount);
  }

  private void readMembers(int count) {
    long at = file.u32(16);
    for (int i = 0; i < count; i++) {
      int folder = file.u16(at + 8);
      if (folder >= folders.size()) {
        throw new FormatException(
            "cabinet", at + 8, "a file in folder " + folder + " of " + folders.size());
      }
      long size = file.u32(at);
      if (size > MAX_FILE_SIZE) {
        throw new FormatException("cabinet", at, "a file of " + size + " bytes");
      }
      int length = file.lengthToNul(at + 16, MAX_NAME);
      members.add(new Member(file.ascii(at + 16, length), size, folder, file.u32(at + 4)));
      at += 17 + length;
    }
  }

  /** The files in it, in the order of the directory; at least one. */
  public List<Member> members() {
    return List.copyOf(members);
  }

  /**
   * Expands one file.
   *
   * @param limit bytes that the file may have when expanded
   * @throws FormatException when its data is damaged or larger than it may be
   */
  public void expand(Member member, long limit, OutputStream out) throws IOException {
    if (member.size() > limit) {
      throw new FormatException(
          file.name(), -1, "expands to " + member.size() + " bytes, the limit is " + limit);
    }
    Folder folder = folders.get(member.folder());
    long end = member.offset() + member.size();
    long done = 0;
    long at = folder.start();
    byte[] data = new byte[CabinetBlocks.MAX_INPUT];
    byte[] block = new byte[CabinetBlocks.MAX_OUTPUT];
    try (CabinetBlocks blocks = CabinetBlocks.of(folder.kind())) {
      for (int i = 0; i < folder.blocks() && done < end; i++) {
        int input = file.u16(at + 4);
        int output = file.u16(at + 6);
        if (input > CabinetBlocks.MAX_INPUT || output > CabinetBlocks.MAX_OUTPUT || output == 0) {
          throw new FormatException(
              "cabinet block", at + 4, "expands " + input + " bytes to " + output);
        }
        long start = at + 8 + dataReserve;
        file.copy(start, data, 0, input);
        checkSum(at, data, input);
        try {
          blocks.expand(data, input, block, output);
        } catch (FormatException e) {
          throw new FormatException("cabinet block", at, String.valueOf(e.getMessage()));
        }
        int from = Math.clamp(member.offset() - done, 0, output);
        int to = Math.clamp(end - done, 0, output);
        if (to > from) {
          out.write(block, from, to - from);
        }
        done += output;
        at = start + input;
      }
    }
    if (done < end) {
      throw new FormatException(
          file.name(), -1, "the blocks expand to " + done + " bytes instead of " + end);
    }
  }

  /** Compares a block's checksum, unless it has none. */
  private void checkSum(long at, byte[] data, int length) {
    long stated = file.u32(at);
    if (stated == 0) {
      return;
    }
    byte[] header = file.copy(at + 4, 4 + dataReserve);
    int sum = sum(data, length) ^ sum(header, header.length);
    if ((sum & 0xffff_ffffL) != stated) {
      throw new FormatException("cabinet block", at, "its checksum is wrong, the data is damaged");
    }
  }

  private static int sum(byte[] data, int length) {
    int sum = 0;
    int i = 0;
    for (; i + 4 <= length; i += 4) {
      sum ^= CabinetBlocks.int32(data, i);
    }
    // The last one to three bytes count from the other end.
    int rest = 0;
    for (; i < length; i++) {
      rest = rest << 8 | data[i] & 0xff;
    }
    return sum ^ rest;
  }
}
