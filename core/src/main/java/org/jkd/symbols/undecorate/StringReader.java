// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.HexFormat;

/**
 * Reads the names of string literals: their kind, their length in bytes, a checksum and their first
 * 32 bytes. Whether a string that is not {@code wchar_t} has characters of one, two or four bytes
 * is not said and is guessed from its zeros.
 */
final class StringReader {
  /** Some compilers wrote more than 32 bytes. */
  private static final int MAX_BYTES = 128;

  private static final int WHOLE_WIDE = 64;
  private static final int WHOLE = 32;
  private static final int TAG = 8;
  private static final String PUNCTUATION = ",/\\:. \n\t'-";

  private final Scan scan;
  private final StringBuilder text = new StringBuilder();

  StringReader(Scan scan) {
    this.scan = scan;
  }

  Declared read() throws Unreadable {
    scan.expect("@_");
    char kind = scan.next();
    long length = scan.unsigned();
    scan.until('@');
    return switch (kind) {
      case '0' -> narrow(length);
      case '1' -> wide(length);
      default -> throw scan.unreadable("an unknown kind of string");
    };
  }

  private Declared wide(long length) throws Unreadable {
    if (length < 2) {
      throw scan.unreadable("a string without its end");
    }
    boolean truncated = Long.compareUnsigned(length, WHOLE_WIDE) > 0;
    long left = length;
    while (!scan.skip("@")) {
      int high = octet();
      int c = high << 8 | octet();
      if (left != 2 || truncated) {
        escape(c);
      }
      left -= 2;
    }
    return new Declared.Text("L", text.toString(), truncated, tag());
  }

  private Declared narrow(long length) throws Unreadable {
    byte[] bytes = new byte[MAX_BYTES];
    int count = 0;
    while (!scan.skip("@")) {
      if (count == MAX_BYTES) {
        throw scan.unreadable("a string of more than " + MAX_BYTES + " bytes");
      }
      bytes[count++] = (byte) octet();
    }
    if (length == 0) {
      throw scan.unreadable("a string without its end");
    }
    boolean truncated = Long.compareUnsigned(length, count) > 0;
    int width = width(bytes, count, length);
    int characters = count / width;
    for (int i = 0; i < characters; i++) {
      int c = 0;
      for (int b = 0; b < width; b++) {
        c |= (bytes[i * width + b] & 0xff) << (8 * b);
      }
      if (i + 1 < characters || truncated) {
        escape(c);
      }
    }
    String prefix = width == 1 ? "" : width == 2 ? "u" : "U";
    return new Declared.Text(prefix, text.toString(), truncated, tag());
  }

  /** Bytes per character: by the zeros at the end of a whole string, by all zeros of a part. */
  private static int width(byte[] bytes, int count, long length) {
    if ((length & 1) != 0) {
      return 1;
    }
    if (Long.compareUnsigned(length, WHOLE) < 0) {
      int zeros = 0;
      while (zeros < count && bytes[count - 1 - zeros] == 0) {
        zeros++;
      }
      return zeros >= 4 && length % 4 == 0 ? 4 : zeros >= 2 ? 2 : 1;
    }
    int zeros = 0;
    for (int i = 0; i < count; i++) {
      zeros += bytes[i] == 0 ? 1 : 0;
    }
    if (zeros >= 2 * count / 3 && length % 4 == 0) {
      return 4;
    }
    return zeros >= count / 3 ? 2 : 1;
  }

  /** One encoded byte. */
  private int octet() throws Unreadable {
    char c = scan.next();
    if (c != '?') {
      return c & 0xff;
    }
    c = scan.next();
    if (c == '$') {
      return nibble() << 4 | nibble();
    }
    if (c >= '0' && c <= '9') {
      return PUNCTUATION.charAt(c - '0');
    }
    if (c >= 'a' && c <= 'z') {
      return 0xe1 + c - 'a';
    }
    if (c >= 'A' && c <= 'Z') {
      return 0xc1 + c - 'A';
    }
    throw scan.unreadable("an unknown character of a string");
  }

  private int nibble() throws Unreadable {
    char c = scan.next();
    if (c < 'A' || c > 'P') {
      throw scan.unreadable("not a number");
    }
    return c - 'A';
  }

  private void escape(int c) {
    switch (c) {
      case 0 -> text.append("\\0");
      case '\'' -> text.append("\\'");
      case '"' -> text.append("\\\"");
      case '\\' -> text.append("\\\\");
      case 7 -> text.append("\\a");
      case '\b' -> text.append("\\b");
      case '\f' -> text.append("\\f");
      case '\n' -> text.append("\\n");
      case '\r' -> text.append("\\r");
      case '\t' -> text.append("\\t");
      case 11 -> text.append("\\v");
      default -> {
        if (c > 0x1f && c < 0x7f) {
          text.append((char) c);
        } else {
          int digits = 2;
          while (digits < 8 && c >>> (4 * digits) != 0) {
            digits += 2;
          }
          text.append("\\x").append(HexFormat.of().withUpperCase().toHexDigits(c, digits));
        }
      }
    }
  }

  /** The tag of the compiland, eight capital letters. */
  private String tag() throws Unreadable {
    if (scan.atEnd()) {
      return "";
    }
    int start = scan.at();
    while (scan.peek() >= 'A' && scan.peek() <= 'Z' && scan.at() - start <= TAG) {
      scan.next();
    }
    String tag = scan.since(start);
    return tag.length() == TAG && scan.peek() == '@' ? tag : "";
  }
}
