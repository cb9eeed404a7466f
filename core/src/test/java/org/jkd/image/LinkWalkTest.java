// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Lists that close, and the ways in which lists of crashed systems do not. */
class LinkWalkTest {
  private static final long HEAD = 0x1000;
  private static final long A = 0x2000;
  private static final long B = 0x3000;
  private static final long C = 0x4000;

  private final Map<Long, Integer> words = new TreeMap<>();

  private void link(long from, long to) {
    words.put(from, (int) to);
    words.put(to + 4, (int) from);
  }

  private LinkWalk walk(int max) {
    return LinkWalk.forward(new MemoryReader(new Words(words), 4), HEAD, max, a -> a >= 0x1000);
  }

  @Test
  void a_list_that_closes_is_whole() {
    link(HEAD, A);
    link(A, B);
    link(B, HEAD);
    LinkWalk walk = walk(10);
    assertThat(walk.entries()).containsExactly(A, B);
    assertThat(walk.isWhole()).isTrue();
    assertThat(walk(2).isWhole()).isTrue();
    assertThat(
            LinkWalk.backward(new MemoryReader(new Words(words), 4), HEAD, 10, a -> true).entries())
        .containsExactly(B, A);
  }

  @Test
  void an_empty_list_is_whole() {
    link(HEAD, HEAD);
    assertThat(walk(10).entries()).isEmpty();
    assertThat(walk(10).isWhole()).isTrue();
  }

  @Test
  void a_cycle_that_misses_the_head_ends_at_the_entry_it_comes_back_to() {
    link(HEAD, A);
    link(A, B);
    link(B, C);
    link(C, B);
    LinkWalk walk = walk(1000);
    assertThat(walk.entries()).containsExactly(A, B, C);
    assertThat(walk.end()).isEqualTo(LinkWalk.End.CYCLE);
    assertThat(walk.from()).isEqualTo(C);
    assertThat(walk.to()).isEqualTo(B);
  }

  @Test
  void an_entry_that_leads_to_itself_is_listed_once() {
    link(HEAD, A);
    link(A, A);
    assertThat(walk(1000).entries()).containsExactly(A);
    assertThat(walk(1000).end()).isEqualTo(LinkWalk.End.CYCLE);
  }

  @Test
  void a_link_to_nowhere_names_itself_and_what_it_holds() {
    link(HEAD, A);
    link(A, 0x41);
    LinkWalk walk = walk(10);
    assertThat(walk.entries()).containsExactly(A);
    assertThat(walk.end()).isEqualTo(LinkWalk.End.BAD_LINK);
    assertThat(walk.from()).isEqualTo(A);
    assertThat(walk.to()).isEqualTo(0x41);
  }

  @Test
  void an_entry_that_is_not_in_the_dump_is_listed_and_ends_the_list() {
    link(HEAD, A);
    LinkWalk walk = walk(10);
    assertThat(walk.entries()).containsExactly(A);
    assertThat(walk.end()).isEqualTo(LinkWalk.End.UNREADABLE);
    assertThat(walk.from()).isEqualTo(A);
    words.clear();
    assertThat(walk(10).end()).isEqualTo(LinkWalk.End.UNREADABLE);
    assertThat(walk(10).from()).isEqualTo(HEAD);
  }

  @Test
  void a_list_whose_ways_back_disagree_is_torn() {
    link(HEAD, A);
    link(A, B);
    link(B, HEAD);
    words.put(B + 4, (int) HEAD);
    LinkWalk walk = walk(10);
    assertThat(walk.entries()).containsExactly(A, B);
    assertThat(walk.end()).isEqualTo(LinkWalk.End.COMPLETE);
    assertThat(walk.torn()).hasValue(B);
    assertThat(walk.isWhole()).isFalse();
  }

  @Test
  void no_list_is_followed_for_ever() {
    for (int i = 0; i < 100; i++) {
      link(HEAD + 16L * i, HEAD + 16L * (i + 1));
    }
    LinkWalk walk = walk(7);
    assertThat(walk.entries()).hasSize(7);
    assertThat(walk.end()).isEqualTo(LinkWalk.End.LIMIT);
  }

  @Test
  void single_links_end_with_a_null() {
    words.put(A + 8, (int) B);
    words.put(B + 8, 0);
    MemoryReader memory = new MemoryReader(new Words(words), 4);
    LinkWalk walk = LinkWalk.single(memory, A, 8, 10, a -> a >= 0x1000);
    assertThat(walk.entries()).containsExactly(A, B);
    assertThat(walk.isWhole()).isTrue();
    words.put(B + 8, (int) A);
    assertThat(LinkWalk.single(memory, A, 8, 10, a -> true).end()).isEqualTo(LinkWalk.End.CYCLE);
  }

  /** Memory of 32-bit words. */
  private record Words(Map<Long, Integer> words) implements Memory {
    @Override
    public int read(long address, byte[] target, int at, int length) {
      int got = 0;
      while (got < length) {
        long byteAt = address + got;
        Integer word = words.get(byteAt & ~3L);
        if (word == null) {
          return got;
        }
        target[at + got] = (byte) (word >>> 8 * (int) (byteAt & 3));
        got++;
      }
      return got;
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return new Unreadable.NoBlock();
    }
  }
}
