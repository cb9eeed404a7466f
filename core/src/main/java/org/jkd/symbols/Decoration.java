// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import org.jkd.symbols.undecorate.Undecorator;

/** Turns the names of linkers into the names that kd shows. */
public final class Decoration {
  private Decoration() {}

  /**
   * The shown form of a public name: one leading {@code _} or {@code @} and a suffix {@code @N} are
   * taken off C names ({@code __real@3f800000} and the like count as such; a vectorcall function
   * has two {@code @}); of C++ names the scopes, the name and the template arguments are kept. A
   * C++ name that cannot be read stays as it is.
   */
  public static String shown(String decorated) {
    if (decorated.startsWith("?")) {
      return Undecorator.name(decorated).orElse(decorated);
    }
    int end = decorated.length();
    int at = decorated.lastIndexOf('@');
    if (at > 0 && at + 1 < end && hexDigits(decorated, at + 1)) {
      end = decorated.charAt(at - 1) == '@' ? at - 1 : at;
    }
    int start = decorated.startsWith("_") || decorated.startsWith("@") ? 1 : 0;
    if (start >= end) {
      return decorated;
    }
    // The import slot of a fastcall function keeps the function's own @ inside.
    String bare = decorated.substring(start, end);
    return bare.startsWith("_imp_@") ? "_imp_" + bare.substring(6) : bare;
  }

  private static boolean hexDigits(String s, int from) {
    for (int i = from; i < s.length(); i++) {
      if (Character.digit(s.charAt(i), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean digits(String s, int from) {
    for (int i = from; i < s.length(); i++) {
      if (s.charAt(i) < '0' || s.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /**
   * The bytes of arguments that a decorated C name promises: of {@code _name@12} and {@code
   * @name@12} twelve; −1 when the name says nothing.
   */
  public static int argumentBytes(String decorated) {
    int at = decorated.lastIndexOf('@');
    if (at <= 0
        || at + 1 >= decorated.length()
        || decorated.length() - at > 6
        || decorated.startsWith("?")
        || !digits(decorated, at + 1)) {
      return -1;
    }
    return Integer.parseInt(decorated.substring(at + 1));
  }
}
