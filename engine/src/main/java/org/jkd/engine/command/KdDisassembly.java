// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;

/** Lines of instructions in kd's dialect, with what their memory operand points at. */
final class KdDisassembly implements Disassembly {
  @Override
  public Optional<String> line(Session session, CpuContext context, long address) {
    return session.arch() == Arch.ARM64
        ? Optional.empty()
        : Optional.of(new CodeText(session).withOperand(context, address));
  }
}
