// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jkd.image.LinkWalk;

/**
 * What was found along a list of the kernel.
 *
 * @param broken the way along the list, if something is wrong with it: then there may be more items
 *     than these
 */
public record Listed<T>(List<T> items, Optional<LinkWalk> broken) {
  <R> Listed<R> map(Function<T, R> each) {
    List<R> mapped = new ArrayList<>(items.size());
    for (T item : items) {
      mapped.add(each.apply(item));
    }
    return new Listed<>(List.copyOf(mapped), broken);
  }
}
