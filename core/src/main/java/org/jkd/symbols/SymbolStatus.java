// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

/** What the names of a module come from; the text is what {@code lm} prints. */
public enum SymbolStatus {
  DEFERRED("(deferred)"),
  NONE("(no symbols)"),
  EXPORT("(export symbols)"),
  PUBLIC("(pdb symbols)"),
  PRIVATE("(private pdb symbols)"),
  OTHER("(codeview symbols)"),
  COFF("(coff symbols)"),
  DWARF("(dwarf symbols)"),
  MAP("(map symbols)");

  private final String text;

  SymbolStatus(String text) {
    this.text = text;
  }

  /** True when a symbol file tells the functions, and not the export table alone. */
  public boolean isInformed() {
    return this != DEFERRED && this != NONE && this != EXPORT;
  }

  /** The words that {@code lm} prints, parentheses included. */
  public String text() {
    return text;
  }
}
