// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Optional;
import org.jkd.symbols.UnwindRecords;
import org.jspecify.annotations.Nullable;

/**
 * How the frame of the function at an x86 address is left, as far as the address alone decides. One
 * per address and walk, so that a recursion is looked up once.
 *
 * @param module the module, null if the address lies in none
 * @param function the function's name, empty if there is no symbol
 * @param functionOffset bytes from the function's start, −1 if there is no symbol
 * @param params bytes of arguments that the function takes, −1 if unknown
 * @param hasRecords false if the row deserves kd's warning about missing unwind information
 */
record X86Rule(
    CodeSource.@Nullable Module module,
    String function,
    long functionOffset,
    int params,
    boolean hasRecords,
    Optional<UnwindRecords.Fpo> fpo,
    Optional<UnwindRecords.FrameData> frameData,
    Optional<FrameProgram> program,
    Entry entry) {

  /** How the function is entered. */
  enum Entry {
    CALL,
    TRAP,
    SERVICE,
    TASK_GATE
  }

  /** True when a record says how to leave the function. */
  boolean hasUnwindRecord() {
    return program.isPresent() || fpo.isPresent();
  }

  boolean isTrapLike() {
    return entry == Entry.TRAP || entry == Entry.SERVICE;
  }
}
