// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import org.jkd.symbols.Types;
import org.jkd.symbols.Types.Field;
import org.jkd.symbols.Types.Type;

/**
 * How a list of structures goes on.
 *
 * @param offset of the pointer in the structure
 * @param back from where the pointer leads to the start of the next structure
 */
record ListLink(long offset, long back, Types.Pointer pointer) {

  /**
   * The link that a path such as {@code ActiveProcessLinks.Flink} or {@code Next} names. A pointer
   * in a LIST_ENTRY leads to another LIST_ENTRY, any other to the start of a structure.
   *
   * @throws CommandException if there is no such field, or it is no pointer
   */
  static ListLink of(Types types, Types.StructRef ref, String path) {
    Type type = ref;
    long offset = 0;
    long owner = 0;
    boolean ofEntry = false;
    for (String part : path.split("\\.", -1)) {
      Optional<Types.StructType> struct =
          type instanceof Types.StructRef s ? types.struct(s.name()) : Optional.empty();
      Field field =
          struct
              .flatMap(s -> s.field(part))
              .orElseThrow(() -> new CommandException("Cannot find specified field members."));
      owner = offset;
      offset += field.offset();
      ofEntry = type instanceof Types.StructRef s && s.shown().endsWith("LIST_ENTRY");
      type = field.type();
    }
    if (type instanceof Types.StructRef s && s.shown().endsWith("LIST_ENTRY")) {
      return of(types, ref, path + (s.shown().equals("_SINGLE_LIST_ENTRY") ? ".Next" : ".Flink"));
    }
    if (!(type instanceof Types.Pointer pointer)) {
      throw new CommandException(path + " is no pointer, so no list can be followed");
    }
    return new ListLink(offset, ofEntry ? owner : 0, pointer);
  }
}
