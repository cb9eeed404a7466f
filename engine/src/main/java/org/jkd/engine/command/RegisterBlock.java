// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Locale;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.engine.expr.RegisterNames;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/**
 * The registers of a context with the symbol and the instruction where it stands.
 *
 * @param before lines above the block, for instance {@code ErrCode = 00000000}
 * @param symbol the name of the instruction pointer, or empty
 * @param instruction the line of the instruction, or empty when its bytes are missing
 */
record RegisterBlock(List<String> before, CpuContext context, String symbol, String instruction)
    implements Result {

  /** The block of a context, with its symbol and instruction looked up. */
  static RegisterBlock of(Session session, CpuContext context, List<String> before) {
    boolean known = context.knows(Register.RIP);
    String symbol = known ? session.names().text(context.ip()).orElse("") : "";
    List<SourceText.Inlined> inlined =
        known ? new SourceText(session).inlined(context.ip(), context.ip()) : List.of();
    if (!inlined.isEmpty()) {
      symbol = inlined.getFirst().text() + " [inlined in " + symbol + "]";
    }
    String instruction =
        known ? session.disassembly().line(session, context, context.ip()).orElse("") : "";
    return new RegisterBlock(before, context, symbol, instruction);
  }

  @Override
  public void text(TextOut out) {
    for (String line : before) {
      out.line(line);
    }
    general(out);
    segments(out);
    if (!symbol.isEmpty()) {
      out.line(symbol + ":");
    }
    if (!instruction.isEmpty()) {
      out.line(instruction);
    }
  }

  private void line(TextOut out, int digits, String... names) {
    StringBuilder text = new StringBuilder();
    for (String name : names) {
      text.append(text.isEmpty() ? "" : " ");
      text.append(digits == 16 && name.length() == 2 ? " " : "").append(field(name, digits));
    }
    out.line(text.toString());
  }

  private String field(String name, int digits) {
    return name + "=" + Hex.pad(value(name), digits);
  }

  private long value(String name) {
    return RegisterNames.find(context.arch(), name).orElseThrow().of(context);
  }

  private String flags() {
    return "iopl="
        + value("iopl")
        + "         "
        + (value("of") == 1 ? "ov " : "nv ")
        + (value("df") == 1 ? "dn " : "up ")
        + (value("if") == 1 ? "ei " : "di ")
        + (value("sf") == 1 ? "ng " : "pl ")
        + (value("zf") == 1 ? "zr " : "nz ")
        + (value("af") == 1 ? "ac " : "na ")
        + (value("pf") == 1 ? "pe " : "po ")
        + (value("cf") == 1 ? "cy" : "nc");
  }

  private void segments(TextOut out) {
    StringBuilder text = new StringBuilder();
    for (String name : List.of("cs", "ss", "ds", "es", "fs", "gs")) {
      text.append(text.isEmpty() ? "" : "  ").append(field(name, 4));
    }
    out.line(text + " ".repeat(13) + field("efl", 8));
  }

  /**
   * Some groups of the registers, as {@code rM} shows them.
   *
   * @param more what stands below the general ones: those of other units, or why there are none
   */
  record Masked(RegisterBlock block, int mask, List<String> more) implements Result {
    @Override
    public void text(TextOut out) {
      if ((mask & 3) != 0) {
        block.general(out);
      }
      if ((mask & 8) != 0) {
        block.segments(out);
      }
      if ((mask & 0x20) != 0) {
        block.debug(out);
      }
      more.forEach(out::line);
    }

    @Override
    public void json(JsonOut out) {
      block.json(out);
      if (!more.isEmpty()) {
        out.texts("more", more);
      }
    }
  }

  private void general(TextOut out) {
    if (context.arch() == Arch.ARM64) {
      throw new CommandException("The registers of ARM64 are not shown");
    }
    if (context.arch() == Arch.X86) {
      line(out, 8, "eax", "ebx", "ecx", "edx", "esi", "edi");
      out.add(field("eip", 8)).add(" ").add(field("esp", 8)).add(" ").add(field("ebp", 8));
      out.add(" ").line(flags());
    } else {
      line(out, 16, "rax", "rbx", "rcx");
      line(out, 16, "rdx", "rsi", "rdi");
      line(out, 16, "rip", "rsp", "rbp");
      line(out, 16, "r8", "r9", "r10");
      line(out, 16, "r11", "r12", "r13");
      line(out, 16, "r14", "r15");
      out.line(flags());
    }
  }

  private void debug(TextOut out) {
    int digits = context.arch().pointerSize() * 2;
    line(out, digits, "dr0", "dr1", "dr2");
    line(out, digits, "dr3", "dr6", "dr7");
  }

  @Override
  public void json(JsonOut out) {
    out.object(
        "registers",
        o -> {
          for (Register register : Register.values()) {
            if (context.knows(register)) {
              o.address(name(context.arch(), register), context.get(register));
            }
          }
        });
    out.optional("symbol", symbol).optional("instruction", instruction);
    if (!before.isEmpty()) {
      out.texts("notes", before);
    }
  }

  /** The name of a register on an architecture: {@code eax}, {@code rax}, {@code efl}. */
  static String name(Arch arch, Register register) {
    String name = register.name().toLowerCase(Locale.ROOT);
    if (register == Register.EFLAGS) {
      return "efl";
    }
    boolean general = name.length() == 3 && name.charAt(0) == 'r' && name.charAt(1) > '9';
    return arch == Arch.X86 && general ? "e" + name.substring(1) : name;
  }
}
