// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

/** Which compiland gave which bytes, as the linker laid them out. */
public final class SectionContributions {
  static final SectionContributions NONE =
      new SectionContributions(new int[0], new int[0], new int[0], new int[0], new int[0]);

  private static final int CODE = 0x20;

  private final int[] segment;
  private final int[] offset;
  private final int[] size;
  private final int[] module;
  private final int[] flags;

  SectionContributions(int[] segment, int[] offset, int[] size, int[] module, int[] flags) {
    this.segment = segment;
    this.offset = offset;
    this.size = size;
    this.module = module;
    this.flags = flags;
  }

  /** The number of contributions. */
  public int count() {
    return segment.length;
  }

  /** The number of the section, from 1. */
  public int segment(int index) {
    return segment[index];
  }

  /** Bytes from the section's start. */
  public long offset(int index) {
    return offset[index] & 0xffff_ffffL;
  }

  /** Bytes. */
  public long size(int index) {
    return size[index] & 0xffff_ffffL;
  }

  /** The index of the compiland. */
  public int module(int index) {
    return module[index];
  }

  /** True when the bytes are instructions. */
  public boolean isCode(int index) {
    return (flags[index] & CODE) != 0;
  }

  /** The contribution that holds a place of a section; −1 when none does. */
  public int find(int inSegment, long at) {
    for (int i = 0; i < segment.length; i++) {
      if (segment[i] == inSegment && at >= offset(i) && at - offset(i) < size(i)) {
        return i;
      }
    }
    return -1;
  }
}
