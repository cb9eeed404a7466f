// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import org.jkd.code.CodeCheck;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Bytes;
import org.jkd.pe.PeImage;
import org.jkd.symbols.SymbolLoader;
import org.jkd.target.LoadedModule;
import org.jspecify.annotations.Nullable;

/**
 * {@code !chkimg [-d] Module}: where the code of a module differs from its image file. The layout
 * of the differences is that of published {@code !analyze} output; the line with what was compared
 * is jkd's own.
 */
final class CheckImageCommand extends Command {
  /** Bytes of one difference that are written out. */
  private static final int MAX_SHOWN = 64;

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean details = arguments.eatWord("-d");
    String name = arguments.word();
    details |= arguments.eatWord("-d");
    if (name.isEmpty()) {
      throw arguments.error(Kind.SYNTAX);
    }
    arguments.end();
    Debuggee debuggee = session.debuggee();
    @Nullable LoadedModule module =
        debuggee.moduleNamed(name.startsWith("!") ? name.substring(1) : name);
    if (module == null) {
      throw new CommandException("\"" + name + "\" was not found in the image list.");
    }
    Optional<PeImage> file =
        debuggee
            .symbols()
            .loaded(debuggee.identity(module))
            .imageFile()
            .map(SymbolLoader.ImageFile::image);
    if (file.isEmpty()) {
      throw new CommandException(
          "The image file of " + name + " was not found: there is nothing to compare with");
    }
    CodeCheck check =
        CodeCheck.of(
            file.get().loadedAt(module.base()),
            session.memory().memory(),
            a -> debuggee.moduleAt(a).isPresent());
    return new Check(session.arch(), session.names(), name, details, check);
  }

  /** What differs. */
  record Check(Arch arch, Names names, String module, boolean details, CodeCheck check)
      implements Result {
    @Override
    public void text(TextOut out) {
      long errors = 0;
      for (CodeCheck.Difference d : check.differences()) {
        errors += d.inFile().size();
        if (details) {
          detail(d, out);
        }
      }
      String places = "";
      if (errors > 0) {
        long first = check.differences().getFirst().address();
        long last = last(check.differences().getLast());
        places = " (" + range(first, last) + ")";
      }
      out.line(errors + (errors == 1 ? " error : " : " errors : ") + module + places);
      if (check.differences().size() >= CodeCheck.MAX_DIFFERENCES) {
        out.line("The search ended there: the image file may be another version");
      }
      out.line(
          "Compared 0x"
              + Long.toHexString(check.compared())
              + " of 0x"
              + Long.toHexString(check.total())
              + " bytes of code"
              + (check.compared() < check.total() ? "; the rest is not in the dump" : ""));
    }

    private void detail(CodeCheck.Difference d, TextOut out) {
      long count = d.inFile().size();
      String what = count == 1 ? "" : "  " + count + " bytes";
      String where = names.text(d.address()).map(n -> " - " + n).orElse("");
      out.line("    " + range(d.address(), last(d)) + what + where);
      out.line("\t[ " + bytes(d.inFile()) + ":" + bytes(d.inMemory()) + " ]");
    }

    private static long last(CodeCheck.Difference d) {
      return d.address() + d.inFile().size() - 1;
    }

    private String range(long first, long last) {
      String start = Hex.plain(arch, first);
      return first == last ? start : start + "-" + Hex.plain(arch, last);
    }

    private static String bytes(Bytes bytes) {
      StringBuilder text = new StringBuilder();
      for (long i = 0; i < Math.min(MAX_SHOWN, bytes.size()); i++) {
        text.append(i == 0 ? "" : " ").append(Hex.pad(bytes.u8(i), 2));
      }
      return text + (bytes.size() > MAX_SHOWN ? " ..." : "");
    }

    @Override
    public void json(JsonOut out) {
      out.text("module", module);
      out.number("compared", check.compared()).number("total", check.total());
      out.objects(
          "differences",
          check.differences(),
          (o, d) -> {
            o.address("address", d.address()).number("bytes", d.inFile().size());
            names.text(d.address()).ifPresent(n -> o.text("symbol", n));
            o.text("inFile", bytes(d.inFile())).text("inMemory", bytes(d.inMemory()));
          });
    }
  }
}
