// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jkd.code.CallSite;
import org.jkd.code.CodeImage;
import org.jkd.code.FunctionCode;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/**
 * {@code uf [/c] [/i] [/o] [Address]}: a whole function, block by block. The block that is entered
 * comes first, then the others by address; {@code /o} puts all of them in order of address.
 */
final class FunctionCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    boolean calls = false;
    boolean count = false;
    boolean byAddress = false;
    while (arguments.peek() == '/') {
      if (arguments.eatWord("/c") || arguments.eatWord("/D")) {
        calls = true;
      } else if (arguments.eatWord("/i")) {
        count = true;
      } else if (arguments.eatWord("/o") || arguments.eatWord("/O")) {
        byAddress = true;
      } else if (!arguments.eatWord("/m")) {
        throw new CommandException("uf takes /c, /i, /m and /o");
      }
    }
    long address = arguments.atEnd() ? session.registers().ip() : arguments.address();
    arguments.end();
    FunctionCode function = function(session, address);
    CodeText code = new CodeText(session);
    if (calls) {
      return calls(session, function, count);
    }
    List<List<CodeText.Line>> blocks = new ArrayList<>();
    for (CodeImage.Range block : blocks(function, byAddress)) {
      List<CodeText.Line> lines = new ArrayList<>();
      for (long at = block.start(); at < block.end(); ) {
        CodeText.Line line = code.at(at);
        lines.add(line);
        at += Math.max(1, line.bytes());
      }
      blocks.add(lines);
    }
    return new Listing(function.start(), function.instructionCount(), count, blocks);
  }

  /** The function that contains an address, or that starts there if nobody knows one. */
  static FunctionCode function(Session session, long address) {
    if (session.arch() == Arch.ARM64) {
      throw new CommandException("Code of this processor is not decoded");
    }
    Optional<FunctionCode> function = session.debuggee().space().functionAt(address);
    if (function.isEmpty()) {
      function = session.debuggee().space().functionStartingAt(address);
    }
    return function
        .filter(f -> f.instructionCount() > 0)
        .orElseThrow(() -> new CommandException("No code found, aborting"));
  }

  private static List<CodeImage.Range> blocks(FunctionCode function, boolean byAddress) {
    List<CodeImage.Range> blocks = new ArrayList<>(function.blocks());
    if (!byAddress) {
      // Parts that lie before the entry follow behind the others.
      blocks.sort(
          Comparator.comparing((CodeImage.Range r) -> r.start() < function.start())
              .thenComparingLong(CodeImage.Range::start));
    }
    return blocks;
  }

  private static Calls calls(Session session, FunctionCode function, boolean count) {
    List<Call> calls = new ArrayList<>();
    for (CallSite site : function.callSites()) {
      long target = site.target();
      String name = target == 0 ? "" : session.names().text(target).orElse("");
      if (name.isEmpty()) {
        name = site.importName().orElse("");
      }
      calls.add(
          new Call(
              site.instruction(),
              session.names().text(site.instruction()).orElse(""),
              target,
              name,
              new CodeText(session).instruction(site.instruction())));
    }
    return new Calls(
        session.arch(),
        function.start(),
        session.names().text(function.start()).orElse(""),
        function.instructionCount(),
        count,
        calls);
  }

  /** All instructions of a function. */
  record Listing(long start, int instructions, boolean counted, List<List<CodeText.Line>> blocks)
      implements Result {
    @Override
    public void text(TextOut out) {
      if (counted) {
        out.line(instructions + " instructions scanned");
        out.end();
      }
      boolean first = true;
      for (List<CodeText.Line> block : blocks) {
        if (!first) {
          out.end();
        }
        first = false;
        if (!block.getFirst().place().isEmpty()) {
          out.line(block.getFirst().heading());
        }
        for (CodeText.Line line : block) {
          out.line(line.numbered());
        }
      }
    }

    @Override
    public void json(JsonOut out) {
      out.address("start", start).number("instructionCount", instructions);
      out.objects("blocks", blocks, (o, block) -> o.objects("instructions", block, CodeText::json));
    }
  }

  /**
   * A call in a function.
   *
   * @param target 0 when it is not known before run time
   * @param instruction the call as it is written
   */
  record Call(long address, String place, long target, String name, String instruction) {}

  /** The calls of a function. */
  record Calls(
      Arch arch, long start, String name, int instructions, boolean counted, List<Call> calls)
      implements Result {
    @Override
    public void text(TextOut out) {
      if (counted) {
        out.line(instructions + " instructions scanned");
        out.end();
      }
      out.line(name + " (" + Hex.address(arch, start) + ")");
      for (Call call : calls) {
        out.line("  " + call.place() + " (" + Hex.address(arch, call.address()) + "):");
        out.line("    " + text(call));
      }
    }

    private String text(Call call) {
      if (call.target() == 0 && call.name().isEmpty()) {
        return "unresolvable call: " + call.instruction();
      }
      return call.target() == 0
          ? "call to " + call.name()
          : "call to " + call.name() + " (" + Hex.address(arch, call.target()) + ")";
    }

    @Override
    public void json(JsonOut out) {
      out.address("start", start).optional("symbol", name);
      out.number("instructionCount", instructions);
      out.objects(
          "calls",
          calls,
          (o, call) -> {
            o.address("address", call.address()).optional("symbol", call.place());
            if (call.target() != 0) {
              o.address("target", call.target());
            }
            o.optional("name", call.name()).text("text", call.instruction());
          });
    }
  }
}
