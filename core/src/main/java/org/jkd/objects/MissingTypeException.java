// SPDX-License-Identifier: Apache-2.0
package org.jkd.objects;

import java.io.Serial;

/** The symbols of a module do not describe a structure, or a field of it, that is needed. */
public final class MissingTypeException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final String module;
  private final String type;

  MissingTypeException(String module, String type) {
    super(module + "!" + type);
    this.module = module;
    this.type = type;
  }

  /** The module whose symbols should have it. */
  public String module() {
    return module;
  }

  /** For instance {@code _KPRCB} or {@code _KPRCB.DpcData}. */
  public String type() {
    return type;
  }
}
