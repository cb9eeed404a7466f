// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.List;

/**
 * Several views of the same memory: what the first cannot read is asked of the next. Address spaces
 * share their system half, so a page table that one process lost may still be had through another.
 */
public final class LayeredMemory implements Memory {
  private final List<Memory> layers;

  /**
   * @param layers at least one; the reasons for what cannot be read are those of the first
   */
  public LayeredMemory(List<Memory> layers) {
    this.layers = List.copyOf(layers);
  }

  @Override
  public int read(long address, byte[] target, int at, int length) {
    int done = 0;
    int idle = 0;
    while (done < length && idle < layers.size()) {
      idle = 0;
      for (Memory layer : layers) {
        int got = layer.read(address + done, target, at + done, length - done);
        done += got;
        idle = got == 0 ? idle + 1 : 0;
        if (done == length) {
          break;
        }
      }
    }
    return done;
  }

  @Override
  public Unreadable whyUnreadable(long address) {
    for (Memory layer : layers) {
      if (layer.whyUnreadable(address) instanceof Unreadable.IsReadable readable) {
        return readable;
      }
    }
    return layers.getFirst().whyUnreadable(address);
  }

  @Override
  public long after(long missing) {
    long nearest = 0;
    for (Memory layer : layers) {
      long next = layer.after(missing);
      // 0 is the end of the address space, which is farther than any address.
      nearest = Long.compareUnsigned(next - 1, nearest - 1) < 0 ? next : nearest;
    }
    return nearest;
  }
}
