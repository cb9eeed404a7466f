// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jkd.image.Bytes;
import org.jspecify.annotations.Nullable;

/** The kinds of entries of a unit: what attributes an entry has, and in which forms. */
final class Abbreviations {
  private static final int MAX_KINDS = 1 << 16;
  private static final int MAX_ATTRIBUTES = 1 << 10;

  private final Map<Long, Kind> kinds = new HashMap<>();

  /**
   * A kind of entry.
   *
   * @param children true when entries follow that belong to it
   */
  record Kind(int tag, boolean children, List<Spec> attributes) {}

  /**
   * An attribute of a kind.
   *
   * @param constant the value, in the form that has it here
   */
  record Spec(int name, int form, long constant) {}

  Abbreviations(Bytes section, long offset) {
    Cursor in = new Cursor(section, offset);
    while (true) {
      long code = in.uleb();
      if (code == 0) {
        return;
      }
      int tag = in.small();
      boolean children = in.u8() != 0;
      List<Spec> attributes = new ArrayList<>();
      while (true) {
        int name = in.small();
        int form = in.small();
        long constant = form == Form.IMPLICIT_CONST ? in.sleb() : 0;
        if (name == 0 && form == 0) {
          break;
        }
        if (attributes.size() == MAX_ATTRIBUTES || kinds.size() == MAX_KINDS) {
          throw in.broken("too many abbreviations");
        }
        attributes.add(new Spec(name, form, constant));
      }
      kinds.put(code, new Kind(tag, children, attributes));
    }
  }

  /** The kind of a code; null when it is not told. */
  @Nullable Kind of(long code) {
    return kinds.get(code);
  }
}
