// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.code.CodeImage;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Bytes;
import org.jkd.pe.PeImage;
import org.jkd.pe.RuntimeFunctions;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.UnwindRecords;

/**
 * {@code .fnent Address}: FPO and FrameData records on x86, the RUNTIME_FUNCTION with its unwind
 * codes on x64. What the debugger calls a function entry lives in its own memory; the address that
 * is shown here is that of the function that the record is about.
 */
final class FunctionEntryCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    long address = arguments.address();
    arguments.end();
    CodeImage image = session.debuggee().space().imageAt(address).orElse(null);
    if (image == null) {
      throw none(session.arch(), address);
    }
    long rva = address - image.base();
    return session.arch() == Arch.X64
        ? table(session, image, rva).orElseThrow(() -> none(session.arch(), address))
        : records(session, image, rva).orElseThrow(() -> none(session.arch(), address));
  }

  private static CommandException none(Arch arch, long address) {
    return new CommandException("No function entry for " + Hex.address(arch, address));
  }

  private static String around(Arch arch, CodeImage image, long rva) {
    ModuleSymbols symbols = image.symbols().orElse(null);
    Symbol below = symbols == null ? null : symbols.nearest(rva).orElse(null);
    if (symbols == null || below == null) {
      return "(" + Hex.address(arch, image.base() + rva) + ")   " + image.name();
    }
    long displacement = rva - below.rva();
    String line =
        "("
            + Hex.address(arch, image.base() + below.rva())
            + ")   "
            + image.name()
            + "!"
            + below.name()
            + (displacement == 0 ? "" : "+0x" + Long.toHexString(displacement));
    return symbols
        .next(rva)
        .map(n ->
            line
                + "   |  ("
                + Hex.address(arch, image.base() + n.rva())
                + ")   "
                + image.name()
                + "!"
                + n.name())
        .orElse(line);
  }

  private static Optional<Result> records(Session session, CodeImage image, long rva) {
    UnwindRecords records =
        image.symbols().map(ModuleSymbols::unwindRecords).orElse(UnwindRecords.NONE);
    Optional<UnwindRecords.FrameData> data = records.frameData(rva);
    Optional<UnwindRecords.Fpo> fpo = records.fpo(rva);
    if (data.isEmpty() && fpo.isEmpty()) {
      return Optional.empty();
    }
    long start =
        image.base() + data.map(UnwindRecords.FrameData::rva).orElseGet(() -> fpo.get().rva());
    return Optional.of(
        new Records(session.arch(), start, around(session.arch(), image, rva), data, fpo));
  }

  private static Optional<Result> table(Session session, CodeImage image, long rva) {
    RuntimeFunctions functions = image.headers().map(PeImage::runtimeFunctions).orElse(null);
    Optional<RuntimeFunctions.Entry> entry =
        functions == null ? Optional.empty() : functions.find(rva);
    if (functions == null || entry.isEmpty()) {
      return Optional.empty();
    }
    Optional<Bytes> info = functions.unwindInfo(entry.get().unwindInfo());
    return Optional.of(
        new Entry(
            session.arch(),
            image.base(),
            around(session.arch(), image, rva),
            entry.get(),
            info.map(UnwindCodeText::size).orElse(0),
            info.map(UnwindCodeText::lines).orElse(List.of())));
  }

  /** What the x86 records of a place say. */
  record Records(
      Arch arch,
      long start,
      String around,
      Optional<UnwindRecords.FrameData> data,
      Optional<UnwindRecords.Fpo> fpo)
      implements Result {
    @Override
    public void text(TextOut out) {
      out.line("Debugger function entry " + Hex.address(arch, start) + " for:");
      out.line(around);
      out.end();
      for (String line : lines()) {
        out.line(line);
      }
    }

    private List<String> lines() {
      List<String> lines = new ArrayList<>();
      if (data.isPresent()) {
        UnwindRecords.FrameData d = data.get();
        counts(lines, d.params() / 4, d.locals() / 4, d.savedRegs() / 4);
        lines.add("Program:   " + d.program().strip());
      } else if (fpo.isPresent() && fpo.get().frame() == 3) {
        lines.add("Non-FPO");
      } else if (fpo.isPresent()) {
        UnwindRecords.Fpo f = fpo.get();
        counts(lines, f.params() / 4, f.locals() / 4, f.savedRegs());
      }
      return lines;
    }

    private static void counts(List<String> lines, long params, long locals, long registers) {
      lines.add("Params:    " + Long.toHexString(params));
      lines.add("Locals:    " + Long.toHexString(locals));
      lines.add("Registers: " + Long.toHexString(registers));
    }

    @Override
    public void json(JsonOut out) {
      out.address("start", start);
      data.ifPresent(d ->
          out.object(
              "frameData",
              o ->
                  o.number("size", d.size())
                      .number("params", d.params())
                      .number("locals", d.locals())
                      .number("savedRegisters", d.savedRegs())
                      .number("prolog", d.prolog())
                      .text("program", d.program())));
      fpo.ifPresent(f ->
          out.object(
              "fpo",
              o ->
                  o.number("size", f.size())
                      .number("params", f.params())
                      .number("locals", f.locals())
                      .number("savedRegisters", f.savedRegs() * 4L)
                      .number("prolog", f.prolog())
                      .number("frame", f.frame())));
    }
  }

  /** A RUNTIME_FUNCTION and its unwind codes. */
  record Entry(
      Arch arch,
      long base,
      String around,
      RuntimeFunctions.Entry entry,
      int infoSize,
      List<String> codes)
      implements Result {
    @Override
    public void text(TextOut out) {
      out.line("Debugger function entry " + Hex.address(arch, base + entry.begin()) + " for:");
      out.line(around);
      out.end();
      out.line("BeginAddress      = " + Hex.address(arch, entry.begin()));
      out.line("EndAddress        = " + Hex.address(arch, entry.end()));
      out.line("UnwindInfoAddress = " + Hex.address(arch, entry.unwindInfo()));
      out.end();
      if (codes.isEmpty()) {
        out.line("Unwind info at " + Hex.address(arch, base + entry.unwindInfo()) + " is missing");
        return;
      }
      out.line(
          "Unwind info at "
              + Hex.address(arch, base + entry.unwindInfo())
              + ", "
              + Long.toHexString(infoSize)
              + " bytes");
      codes.forEach(out::line);
    }

    @Override
    public void json(JsonOut out) {
      out.address("begin", base + entry.begin());
      out.address("end", base + entry.end());
      out.address("unwindInfo", base + entry.unwindInfo());
      out.texts("codes", codes.stream().map(String::strip).toList());
    }
  }
}
