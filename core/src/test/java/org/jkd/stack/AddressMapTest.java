// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AddressMapTest {
  @Test
  void it_holds_what_a_map_of_the_platform_holds() {
    SplittableRandom random = new SplittableRandom(3);
    AddressMap<String> mine = new AddressMap<>();
    Map<Long, String> theirs = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      // Few distinct keys, among them 0 and -1, and such as differ in high bits only.
      long key = (random.nextLong(3000) - 1) << (i % 3 == 0 ? 48 : 2);
      assertThat(mine.get(key)).isEqualTo(theirs.get(key));
      assertThat(mine.put(key, "v" + i)).isEqualTo("v" + i);
      theirs.put(key, "v" + i);
    }
    theirs.forEach((key, value) -> assertThat(mine.get(key)).isEqualTo(value));
  }
}
