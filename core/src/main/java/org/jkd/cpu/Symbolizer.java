// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import org.jspecify.annotations.Nullable;

/** Names addresses for {@link KdFormatter}; whoever owns the symbols implements it. */
@FunctionalInterface
public interface Symbolizer {
  /** Knows no names. */
  Symbolizer NONE = _ -> null;

  /** The name of an address as kd writes it, {@code nt!Foo+0x12}, or null if it has none. */
  @Nullable String name(long address);
}
