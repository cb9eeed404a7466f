// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.code.CallSite;
import org.jkd.code.CodeImage;
import org.jkd.code.Depth;
import org.jkd.code.FunctionCode;
import org.jkd.code.SavedRegister;
import org.jkd.code.StackState;
import org.jkd.code.StackUse;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Register;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;

/**
 * {@code !frameof [Address]}: what a function does with its stack, by its code: how much lies
 * between the stack pointer and the return address at the place asked about, which instructions
 * took it, which registers are kept, and which call is made with the most stack in use.
 *
 * <p>A return address is taken for the call before it, as in a listing of a stack.
 */
final class FrameOfCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    long address = arguments.atEnd() ? session.registers().ip() : arguments.address();
    arguments.end();
    FunctionCode function = FunctionCommand.function(session, address);
    CodeText code = new CodeText(session);
    long at = place(session, function, address);
    Optional<StackState> state = function.stateAt(at);
    List<Use> uses = new ArrayList<>();
    for (StackUse use : function.stackUses(at)) {
      uses.add(
          new Use(
              use.instruction(),
              use.bytes(),
              use.kind(),
              code.instruction(use.instruction()),
              session.names().text(use.instruction()).orElse("")));
    }
    return new Frame(
        session.arch(),
        function.start(),
        session.names().text(function.start()).orElse(""),
        function.ranges(),
        function.instructionCount(),
        function.popped(),
        function.isConsistent(),
        at,
        session.names().text(at).orElse(""),
        code.instruction(at),
        state,
        uses,
        largest(function));
  }

  /** The instruction meant by an address: the call before it when it is a return address. */
  private static long place(Session session, FunctionCode function, long address) {
    Optional<CallSite> site = session.debuggee().space().callSite(address);
    if (address != function.start()
        && site.isPresent()
        && site.get().function().filter(f -> f.start() == function.start()).isPresent()) {
      return site.get().instruction();
    }
    OptionalLong instruction = function.instructionAt(address);
    return instruction.orElse(address);
  }

  private static Optional<CallSite> largest(FunctionCode function) {
    CallSite largest = null;
    int most = -1;
    for (CallSite site : function.callSites()) {
      if (site.depth() instanceof Depth.Exact exact && exact.bytes() > most) {
        most = exact.bytes();
        largest = site;
      }
    }
    return Optional.ofNullable(largest);
  }

  /**
   * Stack that an instruction took.
   *
   * @param instruction its text
   * @param place its name
   */
  record Use(long address, int bytes, StackUse.Kind kind, String instruction, String place) {
    String what() {
      return switch (kind) {
        case SAVED_REGISTER -> "saved";
        case LOCALS -> "locals";
        case ARGUMENTS -> "arguments";
        case ALIGNMENT -> "alignment up to";
        case HELPER -> "frame helper";
      };
    }
  }

  /** The frame of a function as its code makes it. */
  record Frame(
      Arch arch,
      long start,
      String name,
      List<CodeImage.Range> ranges,
      int instructions,
      int popped,
      boolean consistent,
      long at,
      String place,
      String instruction,
      Optional<StackState> state,
      List<Use> uses,
      Optional<CallSite> largest)
      implements Result {
    @Override
    public void text(TextOut out) {
      out.line(
          (name.isEmpty() ? "" : name + " ")
              + "("
              + Hex.address(arch, start)
              + "), "
              + instructions
              + " instructions, "
              + arguments());
      for (CodeImage.Range r : ranges) {
        out.line("  " + Hex.address(arch, r.start()) + " - " + Hex.address(arch, r.end() - 1));
      }
      out.line("At " + Hex.address(arch, at) + " " + instruction);
      out.line("  " + depthText());
      state.ifPresent(s -> registers(s, out));
      for (Use use : uses) {
        out.line(
            "  "
                + use.what()
                + " "
                + use.bytes()
                + ": "
                + use.instruction()
                + " at "
                + Hex.address(arch, use.address()));
      }
      if (largest.isPresent() && largest.get().depth() instanceof Depth.Exact most) {
        out.line(
            "Largest call: "
                + bytes(most.bytes())
                + " at "
                + Hex.address(arch, largest.get().instruction()));
      }
      if (!consistent) {
        out.line("Not all ways through this function agree about its stack.");
      }
    }

    private String arguments() {
      return popped < 0 ? "pops unknown arguments" : "pops " + bytes(popped) + " of arguments";
    }

    private static String bytes(long n) {
      return n + " (0x" + Long.toHexString(n) + ") bytes";
    }

    private String depthText() {
      if (state.isEmpty()) {
        return "no flow of the function leads here";
      }
      return switch (state.get().depth()) {
        case Depth.Exact d -> "return address " + bytes(d.bytes()) + " above the stack pointer";
        case Depth.Aligned d ->
            "stack pointer aligned to "
                + d.alignment()
                + ", return address "
                + bytes(d.bytes() + d.above())
                + " and the padding above it";
        case Depth.Ambiguous d ->
            "return address "
                + bytes(d.likely())
                + " above the stack pointer, or one of "
                + d.others();
        case Depth.Unknown _ -> "the stack pointer is not known here";
      };
    }

    private static void registers(StackState s, TextOut out) {
      for (StackState.FrameRegister f : s.frames()) {
        if (f.register() == Register.RBP || f.register() == Register.RBX) {
          out.line(
              "  "
                  + register(out.arch(), f.register())
                  + " = return-address slot"
                  + signed(f.offset()));
        }
      }
      for (SavedRegister saved : s.saved()) {
        out.line(
            "  caller's "
                + register(out.arch(), saved.register())
                + " at return-address slot"
                + signed(saved.offset()));
      }
    }

    private static String register(Arch arch, Register register) {
      String name = register.name().toLowerCase(Locale.ROOT);
      return arch == Arch.X86 && name.startsWith("r") ? "e" + name.substring(1) : name;
    }

    private static String signed(int n) {
      return n < 0 ? "-0x" + Integer.toHexString(-n) : "+0x" + Integer.toHexString(n);
    }

    @Override
    public void json(JsonOut out) {
      out.address("start", start).optional("symbol", name).number("instructions", instructions);
      if (popped >= 0) {
        out.number("popped", popped);
      }
      out.flag("consistent", consistent);
      out.objects(
          "ranges", ranges, (o, r) -> o.address("start", r.start()).address("end", r.end()));
      out.address("at", at).optional("place", place).text("instruction", instruction);
      state.ifPresent(s -> json(out, s));
      out.objects(
          "uses",
          uses,
          (o, u) ->
              o.address("address", u.address())
                  .number("bytes", u.bytes())
                  .text("kind", u.kind().name().toLowerCase(Locale.ROOT))
                  .text("instruction", u.instruction()));
      if (largest.isPresent() && largest.get().depth() instanceof Depth.Exact most) {
        out.object(
            "largestCall",
            o -> o.address("address", largest.get().instruction()).number("bytes", most.bytes()));
      }
    }

    private void json(JsonOut out, StackState s) {
      switch (s.depth()) {
        case Depth.Exact d -> out.number("depth", d.bytes());
        case Depth.Aligned d ->
            out.number("depthWithoutPadding", d.bytes() + d.above())
                .number("alignment", d.alignment());
        case Depth.Ambiguous d -> out.number("likelyDepth", d.likely());
        case Depth.Unknown _ -> out.text("depthUnknown", "the stack pointer is not known here");
      }
      OptionalInt frame = s.frameOffset(Register.RBP);
      if (frame.isPresent()) {
        out.number("frameRegisterOffset", frame.getAsInt());
      }
      out.objects(
          "savedRegisters",
          s.saved(),
          (o, r) -> o.text("register", register(arch, r.register())).number("offset", r.offset()));
    }
  }
}
