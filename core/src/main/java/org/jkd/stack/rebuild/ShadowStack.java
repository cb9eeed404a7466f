// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jkd.image.Memory;

/**
 * The processor's own list of return addresses (CET), where a dump holds it. Programs cannot write
 * there, so what follows what is proof; how much of it is live is not known without the shadow
 * stack pointer, since returns leave it as it is.
 *
 * <p>Layout (Intel SDM, volume 1, 17.2): calls push 8 bytes; an interrupt that stays in its ring
 * pushes CS, the linear address of the interrupted instruction and the old shadow stack pointer, so
 * that these lie in reverse order upwards. Where Windows keeps its bounds: dump-formats.md, 3
 * (KThreadShadowStackLimit and Base).
 */
final class ShadowStack {
  /** A larger one is not read. */
  private static final int MAX_BYTES = 1 << 20;

  private static final long[] NONE = new long[0];

  private final Map<Long, long[]> after = new HashMap<>();

  /** No shadow stack. */
  ShadowStack() {}

  /**
   * Reads one.
   *
   * @param area from its lowest address, or from the shadow stack pointer, up
   */
  ShadowStack(Memory memory, StackRequest.Area area, CodeFacts code) {
    long low =
        Long.compareUnsigned(area.base() - area.limit(), MAX_BYTES) > 0
            ? area.base() - MAX_BYTES
            : area.limit();
    Segment words = Segment.read(area.name(), memory, low, low, area.base(), 8);
    long previous = 0;
    for (int i = words.firstKnown(0); i >= 0; i = words.firstKnown(i + 1)) {
      boolean interrupt =
          words.contains(words.word(i))
              && words.knows(i + 2)
              && (words.word(i + 2) >>> 16) == 0
              && code.place(words.word(i + 1)) != CodeFacts.Place.NONE;
      long ip = interrupt ? words.word(i + 1) : words.word(i);
      if (code.place(ip) == CodeFacts.Place.NONE) {
        previous = 0;
        continue;
      }
      if (previous != 0) {
        add(previous, ip);
      }
      previous = ip;
      i += interrupt ? 2 : 0;
    }
  }

  private void add(long inner, long outer) {
    after.merge(
        inner,
        new long[] {outer},
        (a, b) -> {
          if (Arrays.stream(a).anyMatch(v -> v == outer)) {
            return a;
          }
          long[] more = Arrays.copyOf(a, a.length + 1);
          more[a.length] = outer;
          return more;
        });
  }

  /** The instruction pointers that follow one on the way outwards, each once. */
  long[] after(long ip) {
    return after.getOrDefault(ip, NONE);
  }

  /** True when one instruction pointer follows another. */
  boolean follows(long inner, long outer) {
    return Arrays.stream(after(inner)).anyMatch(v -> v == outer);
  }
}
