// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.nio.charset.StandardCharsets;
import org.jkd.image.Bytes;

/** The marks by which files and their parts are told apart. */
final class Signatures {
  private Signatures() {}

  private static String text(Bytes file, long at, int length) {
    return file.has(at, length)
        ? new String(file.copy(at, length), StandardCharsets.ISO_8859_1)
        : "";
  }

  static boolean isBitmap(Bytes file, long base) {
    String mark = text(file, base, 8);
    return mark.equals("SDMPDUMP") || mark.equals("FDMPDUMP");
  }

  static boolean isRange(Bytes file, long base) {
    return text(file, base + 4, 8).equals("RDMPDUMP");
  }

  static boolean isTriage(Bytes file, DumpFormat format) {
    return file.has(format.headerSize(), TriageHeader.size(format))
        && TriageHeader.read(file, format).valid();
  }

  /** What a file that is no kernel dump seems to be, for the message that refuses it. */
  static String describe(Bytes file) {
    if (file.size() == 0) {
      return "the file is empty";
    }
    String start = text(file, 0, (int) Math.min(8, file.size()));
    if (start.startsWith("MDMP")) {
      return "it is a user-mode minidump";
    }
    if (start.startsWith("MSCF")) {
      return "it is a cabinet; unpack the dump from it first";
    }
    if (start.startsWith("PK\3\4")) {
      return "it is a ZIP archive; unpack the dump from it first";
    }
    if (start.startsWith("7z\u00bc\u00af")) {
      return "it is a 7z archive; unpack the dump from it first";
    }
    if (start.startsWith("\u007fELF")) {
      return "it is an ELF file";
    }
    if (start.startsWith("MZ")) {
      return "it is a PE image";
    }
    if (start.startsWith("USERDU")) {
      return "it is a user dump of an old kind";
    }
    if (file.size() < 8) {
      return "it has only " + file.size() + " bytes";
    }
    StringBuilder hex = new StringBuilder("it starts with");
    for (int i = 0; i < start.length(); i++) {
      hex.append(String.format(" %02x", (int) start.charAt(i)));
    }
    return hex.toString();
  }
}
