// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Optional;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.UnwindRecords;

/** Looks up {@link X86Rule}s: FrameData before FPO, decorated names for the argument bytes. */
final class X86Rules {
  private static final int TRAP_FRAME = 1;
  private static final int TASK_GATE = 2;

  /** More argument bytes than any function takes. */
  private static final int MAX_PARAMS = 0x400;

  private final CodeSource code;
  private final AddressMap<X86Rule> known = new AddressMap<>();

  X86Rules(CodeSource code) {
    this.code = code;
  }

  /**
   * The rule for an address. A return address is looked up one byte before, since a call that never
   * returns may be the last instruction of its function.
   */
  X86Rule at(long ip, boolean isReturnAddress) {
    long key = isReturnAddress ? ip : ~ip;
    X86Rule rule = known.get(key);
    if (rule == null) {
      rule = find(ip, isReturnAddress ? 1 : 0);
      known.put(key, rule);
    }
    return rule;
  }

  private X86Rule find(long ip, int back) {
    CodeSource.Module module = code.at(ip).orElse(null);
    if (module == null) {
      return new X86Rule(
          null,
          "",
          -1,
          -1,
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          X86Rule.Entry.CALL);
    }
    ModuleSymbols symbols = module.symbols();
    long rva = ip - module.base();
    UnwindRecords records = symbols.unwindRecords();
    Optional<UnwindRecords.FrameData> frameData = records.frameData(rva - back);
    Optional<FrameProgram> program = frameData.flatMap(d -> FrameProgram.compile(d.program()));
    Optional<UnwindRecords.Fpo> fpo = records.fpo(rva - back);
    Optional<Symbol> symbol = symbols.nearest(rva - back);
    String name = symbol.map(Symbol::name).orElse("");
    long offset = symbol.isPresent() ? rva - symbol.get().rva() : -1;
    boolean informed = symbols.status().isInformed();
    return new X86Rule(
        module,
        name,
        offset,
        params(frameData, fpo, symbol),
        informed || frameData.isPresent() || fpo.isPresent(),
        fpo,
        program.isPresent() ? frameData : Optional.empty(),
        program,
        entry(fpo, informed ? name : ""));
  }

  private static X86Rule.Entry entry(Optional<UnwindRecords.Fpo> fpo, String name) {
    int frame = fpo.map(UnwindRecords.Fpo::frame).orElse(0);
    if (frame == TASK_GATE || TrapEntries.isTaskGate(name)) {
      return X86Rule.Entry.TASK_GATE;
    }
    if (TrapEntries.isService(name)) {
      return X86Rule.Entry.SERVICE;
    }
    return frame == TRAP_FRAME || TrapEntries.isTrap(name)
        ? X86Rule.Entry.TRAP
        : X86Rule.Entry.CALL;
  }

  private static int params(
      Optional<UnwindRecords.FrameData> frameData,
      Optional<UnwindRecords.Fpo> fpo,
      Optional<Symbol> symbol) {
    if (frameData.isPresent()) {
      return bounded(frameData.get().params());
    }
    if (fpo.isPresent()) {
      return bounded(fpo.get().params());
    }
    return symbol.map(s -> decoratedParams(s.decorated())).orElse(-1);
  }

  private static int bounded(long params) {
    return params >= 0 && params <= MAX_PARAMS ? (int) params : -1;
  }

  /**
   * The N of {@code _name@N} (stdcall) or {@code @name@N} (fastcall: two arguments in registers).
   */
  static int decoratedParams(String decorated) {
    int at = decorated.lastIndexOf('@');
    boolean stdcall = decorated.startsWith("_");
    if (at < 1 || !stdcall && !decorated.startsWith("@")) {
      return -1;
    }
    String number = decorated.substring(at + 1);
    if (!number.matches("\\d{1,4}")) {
      return -1;
    }
    int bytes = Integer.parseInt(number);
    return bounded(stdcall ? bytes : Math.max(0, bytes - 8));
  }
}
