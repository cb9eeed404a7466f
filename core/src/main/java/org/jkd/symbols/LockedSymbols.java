// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * The symbols of a file that several threads ask. Symbol files build their indexes when they are
 * first asked, so all questions to one file wait for each other; those to different files do not.
 */
final class LockedSymbols implements ModuleSymbols {
  private final ModuleSymbols symbols;

  LockedSymbols(ModuleSymbols symbols) {
    this.symbols = symbols;
  }

  @Override
  public synchronized SymbolStatus status() {
    return symbols.status();
  }

  @Override
  public synchronized Optional<Path> file() {
    return symbols.file();
  }

  @Override
  public synchronized Optional<Symbol> nearest(long rva) {
    return symbols.nearest(rva);
  }

  @Override
  public synchronized Optional<Located> locate(long rva) {
    return symbols.locate(rva);
  }

  @Override
  public synchronized Optional<Symbol> next(long rva) {
    return symbols.next(rva);
  }

  @Override
  public synchronized Optional<Symbol> named(String name) {
    return symbols.named(name);
  }

  @Override
  public synchronized List<Symbol> matching(Predicate<String> name) {
    return symbols.matching(name);
  }

  @Override
  public synchronized Types types() {
    Types types = symbols.types();
    return types == Types.NONE ? types : new LockedTypes(types);
  }

  @Override
  public synchronized UnwindRecords unwindRecords() {
    UnwindRecords records = symbols.unwindRecords();
    return records == UnwindRecords.NONE ? records : new LockedRecords(records);
  }

  @Override
  public synchronized CfiRecords cfi() {
    CfiRecords cfi = symbols.cfi();
    return cfi == CfiRecords.NONE ? cfi : rva -> rules(cfi, rva);
  }

  @Override
  public synchronized Optional<SourceLine> line(long rva) {
    return symbols.line(rva);
  }

  @Override
  public synchronized List<InlineFrame> inlined(long rva) {
    return symbols.inlined(rva);
  }

  @Override
  public synchronized List<Long> lineStarts(String file, int line) {
    return symbols.lineStarts(file, line);
  }

  @Override
  public synchronized Optional<Types.FunctionType> functionType(long rva) {
    return symbols.functionType(rva);
  }

  @Override
  public synchronized OptionalLong frameSize(long rva) {
    return symbols.frameSize(rva);
  }

  @Override
  public synchronized List<LocalVariable> variables(long rva, int inlined) {
    return symbols.variables(rva, inlined);
  }

  @Override
  public synchronized Optional<Data> data(String name) {
    return symbols.data(name);
  }

  private synchronized Optional<String> rules(CfiRecords cfi, long rva) {
    return cfi.rules(rva);
  }

  private final class LockedTypes implements Types {
    private final Types types;

    LockedTypes(Types types) {
      this.types = types;
    }

    @Override
    public Optional<StructType> struct(String name) {
      synchronized (LockedSymbols.this) {
        return types.struct(name);
      }
    }

    @Override
    public Optional<Type> named(String name) {
      synchronized (LockedSymbols.this) {
        return types.named(name);
      }
    }

    @Override
    public List<String> names(Predicate<String> name) {
      synchronized (LockedSymbols.this) {
        return types.names(name);
      }
    }

    @Override
    public OptionalLong offset(String struct, String path) {
      synchronized (LockedSymbols.this) {
        return types.offset(struct, path);
      }
    }
  }

  private final class LockedRecords implements UnwindRecords {
    private final UnwindRecords records;

    LockedRecords(UnwindRecords records) {
      this.records = records;
    }

    @Override
    public Optional<Fpo> fpo(long rva) {
      synchronized (LockedSymbols.this) {
        return records.fpo(rva);
      }
    }

    @Override
    public Optional<FrameData> frameData(long rva) {
      synchronized (LockedSymbols.this) {
        return records.frameData(rva);
      }
    }

    @Override
    public List<Fpo> allFpo() {
      synchronized (LockedSymbols.this) {
        return records.allFpo();
      }
    }

    @Override
    public List<FrameData> allFrameData() {
      synchronized (LockedSymbols.this) {
        return records.allFrameData();
      }
    }
  }
}
