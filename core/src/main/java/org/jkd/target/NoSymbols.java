// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.OptionalLong;

/** A kernel without symbols. One class for both questions: every start loads it. */
enum NoSymbols implements KernelNames, Layouts {
  INSTANCE;

  @Override
  public OptionalLong address(String name) {
    return OptionalLong.empty();
  }

  @Override
  public OptionalLong offset(String type, String field) {
    return OptionalLong.empty();
  }
}
