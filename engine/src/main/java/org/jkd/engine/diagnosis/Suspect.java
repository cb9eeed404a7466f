// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

/**
 * The module to ask about a crash, and why.
 *
 * @param module the debugger's module name
 * @param owner whom it comes from
 * @param symbol the place in it that speaks for it, or empty
 * @param proof how much it takes to doubt it
 * @param reason what speaks for it, one line for people
 */
public record Suspect(String module, ModuleOwner owner, String symbol, Proof proof, String reason) {

  /** How good the reason is. */
  public enum Proof {
    /** Registers, arguments of the bug check or bytes that are accounted for name it. */
    NAMED("named by the dump"),
    /** It is the nearest module of a chain of calls. */
    NEAREST("nearest on the stack"),
    /** Its code addresses lie on the stack, no chain links them. */
    SEEN("seen on the stack only");

    private final String text;

    Proof(String text) {
      this.text = text;
    }

    /** The words in text and JSON. */
    public String text() {
      return text;
    }
  }
}
