// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.isf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jkd.symbols.Types;

/** The types of an ISF file. */
record IsfTypes(Map<String, StructType> structs, Map<String, EnumType> enums) implements Types {
  @Override
  public Optional<StructType> struct(String name) {
    return Optional.ofNullable(structs.get(name));
  }

  @Override
  public Optional<Type> named(String name) {
    Optional<Type> struct = Types.super.named(name);
    return struct.isPresent() ? struct : Optional.ofNullable(enums.get(Types.withoutKeyword(name)));
  }

  @Override
  public List<String> names(Predicate<String> name) {
    return Stream.concat(structs.keySet().stream(), enums.keySet().stream())
        .filter(name)
        .sorted()
        .distinct()
        .toList();
  }
}
