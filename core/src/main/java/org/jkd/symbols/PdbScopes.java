// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.image.FormatException;
import org.jkd.pdb.Compiland;
import org.jkd.pdb.InlineSite;
import org.jkd.pdb.LineRow;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.Variable;

/**
 * What private symbols say about an address: lines, inlined calls, variables. Each question opens
 * the one compiland that gave the code; damage in it makes the answer empty.
 */
final class PdbScopes {
  /** IMAGE_FILE_MACHINE_AMD64. */
  private static final int MACHINE_X64 = 0x8664;

  private final Pdb pdb;
  private final PdbTypes types;

  PdbScopes(Pdb pdb, PdbTypes types) {
    this.pdb = pdb;
    this.types = types;
  }

  private interface Question<T> {
    T ask(Compiland compiland, long source);
  }

  private <T> T ask(long rva, T nothing, Question<T> question) {
    long source = pdb.toSource(rva);
    if (source < 0) {
      return nothing;
    }
    try {
      Optional<Compiland> compiland = pdb.compilandAt(source);
      return compiland.isEmpty() ? nothing : question.ask(compiland.get(), source);
    } catch (FormatException e) {
      return nothing;
    }
  }

  /** Asked for every address that is shown, so without what Java would have to make a class of. */
  Optional<SourceLine> line(long rva) {
    long source = pdb.toSource(rva);
    try {
      Compiland compiland = source < 0 ? null : pdb.compilandAt(source).orElse(null);
      LineRow r = compiland == null ? null : compiland.line(source).orElse(null);
      return r == null
          ? Optional.empty()
          : Optional.of(
              new SourceLine(r.file(), r.line(), rva - (source - r.start()), r.end() - r.start()));
    } catch (FormatException e) {
      return Optional.empty();
    }
  }

  List<InlineFrame> inlined(long rva) {
    return ask(
        rva,
        List.of(),
        (c, source) -> {
          List<InlineFrame> result = new ArrayList<>();
          for (InlineSite site :
              c.codeAt(source).map(p -> c.inlined(p, source)).orElse(List.of())) {
            long back = source - c.codeAt(source).orElseThrow().start() - site.start();
            Optional<SourceLine> line =
                site.line() == 0
                    ? Optional.empty()
                    : Optional.of(new SourceLine(site.file(), site.line(), rva, 0));
            result.add(new InlineFrame(site.name(), rva - back, line));
          }
          return List.copyOf(result);
        });
  }

  Optional<Types.FunctionType> functionType(long rva) {
    return ask(
        rva,
        Optional.empty(),
        (c, source) ->
            c.codeAt(source)
                .map(c::functionType)
                .filter(t -> t != 0)
                .map(types::type)
                .filter(Types.FunctionType.class::isInstance)
                .map(Types.FunctionType.class::cast));
  }

  /**
   * S_FRAMEPROC of clang counts locals and, apart from them, saved registers; together they are
   * what lies below the return address. MSVC counts no registers (FrameSizeTest).
   */
  OptionalLong frameSize(long rva) {
    return ask(
        rva,
        OptionalLong.empty(),
        (c, source) -> {
          Pdb.FrameProc f = c.codeAt(source).flatMap(c::frame).orElse(null);
          return f == null || pdb.machine() != MACHINE_X64 || f.hasAlloca()
              ? OptionalLong.empty()
              : OptionalLong.of(f.frameSize() + f.savedRegisters());
        });
  }

  List<LocalVariable> variables(long rva, int inlined) {
    return ask(
        rva,
        List.of(),
        (c, source) ->
            c.codeAt(source).map(p -> variables(c, p, source, inlined)).orElse(List.of()));
  }

  private List<LocalVariable> variables(
      Compiland c, Compiland.Code code, long source, int inlined) {
    Optional<Pdb.FrameProc> frame = c.frame(code);
    List<LocalVariable> result = new ArrayList<>();
    for (Variable v : c.variables(code, source, inlined)) {
      int base = frame.map(f -> v.parameter() ? f.parameterBase() : f.localBase()).orElse(0);
      List<LocalVariable.Place> places = new ArrayList<>();
      for (Variable.Place p : v.places()) {
        place(p, base).ifPresent(places::add);
      }
      result.add(
          new LocalVariable(v.name(), types.type(v.type()), v.parameter(), List.copyOf(places)));
    }
    return List.copyOf(result);
  }

  private Optional<LocalVariable.Place> place(Variable.Place place, int base) {
    int machine = pdb.machine();
    return switch (place) {
      case Variable.InRegister r ->
          Optional.of(
              new LocalVariable.InRegister(
                  CodeViewRegisters.name(machine, r.register()), r.part()));
      case Variable.Relative r ->
          Optional.of(
              new LocalVariable.Relative(
                  CodeViewRegisters.name(machine, r.register()), r.offset(), r.part()));
      case Variable.FrameRelative r -> {
        String register = CodeViewRegisters.base(machine, base);
        yield register.isEmpty()
            ? Optional.empty()
            : Optional.of(new LocalVariable.Relative(register, r.offset(), r.part()));
      }
      case Variable.Static d -> {
        long source = pdb.sections().map(s -> s.rva(d.segment(), d.offset())).orElse(-1L);
        long image = source < 0 ? -1 : pdb.toImage(source);
        yield image < 0 ? Optional.empty() : Optional.of(new LocalVariable.Static(image, d.part()));
      }
    };
  }

  /** The addresses where a line of a file begins. */
  List<Long> starts(String file, int line) {
    List<Long> result = new ArrayList<>();
    for (int m = 0; m < pdb.modules().size(); m++) {
      try {
        List<Long> starts = pdb.compiland(m).map(c -> c.starts(file, line)).orElse(List.of());
        for (long source : starts) {
          long image = pdb.toImage(source);
          if (image >= 0) {
            result.add(image);
          }
        }
      } catch (FormatException e) {
        // The lines of a damaged compiland are not found; those of the others are.
        continue;
      }
    }
    return result;
  }
}
