// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.render;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jkd.cpu.Arch;
import org.jkd.image.Cancellation;

/** Lines of text for people, on the way to wherever the program sends them. */
public final class TextOut {
  private final Appendable out;
  private final Arch arch;

  /**
   * @param arch decides the width of addresses
   */
  public TextOut(Appendable out, Arch arch) {
    this.out = out;
    this.arch = arch;
  }

  /** The target's architecture. */
  public Arch arch() {
    return arch;
  }

  /** An address in the width of the target, with a grave accent on 64-bit ones. */
  public String address(long value) {
    return Hex.address(arch, value);
  }

  /** Writes text and ends the line. */
  public TextOut line(String text) {
    return add(text).end();
  }

  /**
   * Writes text within a line. Names and strings of a dump may hold what a terminal obeys; control
   * characters other than line ends and tabs, and those that turn the direction of writing, become
   * dots.
   */
  public TextOut add(String text) {
    try {
      out.append(harmless(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  private static String harmless(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isObeyed(text.charAt(i))) {
        StringBuilder clean = new StringBuilder(text);
        for (int k = i; k < clean.length(); k++) {
          if (isObeyed(clean.charAt(k))) {
            clean.setCharAt(k, '.');
          }
        }
        return clean.toString();
      }
    }
    return text;
  }

  private static boolean isObeyed(char c) {
    return c < ' ' && c != '\n' && c != '\t'
        || c >= 0x7f && c < 0xa0
        || c >= 0x202a && c <= 0x202e
        || c >= 0x2066 && c <= 0x2069;
  }

  /**
   * Ends the line.
   *
   * @throws org.jkd.image.CancelledException if whoever reads the text wants no more of it
   */
  public TextOut end() {
    add("\n");
    Cancellation.check();
    return this;
  }
}
