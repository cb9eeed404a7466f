// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/**
 * Names of structures, unions and enumerations to type indices. The stream's hash values lead from
 * a name to the few records that may have it; a definition inside a function is hashed by its
 * decorated name, so that a name that the hash does not know is looked for once among all records.
 */
final class TypeNames {
  /** Microsoft's linker has 0x3ffff buckets, older ones 0x1000. */
  private static final int MAX_BUCKETS = 1 << 18;

  private final Tpi types;
  private final @Nullable MsfStream hashes;
  private final long hashesAt;
  private final int keyBytes;
  private final int buckets;

  /** The first record of each bucket plus 1; 0 for an empty one. */
  private int @Nullable [] heads;

  /** Of each record the next one in its bucket plus 1. */
  private int[] next = new int[0];

  private @Nullable Map<String, Integer> all;

  TypeNames(
      Tpi types,
      @Nullable MsfStream hashes,
      long hashesAt,
      long hashBytes,
      int keyBytes,
      long buckets) {
    this.types = types;
    long count = (long) types.end() - types.begin();
    boolean usable =
        hashes != null
            && (keyBytes == 2 || keyBytes == 4)
            && buckets > 0
            && buckets <= MAX_BUCKETS
            && hashBytes >= count * keyBytes
            && hashes.has(hashesAt, hashBytes);
    this.hashes = usable ? hashes : null;
    this.hashesAt = hashesAt;
    this.keyBytes = keyBytes;
    this.buckets = Math.clamp(buckets, 1, MAX_BUCKETS);
  }

  /** The index of the definition with a name, the last one of several. */
  Optional<Integer> find(String name) {
    if (all == null && hashes != null) {
      int found = inBucket(hashes, name, name);
      if (found >= 0) {
        return Optional.of(found);
      }
    }
    return Optional.ofNullable(all().get(name));
  }

  /** The definition that a forward reference stands for; looked for under the decorated name. */
  Optional<Integer> definition(String name, String unique) {
    if (!unique.isEmpty() && hashes != null) {
      int found = inBucket(hashes, unique, unique);
      if (found < 0) {
        found = inBucket(hashes, name, unique);
      }
      if (found >= 0) {
        return Optional.of(found);
      }
    }
    return find(name);
  }

  private int inBucket(MsfStream s, String hashed, String wanted) {
    int[] chains = heads == null ? chains(s) : heads;
    int best = -1;
    for (int i = chains[(int) (NameHash.of(hashed) % buckets)]; i != 0; i = next[i - 1]) {
      int index = types.begin() + i - 1;
      if (index > best && isNamed(index, wanted)) {
        best = index;
      }
    }
    return best;
  }

  /** Builds the chains of the buckets; each leads to lower and lower indices, so it ends. */
  private int[] chains(MsfStream s) {
    int count = types.end() - types.begin();
    int[] first = new int[buckets];
    next = new int[count];
    for (int i = 0; i < count; i++) {
      long value = keyBytes == 4 ? s.u32(hashesAt + 4L * i) : s.u16(hashesAt + 2L * i);
      if (value < buckets) {
        next[i] = first[(int) value];
        first[(int) value] = i + 1;
      }
    }
    heads = first;
    return first;
  }

  private boolean isNamed(int index, String wanted) {
    try {
      return types.record(index).map(TypeNames::names).orElse(List.of()).contains(wanted);
    } catch (FormatException e) {
      return false; // a damaged record costs its own name only
    }
  }

  /** The names under which a definition may be asked for. */
  private static List<String> names(TypeRecord record) {
    return switch (record) {
      case TypeRecord.Structure s when !s.forward() -> List.of(s.name(), s.unique());
      case TypeRecord.Enumeration e when !e.forward() -> List.of(e.name(), e.unique());
      default -> List.of();
    };
  }

  /** The names of all definitions. */
  Set<String> names() {
    return Collections.unmodifiableSet(all().keySet());
  }

  private Map<String, Integer> all() {
    if (all == null) {
      Map<String, Integer> found = new HashMap<>();
      for (int i = types.begin(); i < types.end(); i++) {
        try {
          String name = types.definedName(i);
          if (!name.isEmpty()) {
            found.put(name, i);
          }
        } catch (FormatException e) {
          // A damaged record costs its own name only.
          continue;
        }
      }
      all = found;
      heads = null;
      next = new int[0];
    }
    return all;
  }
}
