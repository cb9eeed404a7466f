// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.isf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jkd.symbols.Types;

/** The types of an ISF file. */
record IsfTypes(Map<String, StructType> structs) implements Types {
  @Override
  public Optional<StructType> struct(String name) {
    return Optional.ofNullable(structs.get(name));
  }

  @Override
  public List<String> names(Predicate<String> name) {
    return structs.keySet().stream().filter(name).sorted().toList();
  }
}
