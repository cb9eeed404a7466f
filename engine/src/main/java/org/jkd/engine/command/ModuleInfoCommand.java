// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.engine.render.CTime;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.pe.DebugDirectory;
import org.jkd.pe.PeImage;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.SymbolStatus;
import org.jkd.target.LoadedModule;
import org.jspecify.annotations.Nullable;

/** {@code !lmi Module|Address}: what is known of a module's image and its symbols. */
final class ModuleInfoCommand extends Command {
  private static final String[] DEBUG_TYPES = {
    "UNKNOWN", "COFF", "CODEVIEW", "FPO", "MISC", "EXCEPTION", "FIXUP", "OMAP_TO_SRC",
    "OMAP_FROM_SRC", "BORLAND", "RESERVED10", "CLSID", "VC_FEATURE", "POGO", "ILTCG", "MPX",
    "REPRO"
  };

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.atEnd()) {
      throw new CommandException("!lmi needs a module's name or an address in it");
    }
    Debuggee debuggee = session.debuggee();
    int at = arguments.position();
    String name = arguments.word();
    @Nullable LoadedModule module = debuggee.moduleNamed(name);
    if (module == null) {
      arguments.back(at);
      long address = arguments.address();
      module =
          debuggee
              .moduleAt(address)
              .orElseThrow(() ->
                  new CommandException(
                      Hex.address(session.arch(), address) + " is not in a module"));
    }
    arguments.end();
    ModuleSymbols symbols = debuggee.symbols().symbols(debuggee.identity(module));
    return new Info(
        Hex.address(session.arch(), module.base()),
        module,
        symbols.status(),
        symbols.file().map(Object::toString).orElse(""),
        debuggee.symbols().log(debuggee.identity(module)),
        debuggee.image(module));
  }

  /** A module. */
  record Info(
      String base,
      LoadedModule module,
      SymbolStatus status,
      String symbolFile,
      List<String> log,
      Optional<PeImage> image)
      implements Result {

    @Override
    public void text(TextOut out) {
      out.line("Loaded Module Info: [" + base + "] ");
      label(out, "Module", module.name());
      label(out, "Base Address", base);
      label(out, "Image Name", module.imageName());
      if (image.isPresent()) {
        int machine = image.get().machine();
        label(out, "Machine Type", machine + " (" + machine(machine) + ")");
      }
      boolean hashed = image.filter(i -> i.debug().reproducible()).isPresent();
      String when =
          hashed
              ? " (This is a reproducible build file hash, not a true timestamp)"
              : " " + CTime.stamp(module.timestamp());
      label(out, "Time Stamp", Long.toHexString(module.timestamp()) + when);
      label(out, "Size", Long.toHexString(module.size()));
      label(out, "CheckSum", Long.toHexString(module.checksum()));
      image.ifPresent(i -> label(out, "Characteristics", Integer.toHexString(i.characteristics())));
      image.ifPresent(i -> debug(i, out));
      label(out, "Symbol Type", symbolType());
      if (!symbolFile.isEmpty()) {
        out.line(" ".repeat(17) + symbolFile);
      }
      label(out, "Load Report", report());
      if (!symbolFile.isEmpty()) {
        out.line(" ".repeat(17) + symbolFile);
      }
      if (symbolFile.isEmpty() && !log.isEmpty()) {
        label(out, "Looked In", log.getFirst());
        log.stream().skip(1).forEach(line -> out.line(" ".repeat(17) + line));
      }
    }

    private static void label(TextOut out, String label, String value) {
      out.line(Text.right(label, 15) + ": " + value);
    }

    private static String machine(int machine) {
      return switch (machine) {
        case PeImage.MACHINE_X86 -> "I386";
        case PeImage.MACHINE_X64 -> "X64";
        case PeImage.MACHINE_ARM64 -> "ARM64";
        default -> "unknown";
      };
    }

    private static void debug(PeImage image, TextOut out) {
      List<String> lines = new ArrayList<>();
      for (DebugDirectory.Entry entry : image.debug().entries()) {
        String type =
            entry.type() < DEBUG_TYPES.length ? DEBUG_TYPES[entry.type()] : "" + entry.type();
        String line =
            Text.left(type, 9)
                + Text.right(Long.toHexString(entry.size()), 4)
                + ","
                + Text.right(Long.toHexString(entry.rva()), 6)
                + ","
                + Text.right(Long.toHexString(entry.fileOffset()), 8);
        lines.add(line + codeView(entry, image));
      }
      if (lines.isEmpty()) {
        return;
      }
      label(out, "Debug Data Dirs", "Type  Size     VA  Pointer");
      for (String line : lines) {
        out.line(" ".repeat(17) + line);
      }
    }

    private static String codeView(DebugDirectory.Entry entry, PeImage image) {
      if (entry.type() != DebugDirectory.TYPE_CODEVIEW || image.debug().codeView().isEmpty()) {
        return "";
      }
      return switch (image.debug().codeView().get()) {
        case DebugDirectory.Rsds r ->
            " RSDS - GUID: {" + Text.guid(r.guid()) + "}\n" + age(r.age(), r.path());
        case DebugDirectory.Nb10 n ->
            " NB10 - Sig: " + Long.toHexString(n.signature()) + "\n" + age(n.age(), n.path());
      };
    }

    private static String age(long age, String pdb) {
      return " ".repeat(15) + "Age: " + Long.toHexString(age) + ", Pdb: " + pdb;
    }

    private String symbolType() {
      return switch (status) {
        case DEFERRED -> "DEFERRED - Symbol loading has been deferred.";
        case NONE -> "NONE     - PDB not found";
        case EXPORT -> "EXPORT   - PDB not found";
        case PUBLIC, PRIVATE -> "PDB      - Symbols loaded successfully from image header.";
        case OTHER -> "OTHER    - Symbols loaded successfully.";
        case COFF -> "COFF     - Symbols loaded successfully.";
        case DWARF -> "DWARF    - Symbols loaded successfully.";
        case MAP -> "MAP      - Symbols loaded successfully.";
      };
    }

    private String report() {
      return switch (status) {
        case DEFERRED -> "no symbols loaded";
        case NONE -> "no symbols loaded";
        case EXPORT -> "export symbols";
        case PUBLIC -> "public symbols , not source indexed ";
        case PRIVATE -> "private symbols & lines, not source indexed ";
        case OTHER -> "symbols";
        case COFF -> "coff symbols";
        case DWARF -> "dwarf symbols";
        case MAP -> "map symbols";
      };
    }

    @Override
    public void json(JsonOut out) {
      out.text("module", module.name()).text("imageName", module.imageName());
      out.address("base", module.base()).number("size", module.size());
      out.address("timestamp", module.timestamp()).address("checksum", module.checksum());
      image.ifPresent(i -> out.number("machine", i.machine()));
      image
          .flatMap(i -> i.debug().codeView())
          .ifPresent(c -> out.text("pdb", c.path()).text("pdbKey", c.key()));
      out.text("symbols", status.name().toLowerCase(Locale.ROOT));
      out.optional("symbolFile", symbolFile);
      if (symbolFile.isEmpty()) {
        out.texts("lookedIn", log);
      }
    }
  }
}
