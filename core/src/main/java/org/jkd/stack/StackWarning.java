// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

/** The lines that kd prints before a row; one at most in a walk. */
public enum StackWarning {
  /** The row's module has no symbols, or only its exports. */
  NO_UNWIND_INFORMATION(
      "WARNING: Stack unwind information not available. Following frames may be wrong."),
  /** The row's address lies in no module. */
  NOT_IN_MODULE("WARNING: Frame IP not in any known module. Following frames may be wrong.");

  private final String text;

  StackWarning(String text) {
    this.text = text;
  }

  /** kd's words. */
  public String text() {
    return text;
  }
}
