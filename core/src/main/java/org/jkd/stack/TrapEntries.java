// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.regex.Pattern;

/**
 * Names of kernel functions that are entered by an exception, an interrupt or a system call and
 * leave a trap frame. Public symbols carry no FPO record for most of them, so kd knows them by name
 * as well. The names are those of the public symbols from Windows XP to 10.
 */
final class TrapEntries {
  private static final Pattern TRAP =
      Pattern.compile(
          "_*Ki(Trap[0-9A-F]{2}(Shadow)?|UnexpectedInterrupt\\w*|InterruptTemplate|InterruptDispatch"
              + "\\w*|ChainedDispatch\\w*|FloatingDispatch|RaiseSecurityCheckFailure|RaiseAssertion"
              + "|DebugService|RaiseException|IpiInterrupt\\w*)|_*Hal(p)?\\w*Interrupt\\w*");
  private static final Pattern SERVICE =
      Pattern.compile("_*Ki(FastCallEntry\\w*|SystemService\\w*|SystemCall\\w*|ServiceExit\\w*)");
  private static final Pattern TASK_GATE = Pattern.compile("_*KiTrap0[28]");

  private TrapEntries() {}

  static boolean isTrap(String name) {
    return TRAP.matcher(name).matches();
  }

  static boolean isService(String name) {
    return SERVICE.matcher(name).matches();
  }

  /** The handlers of the double fault and of the NMI, which x86 enters through task gates. */
  static boolean isTaskGate(String name) {
    return TASK_GATE.matcher(name).matches();
  }
}
