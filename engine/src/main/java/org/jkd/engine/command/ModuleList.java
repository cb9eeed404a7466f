// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.CTime;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.pe.PeImage;
import org.jkd.pe.VersionInfo;
import org.jkd.symbols.SymbolStatus;
import org.jkd.target.LoadedModule;
import org.jkd.target.UnloadedModule;

/**
 * Modules.
 *
 * @param column what stands in the last column: {@code f n t i p}, or a blank for the symbols
 */
record ModuleList(
    Arch arch,
    List<Row> rows,
    List<UnloadedModule> unloaded,
    boolean verbose,
    boolean namesOnly,
    char column)
    implements Result {

  /**
   * A loaded module.
   *
   * @param symbolFile empty while symbols are deferred or have no file
   * @param search where a symbol file was looked for in vain; empty when it was not, or was found
   * @param image its headers and resources, looked at for the verbose form only
   */
  record Row(
      LoadedModule module,
      SymbolStatus status,
      String symbolFile,
      String search,
      Optional<PeImage> image) {}

  @Override
  public void text(TextOut out) {
    if (namesOnly) {
      rows.forEach(r -> out.line(r.module().name()));
      return;
    }
    out.line(
        arch.pointerSize() == 4
            ? "start    end        module name"
            : "start             end                 module name");
    for (Row row : rows) {
      out.line(row(row));
      if (verbose) {
        details(row, out);
      }
    }
    if (!unloaded.isEmpty()) {
      out.end();
      out.line("Unloaded modules:");
      for (UnloadedModule module : unloaded) {
        unloaded(module, out);
      }
    }
  }

  private String row(Row row) {
    LoadedModule m = row.module();
    String head =
        Hex.address(arch, m.base())
            + " "
            + Hex.address(arch, arch.address(m.end()))
            + "   "
            + Text.left(m.name(), 8);
    return switch (column) {
      case 't' -> head + " " + stamp(m.timestamp());
      case 'f', 'i', 'p' -> head + " " + m.imagePath();
      case 'n' -> head + " " + m.imageName();
      default -> {
        // The flag between the name and the status: T when the timestamp is not known.
        String flag = m.timestamp() == 0 && row.status() != SymbolStatus.DEFERRED ? "T" : " ";
        yield head + " " + flag + " " + Text.left(row.status().text(), 23) + row.symbolFile();
      }
    };
  }

  private static String stamp(long timestamp) {
    return timestamp == 0
        ? "unavailable (00000000)"
        : CTime.stamp(timestamp) + " (" + upper(timestamp) + ")";
  }

  private static String upper(long value) {
    return Hex.pad(value, 8).toUpperCase(Locale.ROOT);
  }

  private static void details(Row row, TextOut out) {
    LoadedModule m = row.module();
    out.line("    Loaded symbol image file: " + m.imageName());
    out.line("    Image path: " + m.imagePath());
    out.line("    Image name: " + m.imageName());
    boolean hashed = row.image().filter(i -> i.debug().reproducible()).isPresent();
    if (hashed) {
      out.line("    Image was built with /Brepro flag.");
      field(
          out,
          "Timestamp",
          upper(m.timestamp()) + " (This is a reproducible build file hash, not a timestamp)");
    } else {
      field(out, "Timestamp", stamp(m.timestamp()));
    }
    field(out, "CheckSum", upper(m.checksum()));
    field(out, "ImageSize", upper(m.size()));
    if (!row.search().isEmpty()) {
      field(out, "Symbol search", row.search());
    }
    Optional<VersionInfo> version = row.image().flatMap(PeImage::version);
    if (version.isPresent()) {
      version(version.get(), out);
    } else {
      field(out, "Translations", "0000.04b0 0000.04e4 0409.04b0 0409.04e4");
    }
  }

  private static void version(VersionInfo version, TextOut out) {
    if (version.fixed().isPresent()) {
      VersionInfo.Fixed f = version.fixed().get();
      field(out, "File version", VersionInfo.Fixed.text(f.fileVersion()));
      field(out, "Product version", VersionInfo.Fixed.text(f.productVersion()));
      field(out, "File flags", hex(f.flags()) + " (Mask " + hex(f.flagsMask()) + ")" + flags(f));
      field(out, "File OS", hex(f.os()) + os(f.os()));
      field(out, "File type", f.type() + "." + f.subtype() + type(f.type()));
      field(out, "File date", upper(f.date() >>> 32) + "." + upper(f.date()));
    }
    StringBuilder translations = new StringBuilder();
    for (int t : version.translations()) {
      translations.append(translations.isEmpty() ? "" : " ");
      translations.append(Hex.pad(t, 4)).append('.').append(Hex.pad(t >>> 16, 4));
    }
    if (!translations.isEmpty()) {
      field(out, "Translations", translations.toString());
    }
    out.line("    Information from resource tables:");
    if (!version.tables().isEmpty()) {
      Map<String, String> strings = version.tables().getFirst().strings();
      strings.forEach((name, value) -> out.line("        " + Text.left(name + ":", 18) + value));
    }
  }

  private static String hex(long value) {
    return Long.toHexString(value).toUpperCase(Locale.ROOT);
  }

  private static String flags(VersionInfo.Fixed fixed) {
    String[] names = {"Debug", "Prerelease", "Patched", "Private", "InfoInferred", "Special"};
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < names.length; i++) {
      if ((fixed.flags() & fixed.flagsMask() & 1L << i) != 0) {
        text.append(' ').append(names[i]);
      }
    }
    return text.toString();
  }

  private static String os(long os) {
    String family =
        switch ((int) (os >>> 16)) {
          case 1 -> " DOS";
          case 2 -> " OS/2 16-bit";
          case 3 -> " OS/2 32-bit";
          case 4 -> " NT";
          default -> "";
        };
    return switch ((int) (os & 0xffff)) {
      case 1 -> family + " Win16";
      case 4 -> family + " Win32";
      default -> family + " Base";
    };
  }

  private static String type(long type) {
    return switch ((int) type) {
      case 1 -> " App";
      case 2 -> " Dll";
      case 3 -> " Driver";
      case 4 -> " Font";
      case 7 -> " Static library";
      default -> " Unknown";
    };
  }

  private static void field(TextOut out, String label, String value) {
    out.line("    " + Text.left(label + ":", 18) + value);
  }

  private void unloaded(UnloadedModule module, TextOut out) {
    out.line(
        Hex.address(arch, module.start())
            + " "
            + Hex.address(arch, module.end())
            + "   "
            + module.name());
    if (verbose) {
      out.line("    Timestamp: unavailable (00000000)");
      out.line("    Checksum:  00000000");
      out.line("    ImageSize: " + upper(module.end() - module.start()));
    }
  }

  @Override
  public void json(JsonOut out) {
    out.objects("modules", rows, ModuleList::json);
    out.objects(
        "unloaded",
        unloaded,
        (o, m) -> o.text("name", m.name()).address("start", m.start()).address("end", m.end()));
  }

  private static void json(JsonOut out, Row row) {
    LoadedModule m = row.module();
    out.text("name", m.name()).text("imageName", m.imageName()).text("imagePath", m.imagePath());
    out.address("base", m.base()).number("size", m.size());
    out.address("timestamp", m.timestamp()).address("checksum", m.checksum());
    out.text("symbols", row.status().name().toLowerCase(Locale.ROOT));
    out.optional("symbolFile", row.symbolFile());
    Optional<VersionInfo> version = row.image().flatMap(PeImage::version);
    if (version.isPresent()) {
      version
          .get()
          .fixed()
          .ifPresent(f -> out.text("fileVersion", VersionInfo.Fixed.text(f.fileVersion())));
      if (!version.get().tables().isEmpty()) {
        out.object("version", o -> version.get().tables().getFirst().strings().forEach(o::text));
      }
    }
  }
}
