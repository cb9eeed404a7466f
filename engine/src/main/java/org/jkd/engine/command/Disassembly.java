// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import org.jkd.cpu.CpuContext;

/** How instructions become lines; the session has one, so that {@code r} and {@code u} agree. */
public interface Disassembly {
  /** Knows no instruction. */
  Disassembly NONE = (session, context, address) -> Optional.empty();

  /**
   * The line of one instruction as {@code r} shows it: address, bytes, text, and what its memory
   * operand points at.
   *
   * @return empty if the instruction cannot be read
   */
  Optional<String> line(Session session, CpuContext context, long address);
}
