// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.dump.ExceptionRecord;
import org.jkd.dump.mini.MiniException;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.MemoryReader;
import org.jkd.target.UserTarget;

/** {@code .exr Address | -1}: an exception record, or that of the target. */
final class ExceptionCommand extends Command {
  private static final long ACCESS_VIOLATION = 0xc000_0005L;

  @Override
  public Result run(Arguments arguments, Session session) {
    long address = arguments.expression();
    arguments.end();
    ExceptionRecord record =
        address == -1
            ? ofTarget(session)
                .orElseThrow(() -> new CommandException("The dump holds no exception record"))
            : read(session, session.arch().address(address));
    Optional<Names.Name> name = session.names().at(record.address());
    return new Shown(session.arch(), record, name);
  }

  /** The exception that the dump itself tells of. */
  static Optional<ExceptionRecord> ofTarget(Session session) {
    if (session.target() instanceof UserTarget user) {
      return user.exception().map(MiniException::record);
    }
    return session.debuggee().kernel().flatMap(k -> k.header().exception());
  }

  /** EXCEPTION_RECORD of winnt.h in the target's width. */
  private static ExceptionRecord read(Session session, long address) {
    MemoryReader memory = session.memory();
    int pointer = session.arch().pointerSize();
    OptionalLong code = memory.u32(address);
    OptionalLong flags = memory.u32(address + 4);
    OptionalLong nested = memory.pointer(address + 8);
    OptionalLong at = memory.pointer(address + 8 + pointer);
    OptionalLong count = memory.u32(address + 8 + 2L * pointer);
    if (code.isEmpty() || flags.isEmpty() || nested.isEmpty() || at.isEmpty() || count.isEmpty()) {
      throw new CommandException(
          "Unable to read the exception record at " + Hex.address(session.arch(), address));
    }
    List<Long> parameters = new ArrayList<>();
    long first = address + (pointer == 4 ? 0x14 : 0x20);
    long wanted = Math.min(count.getAsLong(), ExceptionRecord.MAX_PARAMETERS);
    for (int i = 0; i < wanted; i++) {
      OptionalLong value = memory.pointer(first + (long) i * pointer);
      if (value.isEmpty()) {
        break;
      }
      parameters.add(value.getAsLong());
    }
    return new ExceptionRecord(
        code.getAsLong(), flags.getAsLong(), nested.getAsLong(), at.getAsLong(), parameters);
  }

  /** What kd calls an exception, for instance {@code Access violation}; empty for others. */
  static String words(long code) {
    return switch ((int) code) {
      case 0xc000_0005 -> "Access violation";
      case 0x8000_0003 -> "Break instruction exception";
      case 0x8000_0004 -> "Single step exception";
      case 0xc000_0094 -> "Integer divide-by-zero";
      case 0xc000_001d -> "Illegal instruction";
      case 0xc000_00fd -> "Stack overflow";
      case 0xc000_0374 -> "Heap corruption";
      case 0xc000_0409 -> "Security check failure or stack buffer overrun";
      case 0xe06d_7363 -> "C++ EH exception";
      default -> "";
    };
  }

  /** An exception with the name of its address. */
  record Shown(Arch arch, ExceptionRecord record, Optional<Names.Name> name) implements Result {
    @Override
    public void text(TextOut out) {
      String symbol =
          name.map(n -> " (" + n.function() + "+0x" + Hex.plain(arch, n.displacement()) + ")")
              .orElse("");
      out.line("ExceptionAddress: " + Hex.plain(arch, record.address()) + symbol);
      out.line("   ExceptionCode: " + Hex.pad(record.code(), 8) + words());
      out.line("  ExceptionFlags: " + Hex.pad(record.flags(), 8));
      out.line("NumberParameters: " + record.parameters().size());
      for (int i = 0; i < record.parameters().size(); i++) {
        out.line("   Parameter[" + i + "]: " + Hex.plain(arch, record.parameters().get(i)));
      }
      if (record.code() == ACCESS_VIOLATION && record.parameters().size() >= 2) {
        String what =
            switch (record.parameters().getFirst().intValue()) {
              case 0 -> "read from";
              case 1 -> "write to";
              default -> "execute non-executable";
            };
        String address = Hex.plain(arch, record.parameters().get(1));
        out.line("Attempt to " + what + " address " + address);
      }
    }

    private String words() {
      String words = ExceptionCommand.words(record.code());
      return words.isEmpty() ? "" : " (" + words + ")";
    }

    @Override
    public void json(JsonOut out) {
      out.address("address", record.address()).address("code", record.code());
      out.address("flags", record.flags());
      name.ifPresent(n -> out.text("symbol", n.text()));
      out.texts(
          "parameters", record.parameters().stream().map(p -> "0x" + Long.toHexString(p)).toList());
    }
  }
}
