// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Walks the records of one procedure: the blocks and inlined calls around an address. */
final class ScopeReader {
  /** Nested blocks and inlined calls; what lies deeper is left out. */
  private static final int MAX_DEPTH = 256;

  /** Records of one procedure. */
  private static final int MAX_RECORDS = 1 << 20;

  private final Pdb pdb;
  private final MsfStream s;
  private final long end;
  private final Compiland.Code code;

  ScopeReader(Pdb pdb, MsfStream stream, long end, Compiland.Code code) {
    this.pdb = pdb;
    this.s = stream;
    this.end = end;
    this.code = code;
  }

  /** Takes what a walk meets: records in scope, and inlined calls as they are entered. */
  interface Visitor {
    /** An inlined call whose code holds the address; {@code row} is the piece that does. */
    void enter(long record, Annotations.Row row);

    /**
     * A record directly in one of the scopes that hold the address.
     *
     * @param inlines how many inlined calls lie around it
     */
    void record(long record, int kind, int inlines);
  }

  /**
   * Walks the scopes that hold an offset.
   *
   * @param at bytes from the procedure's start
   */
  void walk(long at, Visitor visitor) {
    long p = code.record() + 2L + s.u16(code.record());
    boolean[] isInline = new boolean[MAX_DEPTH];
    int depth = 0;
    int inlines = 0;
    int skipping = 0;
    for (int n = 0; n < MAX_RECORDS && p + 4 <= end; n++) {
      int length = s.u16(p);
      int kind = s.u16(p + 2);
      if (length < 2 || CodeView.isProcedure(kind)) {
        return;
      }
      boolean call = kind == CodeView.S_INLINESITE || kind == CodeView.S_INLINESITE2;
      if (call || kind == CodeView.S_BLOCK32) {
        boolean looked = skipping == 0 && depth < MAX_DEPTH;
        Annotations.Row row = looked && call ? row(p, length, kind, at) : Annotations.NONE;
        if (looked && (call ? row.start() >= 0 : blockHolds(p, at))) {
          isInline[depth++] = call;
          inlines += call ? 1 : 0;
          if (call) {
            visitor.enter(p, row);
          }
        } else {
          skipping++;
        }
      } else if (kind == CodeView.S_END
          || kind == CodeView.S_INLINESITE_END
          || kind == CodeView.S_PROC_ID_END) {
        if (skipping > 0) {
          skipping--;
        } else if (depth == 0) {
          return;
        } else if (isInline[--depth]) {
          inlines--;
        }
      } else if (skipping == 0) {
        visitor.record(p, kind, inlines);
      }
      p += length + 2L;
    }
  }

  private Annotations.Row row(long p, int length, int kind, long at) {
    int head = kind == CodeView.S_INLINESITE2 ? 20 : 16;
    return Annotations.find(s, p + head, p + 2 + length, at);
  }

  private boolean blockHolds(long p, long at) {
    long rva = pdb.sections().map(t -> t.rva(s.u16(p + 20), s.u32(p + 16))).orElse(-1L);
    long start = rva - code.start();
    return rva >= 0 && at >= start && at - start < s.u32(p + 12);
  }

  /** The inlined calls around an offset, the innermost first. */
  List<InlineSite> inlined(C13Lines lines, long at, CrossReferences references) {
    List<InlineSite> result = new ArrayList<>();
    walk(
        at,
        new Visitor() {
          @Override
          public void enter(long p, Annotations.Row row) {
            int id = s.i32(p + 12);
            Optional<C13Lines.Inlinee> source = lines.inlinee(id);
            long own = source.map(C13Lines.Inlinee::file).orElse(-1L);
            result.addFirst(
                new InlineSite(
                    id,
                    pdb.functionName(references.global(id)),
                    row.first(),
                    lines.file(row.file() >= 0 ? row.file() : own),
                    source.map(i -> i.line() + row.line()).orElse(0)));
          }

          @Override
          public void record(long p, int kind, int inlines) {
            // Only the calls are of interest here.
          }
        });
    return result;
  }

  /**
   * The variables in scope at an offset.
   *
   * @param inlined of how many inlined calls the scope is left: 0 for the innermost one
   */
  List<Variable> variables(long at, int segment, long offset, int inlined) {
    VariableReader reader = new VariableReader(s, segment, offset, parameterCount());
    walk(at, reader);
    return reader.result(inlined);
  }

  /** How many parameters the procedure's type has, {@code this} included; −1 when unknown. */
  private int parameterCount() {
    return CodeView.isProcedure(code.kind())
        ? pdb.parameterCount(code.kind(), s.i32(code.record() + 28L))
        : -1;
  }
}
