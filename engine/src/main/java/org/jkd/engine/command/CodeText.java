// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Decoder;
import org.jkd.cpu.EffectiveAddress;
import org.jkd.cpu.Instruction;
import org.jkd.cpu.KdFormatter;
import org.jkd.cpu.Symbolizer;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Memory;
import org.jkd.stack.CodeSource;
import org.jkd.symbols.SourceLine;
import org.jspecify.annotations.Nullable;

/** Instructions as lines. */
final class CodeText {
  /**
   * An instruction, or a byte that is none.
   *
   * @param bytes its length; 0 when the memory cannot be read
   * @param text the line as kd prints it
   * @param function the name above it, without a displacement; empty when it has none
   * @param place the name with its displacement, as it stands above the line
   * @param source the source line, if it is known and wanted
   */
  record Line(
      long address,
      int bytes,
      String text,
      String function,
      String place,
      Optional<SourceLine> source) {
    /** What stands above the line. */
    String heading() {
      return place + SourceText.note(source) + ":";
    }

    /** The line with the number of its source line in front, if there is one. */
    String numbered() {
      return source.map(l -> Text.right(Integer.toString(l.line()), 5) + " ").orElse("") + text;
    }
  }

  private static final int NO_INSTRUCTION = -1;

  private final Session session;
  private final Decoder decoder;
  private final Symbolizer names;
  private final KdFormatter formatter;
  private final SourceText source;
  private final Instruction in = new Instruction();
  private final byte[] code = new byte[Decoder.MAX_LENGTH];
  private final @Nullable Memory physical;

  CodeText(Session session) {
    this(session, null);
  }

  /**
   * Code at other than virtual addresses.
   *
   * @param physical where it lies; null for virtual memory
   */
  CodeText(Session session, @Nullable Memory physical) {
    this.physical = physical;
    if (session.arch() == Arch.ARM64) {
      throw new CommandException("Code of this processor is not decoded");
    }
    this.session = session;
    this.source = new SourceText(session);
    this.decoder = new Decoder(session.arch());
    this.names = a -> physical != null ? null : session.names().text(a).orElse(null);
    this.formatter =
        new KdFormatter(
            names,
            session.arch() == Arch.X86 ? KdFormatter.Style.CLASSIC : KdFormatter.Style.CURRENT);
  }

  /** The line of what lies at an address. */
  Line at(long address) {
    StringBuilder text = new StringBuilder();
    int length = write(address, text);
    Optional<Names.Name> name = physical != null ? Optional.empty() : session.names().at(address);
    return new Line(
        address,
        length == NO_INSTRUCTION ? 1 : length,
        text.toString(),
        name.map(Names.Name::function).orElse(""),
        name.map(Names.Name::text).orElse(""),
        physical != null ? Optional.empty() : source.line(address));
  }

  /** The line of an instruction with what its memory operand points at, as {@code r} shows it. */
  String withOperand(CpuContext context, long address) {
    StringBuilder text = new StringBuilder();
    if (write(address, text) > 0) {
      EffectiveAddress.note(in, context, session.memory(), names, text);
    }
    return text.toString();
  }

  /** The address of an instruction's memory operand, if it has one whose registers are known. */
  OptionalLong operand(CpuContext context, long address) {
    int got = read(address);
    if (got == 0 || decoder.decode(code, 0, got, address, in) == 0) {
      return OptionalLong.empty();
    }
    int i = in.memoryOperand();
    return i < 0 ? OptionalLong.empty() : EffectiveAddress.of(in, i, context);
  }

  /** Writes a line; gives the instruction's length, 0 when unreadable, or NO_INSTRUCTION. */
  private int write(long address, StringBuilder text) {
    boolean wide = session.arch() == Arch.X64;
    int got = read(address);
    if (got == 0) {
      KdFormatter.unreadableLine(address, wide, text);
      return 0;
    }
    int length = decoder.decode(code, 0, got, address, in);
    if (length == 0) {
      KdFormatter.invalidLine(address, wide, code[0], text);
      return NO_INSTRUCTION;
    }
    formatter.line(in, code, 0, text);
    return length;
  }

  /** The mnemonic and operands alone, blanks made single. */
  String instruction(long address) {
    int got = read(address);
    if (got == 0 || decoder.decode(code, 0, got, address, in) == 0) {
      return "???";
    }
    StringBuilder text = new StringBuilder();
    formatter.instruction(in, text);
    return text.toString().strip().replaceAll(" +", " ");
  }

  /** The decoded instruction at an address; the next question overwrites it. */
  Optional<Instruction> decoded(long address) {
    return length(address) == 0 ? Optional.empty() : Optional.of(in);
  }

  /** The length of the instruction at an address, 0 when there is none. */
  int length(long address) {
    int got = read(address);
    return got == 0 ? 0 : decoder.decode(code, 0, got, address, in);
  }

  private int read(long address) {
    if (physical != null) {
      return physical.read(address, code, 0, code.length);
    }
    Memory memory =
        session
            .debuggee()
            .code()
            .at(address)
            .map(CodeSource.Module::image)
            .orElse(session.memory().memory());
    return memory.read(address, code, 0, code.length);
  }

  /** The lines of some instructions in a row; the first that cannot be read is the last. */
  List<Line> from(long start, long count) {
    List<Line> lines = new ArrayList<>();
    long at = start;
    for (long i = 0; i < count; i++) {
      Line line = at(at);
      lines.add(line);
      if (line.bytes() == 0) {
        break;
      }
      at = session.arch().address(at + line.bytes());
    }
    return lines;
  }

  /** Lines with the name above the first and wherever the name changes. */
  static void text(List<Line> lines, TextOut out) {
    String function = "";
    boolean first = true;
    for (Line line : lines) {
      if (!line.place().isEmpty() && (first || !line.function().equals(function))) {
        out.line(line.heading());
      }
      first = false;
      function = line.function();
      out.line(line.numbered());
    }
  }

  static void json(JsonOut out, Line line) {
    out.address("address", line.address())
        .number("bytes", line.bytes())
        .optional("symbol", line.place())
        .text("text", line.text());
    line.source().ifPresent(l -> out.text("file", l.file()).number("line", l.line()));
  }
}
