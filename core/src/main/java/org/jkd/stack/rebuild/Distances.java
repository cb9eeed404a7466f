// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The distances between a call site's return-address slot and the next one outwards, learned from
 * frames that are known otherwise. A call site that was seen with two distances teaches nothing.
 */
final class Distances {
  private final Map<Long, Long> byReturnAddress = new HashMap<>();
  private final Set<Long> contradictory = new HashSet<>();

  /** Learns from a pair of frames that is sure. */
  void learn(long returnAddress, long distance) {
    Long before = byReturnAddress.putIfAbsent(returnAddress, distance);
    if (before != null && before != distance) {
      contradictory.add(returnAddress);
    }
  }

  /** The distance of a call site, bytes. */
  OptionalLong of(long returnAddress) {
    Long distance = byReturnAddress.get(returnAddress);
    return distance == null || contradictory.contains(returnAddress)
        ? OptionalLong.empty()
        : OptionalLong.of(distance);
  }
}
