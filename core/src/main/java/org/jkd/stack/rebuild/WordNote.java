// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a word of a rebuilt stack is.
 *
 * @param value empty when it cannot be read
 * @param frame the index of the frame that it belongs to, if there is one
 * @param text for people, for instance {@code return address of frame 3}
 */
public record WordNote(
    long address, OptionalLong value, Kind kind, OptionalInt frame, String text) {

  /** The text without the name of what the word points at. */
  public String what() {
    int name = text.indexOf(": ");
    return name < 0 ? text : text.substring(0, name);
  }

  /** The kinds of words. */
  public enum Kind {
    /** The return address of a frame. */
    RETURN,
    /** The frame pointer that a function saved. */
    LINK,
    /** Another register that a function saved. */
    SAVED_REGISTER,
    /** An argument of a call. */
    ARGUMENT,
    /** Part of a trap frame. */
    TRAP_FRAME,
    /** A return address that no longer counts. */
    RESIDUE,
    /** Another address of code. */
    CODE,
    /** An address of a stack. */
    STACK,
    /** Anything else. */
    DATA,
    /** Not in the dump. */
    UNREADABLE
  }
}
