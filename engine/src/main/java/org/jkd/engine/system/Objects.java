// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.objects.Structure;

/**
 * The headers that the object manager puts before every object: type, name, counts. Three forms:
 * offsets to optional headers (to Windows Vista), a mask of them and an index of types (Windows 7),
 * the same with a hidden index (from Windows 10 on).
 */
final class Objects {
  private static final int CREATOR = 1;
  private static final int NAME = 2;

  private final Nt nt;
  private final long bodyOffset;

  /**
   * @throws org.jkd.objects.MissingTypeException if the symbols do not describe the header
   */
  Objects(Nt nt) {
    this.nt = nt;
    this.bodyOffset = nt.structures().needed("_OBJECT_HEADER", "Body");
  }

  /** The header of the object at an address. */
  Structure header(long object) {
    return nt.at("_OBJECT_HEADER", object - bodyOffset);
  }

  /** The object of the header at an address. */
  long body(long header) {
    return nt.arch().address(header + bodyOffset);
  }

  /** The type object; empty if it cannot be read or is none. */
  Optional<Structure> type(long object) {
    Structure header = header(object);
    OptionalLong direct = header.number("Type");
    OptionalLong type = direct.isPresent() ? direct : byIndex(header);
    return type.isPresent() && nt.isSystem(type.getAsLong())
        ? nt.maybe("_OBJECT_TYPE", type.getAsLong())
        : Optional.empty();
  }

  private OptionalLong byIndex(Structure header) {
    OptionalLong table = nt.find("ObTypeIndexTable");
    OptionalLong index = header.number("TypeIndex");
    if (table.isEmpty() || index.isEmpty()) {
      return OptionalLong.empty();
    }
    long number = index.getAsLong();
    OptionalLong cookie = nt.variable("ObHeaderCookie", 1);
    if (cookie.isPresent()) {
      number = (number ^ cookie.getAsLong() ^ header.address() >>> 8) & 0xff;
    }
    return nt.memory().pointer(table.getAsLong() + number * nt.pointerSize());
  }

  /** The name of the type, for instance {@code Device}; empty if it is not known. */
  String typeName(long object) {
    return type(object).map(t -> t.text("Name")).orElse("");
  }

  /** What the object manager keeps of a name, if the object has one. */
  Optional<Structure> nameInfo(long object) {
    Structure header = header(object);
    OptionalLong offset = header.number("NameInfoOffset");
    if (offset.isPresent()) {
      return offset.getAsLong() == 0
          ? Optional.empty()
          : nt.maybe("_OBJECT_HEADER_NAME_INFO", header.address() - offset.getAsLong());
    }
    long mask = header.number("InfoMask").orElse(0);
    if ((mask & NAME) == 0 || !nt.knows("_OBJECT_HEADER_NAME_INFO")) {
      return Optional.empty();
    }
    long distance = nt.structures().size("_OBJECT_HEADER_NAME_INFO");
    if ((mask & CREATOR) != 0) {
      distance += nt.structures().size("_OBJECT_HEADER_CREATOR_INFO");
    }
    return nt.maybe("_OBJECT_HEADER_NAME_INFO", header.address() - distance);
  }

  /** The last part of the name; empty if it has none. */
  String name(long object) {
    return nameInfo(object).map(i -> i.text("Name")).orElse("");
  }

  /** The directory that the name is in. */
  OptionalLong directory(long object) {
    return nameInfo(object).map(i -> i.number("Directory")).orElse(OptionalLong.empty());
  }

  /** The name of an object of which the header may not be described: then it has none. */
  static String nameOf(Nt nt, long object) {
    return nt.knows("_OBJECT_HEADER") ? new Objects(nt).name(object) : "";
  }
}
