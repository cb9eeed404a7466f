// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Decoder;
import org.jkd.cpu.EffectiveAddress;
import org.jkd.cpu.Instruction;
import org.jkd.cpu.KdFormatter;
import org.jkd.cpu.Symbolizer;
import org.jkd.image.Memory;
import org.jkd.stack.CodeSource;

/** Lines of instructions in kd's dialect, with what their memory operand points at. */
final class KdDisassembly implements Disassembly {
  @Override
  public Optional<String> line(Session session, CpuContext context, long address) {
    if (session.arch() == Arch.ARM64) {
      return Optional.empty();
    }
    byte[] code = new byte[Decoder.MAX_LENGTH];
    Memory memory =
        session
            .debuggee()
            .code()
            .at(address)
            .map(CodeSource.Module::image)
            .orElse(session.memory().memory());
    int got = memory.read(address, code, 0, code.length);
    boolean wide = session.arch() == Arch.X64;
    StringBuilder out = new StringBuilder();
    Instruction in = new Instruction();
    if (got == 0) {
      KdFormatter.unreadableLine(address, wide, out);
      return Optional.of(out.toString());
    }
    Decoder decoder = new Decoder(session.arch());
    if (decoder.decode(code, 0, got, address, in) == 0) {
      KdFormatter.invalidLine(address, wide, code[0], out);
      return Optional.of(out.toString());
    }
    Symbolizer names = a -> session.names().text(a).orElse(null);
    new KdFormatter(names, style(session)).line(in, code, 0, out);
    EffectiveAddress.note(in, context, session.memory(), names, out);
    return Optional.of(out.toString());
  }

  private static KdFormatter.Style style(Session session) {
    return session.arch() == Arch.X86 ? KdFormatter.Style.CLASSIC : KdFormatter.Style.CURRENT;
  }
}
