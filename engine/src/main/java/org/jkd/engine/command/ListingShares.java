// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jkd.stack.CallStack;
import org.jkd.stack.Frame;
import org.jkd.stack.StackWalker;

/**
 * How many bytes of an x86 {@code kf} listing belong to which module: the number in a row of x86 is
 * the stack of the function in that row.
 *
 * @param shares most bytes first
 * @param total bytes of all rows
 */
public record ListingShares(List<Share> shares, long total) {

  /** The bytes and rows of a module. */
  public record Share(String module, long bytes, long frames) {}

  /** Sums up {@code kf = base sp ip}. */
  public static ListingShares byListing(Session session, long base, long sp, long ip) {
    CallStack stack = session.walk(StackWalker.x86Start(base, sp, ip), session.frameCount());
    Map<String, long[]> sums = new LinkedHashMap<>();
    long total = 0;
    for (Frame frame : stack.frames()) {
      String module = session.names().at(frame.ip()).map(Names.Name::module).orElse("");
      OptionalLong distance = frame.distance();
      if (!module.isEmpty()) {
        long[] sum = sums.computeIfAbsent(module, m -> new long[2]);
        sum[0] += distance.orElse(0);
        sum[1]++;
        total += distance.orElse(0);
      }
    }
    List<Share> shares = new ArrayList<>();
    sums.forEach((module, sum) -> shares.add(new Share(module, sum[0], sum[1])));
    shares.sort(Comparator.comparing(Share::bytes).reversed());
    return new ListingShares(List.copyOf(shares), total);
  }
}
