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

  /** Writes text within a line. */
  public TextOut add(String text) {
    try {
      out.append(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
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
