// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.ArrayList;
import java.util.List;
import org.jkd.image.Cancellation;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/** One pass over the symbol streams of all modules. */
final class ModuleSymbolReader {
  private static final int SIGNATURE = 4;
  private static final int SEPCODE_SIZE = 32;

  private final Pdb pdb;
  private final @Nullable SectionTable sections;
  private final SymbolColumns symbols = new SymbolColumns();
  private final SymbolColumns labels = new SymbolColumns();
  private final List<Pdb.SeparatedCode> separated = new ArrayList<>();

  ModuleSymbolReader(Pdb pdb, @Nullable SectionTable sections) {
    this.pdb = pdb;
    this.sections = sections;
  }

  SymbolColumns symbols() {
    return symbols;
  }

  SymbolColumns labels() {
    return labels;
  }

  List<Pdb.SeparatedCode> separated() {
    return separated;
  }

  void readAll(List<String> problems) {
    if (sections == null) {
      return;
    }
    List<ModuleInfo> modules = pdb.modules();
    // Every compiland has a stream of its own, so together they are no larger than the file; a file
    // that gives one stream to thousands of them is not followed.
    long left = pdb.msf().fileSize();
    for (int m = 0; m < modules.size(); m++) {
      Cancellation.check();
      if (modules.get(m).hasSymbols()) {
        left -= modules.get(m).symbolBytes();
        if (left < 0) {
          problems.add("the symbols of the compilands claim more bytes than the file has");
          return;
        }
        try {
          read(m, sections, modules.get(m).symbolBytes());
        } catch (FormatException e) {
          problems.add(e.getMessage());
        }
      }
    }
  }

  private void read(int module, SectionTable table, long symbolBytes) {
    MsfStream s = pdb.moduleStream(module);
    long end = Math.min(symbolBytes, s.size());
    long p = SIGNATURE;
    while (p + 4 <= end) {
      int length = s.u16(p);
      if (length < 2) {
        throw new FormatException(
            "symbols of " + pdb.modules().get(module).name(),
            p,
            "a record of " + length + " bytes");
      }
      record(s, table, module, p, s.u16(p + 2));
      p += length + 2L;
    }
  }

  private void record(MsfStream s, SectionTable table, int module, long p, int kind) {
    if (kind == CodeView.S_SEPCODE) {
      separated(s, table, p);
    } else if (kind == CodeView.S_LABEL32 || kind == CodeView.S_LABEL32_ST) {
      add(labels, table.rva(s.u16(p + 8), s.u32(p + 4)), 0, kind, module, p);
    } else {
      add(symbols, start(s, table, p, kind), size(s, p, kind), kind, module, p);
    }
  }

  /** The RVA of a procedure, thunk or data; −1 for records that have no address of their own. */
  static long start(MsfStream s, SectionTable table, long p, int kind) {
    return switch (kind) {
      case CodeView.S_LPROC32,
          CodeView.S_GPROC32,
          CodeView.S_LPROC32_ID,
          CodeView.S_GPROC32_ID,
          CodeView.S_LPROC32_ST,
          CodeView.S_GPROC32_ST ->
          table.rva(s.u16(p + 36), s.u32(p + 32));
      case CodeView.S_THUNK32, CodeView.S_THUNK32_ST -> table.rva(s.u16(p + 20), s.u32(p + 16));
      case CodeView.S_LDATA32, CodeView.S_GDATA32, CodeView.S_LDATA32_ST, CodeView.S_GDATA32_ST ->
          table.rva(s.u16(p + 12), s.u32(p + 8));
      // Types, lines, locals and the like: not addresses of their own.
      default -> -1;
    };
  }

  /** Bytes of a procedure or thunk; 0 for other records. */
  static long size(MsfStream s, long p, int kind) {
    if (CodeView.isProcedure(kind)) {
      return s.u32(p + 16);
    }
    return kind == CodeView.S_THUNK32 || kind == CodeView.S_THUNK32_ST ? s.u16(p + 22) : 0;
  }

  private void separated(MsfStream s, SectionTable table, long p) {
    if (!s.has(p, SEPCODE_SIZE) || separated.size() >= SymbolColumns.MAX_SYMBOLS) {
      return;
    }
    long start = table.rva(s.u16(p + 28), s.u32(p + 20));
    long parent = table.rva(s.u16(p + 30), s.u32(p + 24));
    if (start >= 0 && parent >= 0) {
      separated.add(new Pdb.SeparatedCode(start, s.u32(p + 12), parent));
    }
  }

  private static void add(
      SymbolColumns to, long rva, long length, int kind, int module, long record) {
    if (rva >= 0) {
      to.add(rva, length, kind, module, record);
    }
  }
}
