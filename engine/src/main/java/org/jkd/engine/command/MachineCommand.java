// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Locale;
import org.jkd.cpu.Arch;

/** {@code .effmach}: the processor whose registers, code and pointers commands look at. */
final class MachineCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    String wanted = arguments.word().toLowerCase(Locale.ROOT);
    arguments.end();
    boolean own =
        switch (wanted) {
          case "", ".", "#" -> true;
          case "x86" -> session.arch() == Arch.X86;
          case "amd64", "x64" -> session.arch() == Arch.X64;
          case "arm64" -> session.arch() == Arch.ARM64;
          default -> false;
        };
    if (!own) {
      throw new CommandException("Only the target's own machine can be looked at, not " + wanted);
    }
    return Lines.of(
        "Effective machine: "
            + switch (session.arch()) {
              case X86 -> "x86 compatible (x86)";
              case X64 -> "x64 (AMD64)";
              case ARM64 -> "ARM64 (64-bit) (ARM64)";
            });
  }
}
