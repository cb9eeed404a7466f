// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.List;
import java.util.Random;

/** What earlier calls left behind in memory that nobody has stored to since. */
final class Residue {
  private static final long[] STATUS = {
    0xc0000034L, 0xc0000011L, 0x103, 0xc00000bbL, 0xc0000016L, 0x80000005L, 0xc0000120L
  };
  private static final String[] TEXT = {
    "Hard", "Ntfs", "File", "NtfR", "MmSt", "IoNm", "\\Dev", "CcSc"
  };

  private final Random random;
  private final List<Long> returns;
  private final long stackBase;

  /**
   * Residue from a seed.
   *
   * @param returns addresses after calls, of which stale copies lie around
   */
  Residue(long seed, List<Long> returns, long stackBase) {
    random = new Random(seed);
    this.returns = returns;
    this.stackBase = stackBase;
  }

  /** The word left at a stack address. */
  long word(long address) {
    int kind = random.nextInt(100);
    if (kind < 22) {
      return 0;
    }
    if (kind < 38) {
      return random.nextInt(kind < 30 ? 0x10 : 0x1000);
    }
    if (kind < 62) {
      return pool();
    }
    if (kind < 74) {
      long above = stackBase - 0x300 - address;
      return above <= 8 ? 0 : address + 4 + 4L * random.nextInt((int) Math.min(above / 4, 0x180));
    }
    if (kind < 88) {
      return returns.get(random.nextInt(returns.size()));
    }
    if (kind < 92) {
      return STATUS[random.nextInt(STATUS.length)];
    }
    if (kind < 95) {
      String text = TEXT[random.nextInt(TEXT.length)];
      return text.charAt(0)
          | text.charAt(1) << 8
          | text.charAt(2) << 16
          | (long) text.charAt(3) << 24;
    }
    return kind < 98 ? 0xffff_ffffL : 0xe1000000L + 8L * random.nextInt(0x40000);
  }

  /** The address of something in nonpaged pool. */
  long pool() {
    return 0x87000000L + 8L * random.nextInt(0x780000);
  }
}
