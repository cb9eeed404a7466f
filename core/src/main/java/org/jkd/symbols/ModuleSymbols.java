// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * The symbols of one module, whatever file they come from. All addresses are RVAs in the image as
 * it is loaded: sources whose PDB is in another order (OMAP) have translated them already.
 */
public interface ModuleSymbols {
  /** What the names come from. */
  SymbolStatus status();

  /** The symbol file, if names come from one. */
  Optional<Path> file();

  /**
   * The symbol at or nearest below an address.
   *
   * <p>A procedure that contains the address wins over a nearer public inside it.
   */
  Optional<Symbol> nearest(long rva);

  /**
   * The nearest symbol with the distance from it.
   *
   * @param displacement bytes from the symbol's start in the order of the source; in an image that
   *     was reordered after linking (OMAP) the address need not be {@code symbol.rva() +
   *     displacement}
   */
  record Located(Symbol symbol, long displacement) {}

  /** As {@link #nearest}, with the displacement that kd prints. */
  default Optional<Located> locate(long rva) {
    return nearest(rva).map(s -> new Located(s, rva - s.rva()));
  }

  /** The first symbol strictly above an address. */
  Optional<Symbol> next(long rva);

  /** A symbol by its name, exact case first, then any case; the decorated form counts too. */
  Optional<Symbol> named(String name);

  /** All symbols whose shown name passes, in ascending order of address. */
  List<Symbol> matching(Predicate<String> name);

  /** The types of this module, empty where the source has none. */
  Types types();

  /** FPO and FrameData records that cover an address, if the source has any (x86). */
  UnwindRecords unwindRecords();

  /** Rules of call frame information, if the source has any. */
  default CfiRecords cfi() {
    return CfiRecords.NONE;
  }

  /** The source line of an address, if the source has lines. */
  default Optional<SourceLine> line(long rva) {
    return Optional.empty();
  }

  /** Functions that were inlined at an address, the innermost first. */
  default List<InlineFrame> inlined(long rva) {
    return List.of();
  }

  /** The addresses where a line of a file begins; the file's folders may be left out. */
  default List<Long> lineStarts(String file, int line) {
    return List.of();
  }

  /** The type of the function at an address, if the source has private symbols for it. */
  default Optional<Types.FunctionType> functionType(long rva) {
    return Optional.empty();
  }

  /**
   * How far above its stack pointer the return address of the x64 function at an address lies after
   * its prolog, bytes. Where the compiler does not count what it pushes (MSVC) it lies up to eight
   * registers higher. Empty where the source does not say or the function takes more stack as it
   * runs.
   */
  default OptionalLong frameSize(long rva) {
    return OptionalLong.empty();
  }

  /**
   * A variable of the image.
   *
   * @param rva where it lies
   */
  record Data(long rva, Types.Type type) {}

  /** The variable of a name with its type, if the source knows types of variables. */
  default Optional<Data> data(String name) {
    return Optional.empty();
  }

  /**
   * The parameters and variables that are in scope at an address.
   *
   * @param inlined whose: 0 for the innermost function that was inlined at the address, or for the
   *     function itself if none was; the number of all inlined functions for the function itself
   */
  default List<LocalVariable> variables(long rva, int inlined) {
    return List.of();
  }
}
