// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.OptionalLong;

/** Times that the kernel counts in ticks of its clock, and how kd writes durations. */
final class Ticks {
  private static final long PER_SECOND = 10_000_000L;

  private final Nt nt;
  private final OptionalLong increment;

  Ticks(Nt nt) {
    this.nt = nt;
    OptionalLong maximum = nt.variable("KeMaximumIncrement", 4);
    this.increment = maximum.isPresent() ? maximum : nt.variable("KeTimeIncrement", 4);
  }

  /** The time of a number of ticks; empty if it or the length of a tick is not known. */
  String text(OptionalLong ticks) {
    return ticks.isEmpty() || increment.isEmpty() || increment.getAsLong() == 0
        ? ""
        : duration(ticks.getAsLong() * increment.getAsLong());
  }

  /**
   * {@code 0:00:02.0031} on x86 as in its time, {@code 00:00:01.046} on x64.
   *
   * @param units of 100 ns
   */
  String duration(long units) {
    long seconds = units / PER_SECOND;
    long millis = units % PER_SECOND / 10_000;
    return (nt.isX86() ? "%d:%02d:%02d.%04d" : "%02d:%02d:%02d.%03d")
        .formatted(seconds / 3600, seconds / 60 % 60, seconds % 60, millis);
  }

  /** The tick count now: KeTickCount, or what user mode sees of it. */
  OptionalLong now() {
    return nt.variable("KeTickCount", 4);
  }
}
