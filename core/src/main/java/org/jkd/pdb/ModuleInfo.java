// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

/**
 * A module of the DBI stream: a compiland.
 *
 * @param name the object file or {@code Import:DLL}
 * @param object the library or object that it came from
 * @param stream its symbol stream, 0xffff when it has none
 * @param symbolBytes bytes of symbols in that stream
 * @param oldLineBytes bytes of lines in the form before Visual C++ 8, which follow the symbols
 * @param lineBytes bytes of lines, which follow those
 */
public record ModuleInfo(
    String name, String object, int stream, long symbolBytes, long oldLineBytes, long lineBytes) {
  /** True when it has symbols. */
  public boolean hasSymbols() {
    return stream != 0xffff && symbolBytes > 4;
  }
}
