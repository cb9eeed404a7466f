// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

/**
 * A line of source and the code that was made of it.
 *
 * @param file as the compiler was given it
 * @param rva where the code of the line begins
 * @param size bytes up to the next line
 */
public record SourceLine(String file, int line, long rva, long size) {
  /** {@code file @ line}, as kd shows it in back-traces. */
  public String text() {
    return file + " @ " + line;
  }
}
