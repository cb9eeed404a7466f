// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

/** Reads all symbols of a kind, for questions that no table of the file answers. */
final class SymbolLists {
  private SymbolLists() {}

  static void publics(Pdb pdb, SymbolColumns into) {
    MsfStream map = pdb.msf().stream(pdb.dbi().publicsStream(), "public symbol hash");
    MsfStream rec = pdb.records();
    SectionTable sections = pdb.sections().orElse(null);
    if (sections == null) {
      return;
    }
    long at = Pdb.PUBLICS_HEADER + map.u32(0);
    long count = Math.min(map.u32(4), Math.max(0, map.size() - at)) / 4;
    int bad = 0;
    for (long i = 0; i < count; i++) {
      long p = map.u32(at + 4 * i);
      if (!rec.has(p, 14)) {
        bad++;
        continue;
      }
      int kind = rec.u16(p + 2);
      if (kind != CodeView.S_PUB32 && kind != CodeView.S_PUB32_ST) {
        bad++;
        continue;
      }
      long rva = sections.rva(rec.u16(p + 12), rec.u32(p + 8));
      if (rva >= 0) {
        into.add(rva, 0, kind, -1, p);
      }
    }
    if (bad > 0) {
      pdb.problem(bad + " entries of the public address map lead to no public symbol");
    }
  }

  static void globals(Pdb pdb, SymbolColumns into) {
    if (!pdb.msf().has(pdb.dbi().globalsStream())) {
      return;
    }
    SectionTable sections = pdb.sections().orElse(null);
    if (sections == null) {
      return;
    }
    MsfStream hash = pdb.msf().stream(pdb.dbi().globalsStream(), "global symbol hash");
    MsfStream rec = pdb.records();
    if (hash.size() < 16 || hash.i32(0) != -1) {
      return;
    }
    long count = Math.min(hash.u32(8), hash.size() - 16) / 8;
    for (long i = 0; i < count; i++) {
      long p = hash.u32(16 + 8 * i) - 1;
      if (!rec.has(p, 14)) {
        continue;
      }
      int kind = rec.u16(p + 2);
      if (kind == CodeView.S_GDATA32
          || kind == CodeView.S_LDATA32
          || kind == CodeView.S_GDATA32_ST
          || kind == CodeView.S_LDATA32_ST) {
        long rva = sections.rva(rec.u16(p + 12), rec.u32(p + 8));
        if (rva >= 0) {
          into.add(rva, 0, kind, -1, p);
        }
      }
    }
  }
}
