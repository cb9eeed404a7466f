// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.OptionalLong;

/** What this layer wants from the types of the kernel: where a field lies in its structure. */
public interface Layouts {
  /** No types at all. */
  Layouts NONE = NoSymbols.INSTANCE;

  /**
   * The offset of a field in bytes.
   *
   * @param type for instance {@code _KTHREAD}
   * @param field for instance {@code StackBase}; dots lead through nested structures
   */
  OptionalLong offset(String type, String field);
}
