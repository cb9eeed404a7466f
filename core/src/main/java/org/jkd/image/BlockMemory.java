// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Virtual memory given as blocks of bytes: the memory of small dumps and of image files. Blocks may
 * overlap; where they do, the block that starts first is read, which is as good as any because
 * copies of the same memory agree.
 */
public final class BlockMemory implements Memory {
  /**
   * Bytes of the target's memory.
   *
   * @param address the address of the first byte
   * @param length how many bytes the source promises; {@code bytes} may hold fewer when the file
   *     was cut off
   */
  public record Block(long address, long length, Bytes bytes, long fileOffset) {
    /** A block that is complete. */
    public static Block of(long address, Bytes bytes) {
      return new Block(address, bytes.size(), bytes, 0);
    }

    /**
     * A block of a file at an offset, as far as the file holds it; nothing of it remains when the
     * offset lies past the end.
     */
    public static Block inFile(long address, long length, Bytes file, long offset) {
      long from = Math.min(Math.max(offset, 0), file.size());
      long held = Math.min(Math.max(length, 0), file.size() - from);
      return new Block(address, Math.max(length, 0), file.slice(from, held), offset);
    }
  }

  private final List<Block> blocks;
  private final long[] starts;
  private final long[] ends;
  private final Block[] owners;
  private final Unreadable otherwise;
  private final int count;

  /**
   * @param otherwise the reason given for addresses outside all blocks
   */
  public BlockMemory(List<Block> blocks, Unreadable otherwise) {
    this.blocks = List.copyOf(blocks);
    this.otherwise = otherwise;
    List<Block> sorted = new ArrayList<>(blocks);
    sorted.removeIf(b -> b.length <= 0);
    sorted.sort((a, b) -> Long.compareUnsigned(a.address, b.address));
    starts = new long[sorted.size()];
    ends = new long[sorted.size()];
    owners = new Block[sorted.size()];
    int used = 0;
    long covered = 0;
    for (Block block : sorted) {
      long last = block.address + block.length - 1;
      if (Long.compareUnsigned(last, block.address) < 0) {
        last = -1;
      }
      long start = block.address;
      if (used > 0 && Long.compareUnsigned(start, covered) <= 0) {
        if (Long.compareUnsigned(last, covered) <= 0 || covered == -1) {
          continue;
        }
        start = covered + 1;
      }
      starts[used] = start;
      ends[used] = last;
      owners[used] = block;
      used++;
      covered = last;
    }
    this.count = used;
  }

  /** The blocks that this memory was made of. */
  public List<Block> blocks() {
    return Collections.unmodifiableList(blocks);
  }

  /** A memory that has more blocks. */
  public BlockMemory with(List<Block> more) {
    List<Block> all = new ArrayList<>(blocks);
    all.addAll(more);
    return new BlockMemory(all, otherwise);
  }

  /** The ranges that are held, ascending and disjoint; empty blocks of cut-off files left out. */
  public List<Block> ranges() {
    List<Block> ranges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long skip = starts[i] - owners[i].address;
      long held = Math.min(ends[i] - starts[i] + 1, owners[i].bytes.size() - skip);
      if (held > 0) {
        ranges.add(Block.of(starts[i], owners[i].bytes.slice(skip, held)));
      }
    }
    ranges.sort(Comparator.comparing(Block::address, Long::compareUnsigned));
    return ranges;
  }

  @Override
  public int read(long address, byte[] target, int at, int length) {
    Cancellation.check();
    int done = 0;
    while (done < length) {
      long current = address + done;
      int i = find(current);
      if (i < 0) {
        return done;
      }
      Block block = owners[i];
      long skip = current - block.address;
      long held = Math.min(ends[i] - current + 1, block.bytes.size() - skip);
      if (held <= 0) {
        return done;
      }
      int step = (int) Math.min(held, length - done);
      block.bytes.copy(skip, target, at + done, step);
      done += step;
      if (current + step == 0) {
        return done;
      }
    }
    return done;
  }

  @Override
  public Unreadable whyUnreadable(long address) {
    int i = find(address);
    if (i < 0) {
      return otherwise;
    }
    long skip = address - owners[i].address;
    return skip < owners[i].bytes.size()
        ? new Unreadable.IsReadable()
        : new Unreadable.FileEnds(owners[i].fileOffset + skip);
  }

  private int find(long address) {
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(address, starts[middle]) < 0) {
        high = middle - 1;
      } else if (Long.compareUnsigned(address, ends[middle]) > 0) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  @Override
  public long after(long missing) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(starts[middle], missing) > 0) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low < count ? starts[low] : 0;
  }
}
