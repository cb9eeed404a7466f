// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.OptionalLong;

/** Strings out of the target's memory, as {@code .printf} and {@code as} take them. */
final class TargetText {
  /** Characters; what is longer is cut. */
  static final int MAX = 0x4000;

  private TargetText() {}

  /**
   * A string that ends with a zero.
   *
   * @param unit bytes per character: 1 or 2
   * @throws CommandException if not even its first character can be read
   */
  static String string(Session session, long address, int unit) {
    StringBuilder text = new StringBuilder();
    long at = session.arch().address(address);
    while (text.length() < MAX) {
      OptionalLong c = session.memory().number(at, unit);
      if (c.isEmpty() && text.isEmpty()) {
        throw unreadable(session, at);
      }
      if (c.isEmpty() || c.getAsLong() == 0) {
        break;
      }
      text.append((char) c.getAsLong());
      at += unit;
    }
    return text.toString();
  }

  /** The text of an {@code ANSI_STRING} or {@code UNICODE_STRING}. */
  static String counted(Session session, long address, int unit) {
    long at = session.arch().address(address);
    OptionalLong bytes = session.memory().number(at, 2);
    OptionalLong buffer = session.memory().pointer(at + session.arch().pointerSize());
    if (bytes.isEmpty() || buffer.isEmpty()) {
      throw unreadable(session, at);
    }
    StringBuilder text = new StringBuilder();
    long characters = Math.min(MAX, bytes.getAsLong() / unit);
    for (int i = 0; i < characters; i++) {
      OptionalLong c = session.memory().number(buffer.getAsLong() + (long) i * unit, unit);
      if (c.isEmpty()) {
        if (text.isEmpty()) {
          throw unreadable(session, buffer.getAsLong());
        }
        break;
      }
      text.append((char) c.getAsLong());
    }
    return text.toString();
  }

  private static CommandException unreadable(Session session, long address) {
    String place = org.jkd.engine.render.Hex.address(session.arch(), address);
    String why = session.memory().memory().whyUnreadable(address).text();
    return new CommandException("The string at " + place + " cannot be read: " + why);
  }
}
