// SPDX-License-Identifier: Apache-2.0
package org.jkd.objects;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.image.MemoryReader;
import org.jkd.symbols.Types;

/** The structures of one module, as its symbols describe them, in a memory. */
public final class Structures {
  private final String module;
  private final Types types;
  private final MemoryReader memory;
  private final Map<String, Optional<Place>> places = new HashMap<>();

  /**
   * A field.
   *
   * @param offset bytes from the start of the outermost structure
   */
  record Place(long offset, Types.Type type) {}

  /**
   * @param module the debugger's name of the module, for instance {@code nt}
   */
  public Structures(String module, Types types, MemoryReader memory) {
    this.module = module;
    this.types = types;
    this.memory = memory;
  }

  /** The memory that structures are read from. */
  public MemoryReader memory() {
    return memory;
  }

  /** The same structures in another memory, for instance that of a process. */
  public Structures in(MemoryReader other) {
    return new Structures(module, types, other);
  }

  /** True if a structure is described. */
  public boolean knows(String type) {
    return types.struct(type).isPresent();
  }

  /**
   * The size of a structure in bytes.
   *
   * @throws MissingTypeException if it is not described
   */
  public long size(String type) {
    return types.struct(type).orElseThrow(() -> new MissingTypeException(module, type)).size();
  }

  /**
   * The structure at an address; nothing is read yet.
   *
   * @throws MissingTypeException if it is not described
   */
  public Structure at(String type, long address) {
    if (!knows(type)) {
      throw new MissingTypeException(module, type);
    }
    return new Structure(this, type, address);
  }

  /** Where a field lies in its structure; empty if there is no such field. */
  public OptionalLong offset(String type, String path) {
    Optional<Place> place = place(type, path);
    return place.isPresent() ? OptionalLong.of(place.get().offset()) : OptionalLong.empty();
  }

  /**
   * Where a field lies that must be there.
   *
   * @throws MissingTypeException if it is not described
   */
  public long needed(String type, String path) {
    return place(type, path)
        .orElseThrow(() -> new MissingTypeException(module, type + "." + path))
        .offset();
  }

  /**
   * The number of elements of an array.
   *
   * @return 0 if there is no such array
   */
  public long count(String type, String path) {
    return place(type, path).map(Place::type).orElse(null) instanceof Types.Array a ? a.count() : 0;
  }

  /** Bytes of a field, all dimensions of an array included; 0 if there is no such field. */
  public long bytes(String type, String path) {
    return place(type, path).map(p -> p.type().size()).orElse(0L);
  }

  /** Bytes between the elements of an array; 0 if there is no such array. */
  public long stride(String type, String path) {
    return place(type, path).map(Place::type).orElse(null) instanceof Types.Array a
        ? a.element().size()
        : 0;
  }

  /** A field by its path: {@code Tcb.Header.Type}; of an array of structures the first is taken. */
  Optional<Place> place(String type, String path) {
    return places.computeIfAbsent(type + "." + path, key -> find(type, path));
  }

  private Optional<Place> find(String type, String path) {
    long offset = 0;
    String owner = type;
    Types.Type last = new Types.VoidType("");
    for (String part : path.split("\\.", -1)) {
      Optional<Types.Field> field = types.struct(owner).flatMap(s -> s.field(part));
      if (field.isEmpty()) {
        return Optional.empty();
      }
      offset += field.get().offset();
      last = field.get().type();
      Types.Type inner = last instanceof Types.Array a ? a.element() : last;
      owner = inner instanceof Types.StructRef s ? s.name() : "";
    }
    return Optional.of(new Place(offset, last));
  }

  String module() {
    return module;
  }
}
