// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * A list of a crashed system, followed from one LIST_ENTRY to the next until it closes or cannot be
 * followed any more. Lists in dumps are damaged or half changed often enough that how one ended
 * belongs to the answer.
 *
 * @param entries the addresses of the links, head excluded, in the order of the list
 * @param end how it ended
 * @param from the link that could not be followed; the head's own if the list is empty
 * @param to what that link holds; 0 if it cannot be read
 * @param torn the first entry whose way back does not lead where the walk came from, as the list of
 *     a thread that was being inserted or removed; empty if all agree
 */
public record LinkWalk(List<Long> entries, End end, long from, long to, OptionalLong torn) {

  /** How a list ends. */
  public enum End {
    /** The head, or for lists of single links a null, was reached. */
    COMPLETE,
    /** A link leads back to an entry that was passed already. */
    CYCLE,
    /** A link holds no address that can be one. */
    BAD_LINK,
    /** A link cannot be read: the dump does not hold it. */
    UNREADABLE,
    /** As many entries as were allowed, and more to come. */
    LIMIT
  }

  /** True if nothing is wrong with the list. */
  public boolean isWhole() {
    return end == End.COMPLETE && torn.isEmpty();
  }

  /**
   * Follows the forward links of a doubly linked list with a head.
   *
   * @param max the most entries
   * @param plausible which addresses can be those of an entry
   */
  public static LinkWalk forward(MemoryReader memory, long head, int max, LongPredicate plausible) {
    return new Walker(memory, head, 0, max, plausible).walk(memory.pointerSize());
  }

  /** As {@link #forward}, along the backward links. */
  public static LinkWalk backward(
      MemoryReader memory, long head, int max, LongPredicate plausible) {
    return new Walker(memory, head, memory.pointerSize(), max, plausible).walk(0);
  }

  /**
   * Follows single links that end with a null; the place of the first link is no entry.
   *
   * @param offset of the link in an entry, bytes
   */
  public static LinkWalk single(
      MemoryReader memory, long first, int offset, int max, LongPredicate plausible) {
    Walker walker = new Walker(memory, 0, offset, max, plausible);
    walker.next = OptionalLong.of(first);
    return walker.walk(-1);
  }

  private static final class Walker {
    private final MemoryReader memory;
    private final long head;
    private final int link;
    private final int max;
    private final LongPredicate plausible;
    private final List<Long> entries = new ArrayList<>();
    private final Set<Long> seen = new HashSet<>();
    private OptionalLong next;

    Walker(MemoryReader memory, long head, int link, int max, LongPredicate plausible) {
      this.memory = memory;
      this.head = head;
      this.link = link;
      this.max = max;
      this.plausible = plausible;
      this.next = memory.pointer(head + link);
    }

    /**
     * @param back the place of the opposite link in an entry, or -1 if there is none
     */
    LinkWalk walk(int back) {
      long from = head;
      OptionalLong torn = OptionalLong.empty();
      while (true) {
        Cancellation.check();
        if (next.isEmpty()) {
          return ended(End.UNREADABLE, from, 0, torn);
        }
        long entry = next.getAsLong();
        if (torn.isEmpty() && back >= 0 && entries.size() < max) {
          OptionalLong opposite = memory.pointer(entry + back);
          torn =
              opposite.isPresent() && opposite.getAsLong() != from ? OptionalLong.of(entry) : torn;
        }
        if (entry == head) {
          return ended(End.COMPLETE, from, entry, torn);
        }
        if (!plausible.test(entry)) {
          return ended(End.BAD_LINK, from, entry, torn);
        }
        if (!seen.add(entry)) {
          return ended(End.CYCLE, from, entry, torn);
        }
        if (entries.size() >= max) {
          return ended(End.LIMIT, from, entry, torn);
        }
        entries.add(entry);
        from = entry;
        next = memory.pointer(entry + link);
      }
    }

    private LinkWalk ended(End end, long from, long to, OptionalLong torn) {
      // A link that cannot be right says more than that the way back disagrees.
      OptionalLong odd = end == End.COMPLETE ? torn : OptionalLong.empty();
      return new LinkWalk(List.copyOf(entries), end, from, to, odd);
    }
  }
}
