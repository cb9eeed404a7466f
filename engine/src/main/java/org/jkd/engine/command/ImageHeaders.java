// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import org.jkd.engine.render.CTime;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.pe.DebugDirectory;
import org.jkd.pe.PeImage;

/**
 * The headers of an image as {@code !dh} lists them. Fields and bits are those of the PE/COFF
 * specification; numbers are hexadecimal, upper case, right-justified in eight columns.
 *
 * @param headers the first bytes of the image
 * @param start where {@code PE\0\0} stands in them
 */
record ImageHeaders(PeImage image, ByteBuffer headers, int start, boolean file, boolean sections)
    implements Result {
  private static final int MAX_SECTIONS = 512;
  private static final int DIRECTORIES = 16;

  private static final String[] CHARACTERISTICS = {
    "Relocations stripped",
    "Executable",
    "Line numbers stripped",
    "Symbols stripped",
    "",
    "App can handle >2gb addresses",
    "",
    "",
    "32 bit word machine",
    "Debug information stripped",
    "Copy to swapfile if image is on removable media",
    "Copy to swapfile if image is on net",
    "System",
    "DLL",
    "Run only on uniprocessor machine",
    ""
  };

  private static final String[] DLL_CHARACTERISTICS = {
    "",
    "",
    "",
    "",
    "",
    "High entropy VA supported",
    "Dynamic base",
    "Force integrity check",
    "NX compatible",
    "No isolation",
    "No structured exception handler",
    "Do not bind",
    "AppContainer",
    "WDM driver",
    "Guard",
    "Terminal server aware"
  };

  private static final String[] DIRECTORY_NAMES = {
    "Export",
    "Import",
    "Resource",
    "Exception",
    "Security",
    "Base Relocation",
    "Debug",
    "Description",
    "Special",
    "Thread Storage",
    "Load Configuration",
    "Bound Import",
    "Import Address Table",
    "Delay Import",
    "COR20 Header",
    "Reserved"
  };

  private int u16(int at) {
    return at + 2 <= headers.limit() ? headers.getShort(at) & 0xffff : 0;
  }

  private long u32(int at) {
    return at + 4 <= headers.limit() ? headers.getInt(at) & 0xffff_ffffL : 0;
  }

  private long u64(int at) {
    return u32(at) | u32(at + 4) << 32;
  }

  private static String number(long value) {
    return Text.right(Long.toHexString(value).toUpperCase(Locale.ROOT), 8);
  }

  private static void line(TextOut out, long value, String label) {
    out.line(number(value) + " " + label);
  }

  @Override
  public void text(TextOut out) {
    if (file) {
      fileHeader(out);
      optionalHeader(out);
    }
    if (sections) {
      int count = Math.min(MAX_SECTIONS, u16(start + 6));
      int at = start + 0x18 + u16(start + 0x14);
      for (int i = 0; i < count && at + 40 * (i + 1) <= headers.limit(); i++) {
        section(out, i + 1, at + 40 * i);
      }
      debug(out);
    }
  }

  private void fileHeader(TextOut out) {
    int machine = u16(start + 4);
    int characteristics = u16(start + 0x16);
    out.line("");
    out.line("File Type: " + ((characteristics & 0x2000) != 0 ? "DLL" : "EXECUTABLE IMAGE"));
    out.line("FILE HEADER VALUES");
    line(
        out,
        machine,
        "machine ("
            + switch (machine) {
              case PeImage.MACHINE_X86 -> "i386";
              case PeImage.MACHINE_X64 -> "X64";
              case PeImage.MACHINE_ARM64 -> "ARM64";
              default -> "Unknown";
            }
            + ")");
    line(out, u16(start + 6), "number of sections");
    long stamp = u32(start + 8);
    String time =
        image.debug().reproducible()
            ? "(This is a reproducible build file hash, not a true timestamp)"
            : CTime.text(LocalDateTime.ofEpochSecond(stamp, 0, ZoneOffset.UTC));
    out.line(Hex.pad(stamp, 8).toUpperCase(Locale.ROOT) + " time date stamp " + time);
    out.line("");
    line(out, u32(start + 0xc), "file pointer to symbol table");
    line(out, u32(start + 0x10), "number of symbols");
    line(out, u16(start + 0x14), "size of optional header");
    line(out, characteristics, "characteristics");
    bits(out, characteristics, CHARACTERISTICS);
    out.line("");
  }

  private static void bits(TextOut out, int value, String[] names) {
    for (int bit = 0; bit < names.length; bit++) {
      if ((value >> bit & 1) == 1 && !names[bit].isEmpty()) {
        out.line("            " + names[bit]);
      }
    }
  }

  private void optionalHeader(TextOut out) {
    int at = start + 0x18;
    boolean plus = u16(at) == 0x20b;
    out.line("OPTIONAL HEADER VALUES");
    line(out, u16(at), "magic #");
    int minor = at + 3 < headers.limit() ? headers.get(at + 3) & 0xff : 0;
    int major = at + 2 < headers.limit() ? headers.get(at + 2) & 0xff : 0;
    out.line(version(major, minor) + " linker version");
    line(out, u32(at + 4), "size of code");
    line(out, u32(at + 8), "size of initialized data");
    line(out, u32(at + 0xc), "size of uninitialized data");
    line(out, u32(at + 0x10), "address of entry point");
    line(out, u32(at + 0x14), "base of code");
    out.line("         ----- new -----");
    out.line((plus ? Hex.pad(u64(at + 0x18), 16) : Hex.pad(u32(at + 0x1c), 8)) + " image base");
    line(out, u32(at + 0x20), "section alignment");
    line(out, u32(at + 0x24), "file alignment");
    line(out, u16(at + 0x44), "subsystem (" + subsystem(u16(at + 0x44)) + ")");
    out.line(version(u16(at + 0x28), u16(at + 0x2a)) + " operating system version");
    out.line(version(u16(at + 0x2c), u16(at + 0x2e)) + " image version");
    out.line(version(u16(at + 0x30), u16(at + 0x32)) + " subsystem version");
    line(out, u32(at + 0x38), "size of image");
    line(out, u32(at + 0x3c), "size of headers");
    line(out, u32(at + 0x40), "checksum");
    String[] memory = {"stack reserve", "stack commit", "heap reserve", "heap commit"};
    int width = plus ? 8 : 4;
    for (int i = 0; i < memory.length; i++) {
      int place = at + 0x48 + i * width;
      out.line(Hex.pad(plus ? u64(place) : u32(place), width * 2) + " size of " + memory[i]);
    }
    out.line(number(u16(at + 0x46)) + "  DLL characteristics");
    bits(out, u16(at + 0x46), DLL_CHARACTERISTICS);
    int directories = at + (plus ? 0x70 : 0x60);
    long count = Math.min(DIRECTORIES, u32(directories - 4));
    for (int i = 0; i < count; i++) {
      out.line(
          number(u32(directories + 8 * i))
              + " ["
              + number(u32(directories + 8 * i + 4))
              + "] address [size] of "
              + DIRECTORY_NAMES[i]
              + " Directory");
    }
    out.line("");
  }

  private static String version(int major, int minor) {
    return Text.right(major + "." + (minor < 10 ? "0" : "") + minor, 8);
  }

  private static String subsystem(int number) {
    return switch (number) {
      case 1 -> "Native";
      case 2 -> "Windows GUI";
      case 3 -> "Windows CUI";
      case 7 -> "Posix CUI";
      case 10 -> "EFI application";
      case 16 -> "Windows Boot Application";
      default -> "Unknown";
    };
  }

  private void section(TextOut out, int number, int at) {
    byte[] name = new byte[8];
    headers.get(at, name);
    String shown = new String(name, StandardCharsets.ISO_8859_1).replaceAll("\0.*", "");
    out.line("");
    out.line("SECTION HEADER #" + Integer.toHexString(number).toUpperCase(Locale.ROOT));
    out.line(Text.right(shown, 8) + " name");
    line(out, u32(at + 8), "virtual size");
    line(out, u32(at + 0xc), "virtual address");
    line(out, u32(at + 0x10), "size of raw data");
    line(out, u32(at + 0x14), "file pointer to raw data");
    line(out, u32(at + 0x18), "file pointer to relocation table");
    line(out, u32(at + 0x1c), "file pointer to line numbers");
    line(out, u16(at + 0x20), "number of relocations");
    line(out, u16(at + 0x22), "number of line numbers");
    long flags = u32(at + 0x24);
    line(out, flags, "flags");
    flag(out, flags, 5, "Code");
    flag(out, flags, 6, "Initialized Data");
    flag(out, flags, 7, "Uninitialized Data");
    flag(out, flags, 25, "Discardable");
    flag(out, flags, 26, "Not Cached");
    flag(out, flags, 27, "Not Paged");
    flag(out, flags, 28, "Shared");
    long align = flags >>> 20 & 15;
    out.line(
        align == 0
            ? "         (no align specified)"
            : "         Align" + (1L << align - 1) + " bytes");
    String access =
        ((flags >>> 29 & 1) == 1 ? "Execute " : "")
            + ((flags >>> 30 & 1) == 1 ? "Read " : "")
            + ((flags >>> 31 & 1) == 1 ? "Write" : "");
    out.line(("         " + access).stripTrailing());
    out.line("");
  }

  private static void flag(TextOut out, long flags, int bit, String name) {
    if ((flags >>> bit & 1) == 1) {
      out.line("         " + name);
    }
  }

  private void debug(TextOut out) {
    DebugDirectory debug = image.debug();
    if (debug.entries().isEmpty()) {
      return;
    }
    out.line("");
    out.line("Debug Directories(" + debug.entries().size() + ")");
    out.line("\tType       Size     Address  Pointer");
    for (DebugDirectory.Entry entry : debug.entries()) {
      boolean codeView = entry.type() == DebugDirectory.TYPE_CODEVIEW;
      String type =
          codeView
              ? "cv      "
              : entry.type() == DebugDirectory.TYPE_MISC
                  ? "dbg     "
                  : "(" + Text.right(Integer.toString(entry.type()), 6) + ")";
      String row =
          "\t"
              + type
              + Text.right(Long.toHexString(entry.size()), 7)
              + Text.right(Long.toHexString(entry.rva()), 12)
              + Text.right(Long.toHexString(entry.fileOffset()), 9);
      out.line(row + (codeView ? "\t" + format(debug) : ""));
    }
  }

  private static String format(DebugDirectory debug) {
    return debug
        .codeView()
        .map(c ->
            switch (c) {
              case DebugDirectory.Rsds r -> "Format: RSDS, guid, " + r.age() + ", " + r.path();
              case DebugDirectory.Nb10 n ->
                  "Format: NB10, "
                      + Long.toHexString(n.signature())
                      + ", "
                      + n.age()
                      + ", "
                      + n.path();
            })
        .orElse("");
  }

  @Override
  public void json(JsonOut out) {
    out.number("machine", u16(start + 4))
        .number("timestamp", u32(start + 8))
        .number("characteristics", u16(start + 0x16))
        .address("imageBase", image.imageBase())
        .number("size", image.sizeOfImage())
        .number("checksum", image.checksum())
        .address("entryPoint", image.entryPoint());
    out.objects(
        "sections",
        image.sections(),
        (o, s) -> o.text("name", s.name()).address("address", s.rva()).number("size", s.size()));
  }
}
