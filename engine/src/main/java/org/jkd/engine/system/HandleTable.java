// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.image.Cancellation;
import org.jkd.objects.Structure;

/**
 * The handles of a process: a tree of pages of up to three levels, of which the lowest two bits of
 * {@code TableCode} give the height. An entry holds the object's header with flags in its low bits;
 * from Windows 8 on in a field of bits of its own.
 */
final class HandleTable {
  private static final int PAGE = 0x1000;
  private static final int MAX_HANDLES = 1 << 20;

  private final Nt nt;
  private final Structure table;
  private final int entrySize;
  private final Objects objects;

  HandleTable(Nt nt, long address) {
    this.nt = nt;
    this.table = nt.at("_HANDLE_TABLE", address);
    this.entrySize = (int) nt.structures().size("_HANDLE_TABLE_ENTRY");
    this.objects = new Objects(nt);
    table.place("TableCode");
  }

  /** A handle that is in use. */
  record Handle(long value, long object, OptionalLong access, long entry) {}

  /**
   * Handles of a table.
   *
   * @param problem why there may be more
   */
  record Found(List<Handle> handles, Optional<String> problem) {}

  /** How many are in use, as the table says. */
  OptionalLong count() {
    return table.number("HandleCount", "FreeLists.HandleCount");
  }

  /** Where the first level lies. */
  long code() {
    return table.number("TableCode").orElse(0) & ~7L;
  }

  /** The entry of one handle, if it is in use. */
  Optional<Handle> find(long value) {
    long index = value >>> 2;
    long perPage = PAGE / entrySize;
    long pointers = PAGE / nt.pointerSize();
    long code = table.number("TableCode").orElse(0);
    long page = code & ~7L;
    for (int level = (int) (code & 3); level > 0; level--) {
      long below = perPage * (level == 2 ? pointers : 1);
      long slot = index / below;
      if (slot >= pointers) {
        return Optional.empty();
      }
      page = nt.memory().pointer(page + slot * nt.pointerSize()).orElse(0);
      index %= below;
    }
    return index < perPage && nt.isSystem(page)
        ? handle(value & ~3L, page + index * entrySize)
        : Optional.empty();
  }

  /** All handles that are in use, ascending. */
  Found all() {
    OptionalLong code = table.number("TableCode");
    if (code.isEmpty()) {
      return new Found(List.of(), Optional.of(unreadable(table.address())));
    }
    List<Long> pages = new ArrayList<>(List.of(code.getAsLong() & ~7L));
    Optional<String> problem = Optional.empty();
    for (int level = (int) (code.getAsLong() & 3); level > 0; level--) {
      List<Long> below = new ArrayList<>();
      for (long page : pages) {
        Optional<String> end = children(page, below);
        problem = problem.or(() -> end);
      }
      pages = below;
    }
    List<Handle> handles = new ArrayList<>();
    int perPage = PAGE / entrySize;
    for (int i = 0; i < pages.size() && handles.size() < MAX_HANDLES; i++) {
      Cancellation.check();
      long page = pages.get(i);
      if (nt.memory().pointer(page).isEmpty()) {
        problem = problem.or(() -> Optional.of(unreadable(page)));
        continue;
      }
      for (int k = 0; k < perPage; k++) {
        handle(4L * ((long) i * perPage + k), page + (long) k * entrySize).ifPresent(handles::add);
      }
    }
    return new Found(handles, problem);
  }

  /** The pages that a page of pointers leads to, up to the first null. */
  private Optional<String> children(long page, List<Long> into) {
    for (int i = 0; i < PAGE / nt.pointerSize(); i++) {
      OptionalLong child = nt.memory().pointer(page + (long) i * nt.pointerSize());
      if (child.isEmpty()) {
        return Optional.of(unreadable(page + (long) i * nt.pointerSize()));
      }
      if (child.getAsLong() == 0) {
        return Optional.empty();
      }
      if (!nt.isSystem(child.getAsLong()) || into.size() >= MAX_HANDLES / PAGE * entrySize) {
        return Optional.of(
            "*** The table of handles ends here: " + nt.hex(child) + " is no address of a page");
      }
      into.add(child.getAsLong());
    }
    return Optional.empty();
  }

  private String unreadable(long address) {
    return "*** The table of handles cannot be read at "
        + nt.hex(address)
        + ": "
        + nt.memory().memory().whyUnreadable(address).text();
  }

  private Optional<Handle> handle(long value, long address) {
    Structure entry = nt.at("_HANDLE_TABLE_ENTRY", address);
    OptionalLong bits = entry.number("ObjectPointerBits");
    long header;
    if (bits.isPresent()) {
      // 44 bits of a 64-bit address without its low four and with its sign; 29 of a 32-bit one.
      header = nt.isX86() ? bits.getAsLong() << 3 : bits.getAsLong() << 20 >> 16;
    } else {
      header = entry.number("Object").orElse(0) & ~7L;
    }
    if (!nt.isSystem(header)) {
      return Optional.empty();
    }
    return Optional.of(
        new Handle(
            value,
            objects.body(header),
            entry.number("GrantedAccessBits", "GrantedAccess"),
            address));
  }
}
