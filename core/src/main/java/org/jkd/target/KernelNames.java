// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.OptionalLong;

/** What this layer wants from the symbols of the kernel: where a name lies. */
public interface KernelNames {
  /** No names at all. */
  KernelNames NONE = NoSymbols.INSTANCE;

  /**
   * The address of a symbol of the kernel.
   *
   * @param name without a module, for instance {@code KiWaitNever}
   */
  OptionalLong address(String name);
}
