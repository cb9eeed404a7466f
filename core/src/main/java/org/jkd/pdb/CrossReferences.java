// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers of types and functions that a compiland takes from others, as code that was generated at
 * link time does: a number with its highest bit set counts in the compiland's list of imports
 * (cross-scope imports), and the compiland there says which number of the whole file it means
 * (cross-scope exports).
 */
final class CrossReferences {
  private static final int IMPORTS = 0xf7;
  private static final int EXPORTS = 0xf8;
  private static final int HEADER = 8;
  private static final int MAX_NAME = 4096;

  private final Pdb pdb;
  private final int module;
  private final Map<Integer, Integer> known = new HashMap<>();

  CrossReferences(Pdb pdb, int module) {
    this.pdb = pdb;
    this.module = module;
  }

  /** The number in the whole file; the same number where the file does not say. */
  int global(int id) {
    return id >= 0 ? id : known.computeIfAbsent(id, this::look);
  }

  private interface Part {
    /** The answer, or the number itself for none. */
    int look(MsfStream s, long at, long end);
  }

  private int look(int id) {
    int list = id >>> 20 & 0x7ff;
    int entry = id & 0xf_ffff;
    return search(module, IMPORTS, id, (s, at, end) -> imported(s, at, end, list, entry, id));
  }

  /** Looks through the parts of one kind that stand behind a compiland's symbols. */
  private int search(int owner, int kind, int id, Part part) {
    ModuleInfo info = pdb.modules().get(owner);
    if (!info.hasSymbols()) {
      return id;
    }
    MsfStream s = pdb.moduleStream(owner);
    long p = info.symbolBytes() + info.oldLineBytes();
    long end = Math.min(p + info.lineBytes(), s.size());
    while (p + HEADER <= end) {
      long length = s.u32(p + 4);
      long data = p + HEADER;
      int found = s.i32(p) == kind ? part.look(s, data, Math.min(data + length, end)) : id;
      if (found != id) {
        return found;
      }
      p = data + length + 3 & ~3L;
    }
    return id;
  }

  private int imported(MsfStream s, long at, long end, int list, int entry, int id) {
    long p = at;
    for (int i = 0; p + HEADER <= end; i++) {
      long count = s.u32(p + 4);
      if (i == list) {
        long place = p + HEADER + 4L * entry;
        return entry < count && place + 4 <= end
            ? exported(pdb.nameTable().text(s.u32(p), MAX_NAME), s.i32(place), id)
            : id;
      }
      p += HEADER + 4 * count;
    }
    return id;
  }

  private int exported(String owner, int local, int id) {
    List<ModuleInfo> modules = pdb.modules();
    for (int m = 0; m < modules.size(); m++) {
      if (modules.get(m).name().equalsIgnoreCase(owner)) {
        return search(
            m,
            EXPORTS,
            id,
            (s, at, end) -> {
              for (long p = at; p + HEADER <= end; p += HEADER) {
                if (s.i32(p) == local && s.i32(p + 4) >= 0) {
                  return s.i32(p + 4);
                }
              }
              return id;
            });
      }
    }
    return id;
  }
}
