// SPDX-License-Identifier: Apache-2.0
package org.jkd.fuzz;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.cabinet.Cabinet;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Decoder;
import org.jkd.cpu.Instruction;
import org.jkd.engine.isf.IsfFormat;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.pdb.Pdb;
import org.jkd.pe.PeImage;
import org.jkd.pe.RuntimeFunctions;
import org.jkd.symbols.ExportSymbols;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.PdbSymbols;
import org.jkd.symbols.Types;
import org.jkd.symbols.breakpad.BreakpadFormat;
import org.jkd.symbols.coff.CoffFormat;
import org.jkd.symbols.dwarf.DwarfFormat;
import org.jkd.symbols.undecorate.Undecorator;
import org.jkd.zstd.Zstd;

/**
 * What reads foreign bytes. A reader may refuse its input with a {@link FormatException} or an
 * {@link IOException}, which users see as one line. Everything else that comes out is a defect, and
 * so are an hour of work, a gigabyte of memory and, from a session, the words {@code Internal
 * error}.
 */
public enum Reader {
  /** A dump of any kind, opened, and a session on it. */
  DUMP {
    @Override
    void read(byte[] data) throws IOException {
      Sessions.onDump(data);
    }
  },
  /** Lines of commands in a session on the sample. */
  COMMANDS {
    @Override
    void read(byte[] data) throws IOException {
      Sessions.onSample(new String(data, StandardCharsets.UTF_8));
    }
  },
  PDB {
    @Override
    void read(byte[] data) {
      PdbSymbols symbols =
          new PdbSymbols(Pdb.open(Bytes.of("fuzz.pdb", data)), Path.of("fuzz.pdb"), false);
      ask(symbols);
      Types types = symbols.types();
      types.names(n -> true).forEach(types::struct);
    }
  },
  PE {
    @Override
    void read(byte[] data) {
      PeImage image = PeImage.ofFile(Bytes.of("fuzz.sys", data));
      var unused = new ExportSymbols(image.exports()).matching(n -> true);
      image.imports().bySlot();
      image.debug();
      image.version();
      image.relocations();
      image.loadConfig().ifPresent(c -> c.isSafeHandler(image, 0x1000));
      RuntimeFunctions functions = image.runtimeFunctions();
      for (int i = 0; i < Math.min(functions.count(), 1000); i++) {
        functions.find(functions.entry(i).begin());
      }
    }
  },
  CABINET {
    @Override
    void read(byte[] data) throws IOException {
      Cabinet cabinet = new Cabinet(Bytes.of("fuzz.cab", data));
      for (Cabinet.Member member : cabinet.members()) {
        cabinet.expand(member, 1 << 20, OutputStream.nullOutputStream());
      }
    }
  },
  ZSTD {
    @Override
    void read(byte[] data) {
      var unused = Zstd.expand(data, 1 << 20);
    }
  },
  BREAKPAD {
    @Override
    void read(byte[] data) throws IOException {
      ask(BreakpadFormat.read(Path.of("fuzz.sym"), new ByteArrayInputStream(data)));
    }
  },
  ISF {
    @Override
    void read(byte[] data) throws IOException {
      Path file = Scratch.file("fuzz.json", data);
      new IsfFormat().open(file);
    }
  },
  COFF {
    @Override
    void read(byte[] data) throws IOException {
      var found = new CoffFormat().open(Scratch.file("fuzz.sys", data), module(), line -> {});
      found.ifPresent(Reader::ask);
    }
  },
  DWARF {
    @Override
    void read(byte[] data) throws IOException {
      var found = new DwarfFormat().open(Scratch.file("fuzz.sys", data), module(), line -> {});
      found.ifPresent(Reader::ask);
    }
  },
  NAMES {
    @Override
    void read(byte[] data) {
      String name = new String(data, StandardCharsets.ISO_8859_1);
      Undecorator.declaration(name);
      Undecorator.name(name);
    }
  },
  CODE {
    @Override
    void read(byte[] data) {
      for (Arch arch : List.of(Arch.X86, Arch.X64)) {
        Decoder decoder = new Decoder(arch);
        Instruction instruction = new Instruction();
        int at = 0;
        while (at < data.length) {
          int length = decoder.decode(data, at, data.length, 0x1000 + at, instruction);
          if (length > Decoder.MAX_LENGTH || length > data.length - at) {
            throw new IllegalStateException(length + " bytes at " + at);
          }
          at += Math.max(1, length);
        }
      }
    }
  },
  ARCHIVE {
    @Override
    void read(byte[] data) throws IOException {
      Sessions.onArchive(Scratch.file("fuzz.zip", data));
    }
  };

  private static final Memory NOTHING =
      new Memory() {
        @Override
        public int read(long address, byte[] target, int at, int length) {
          return 0;
        }

        @Override
        public Unreadable whyUnreadable(long address) {
          return new Unreadable.NoBlock();
        }
      };

  abstract void read(byte[] data) throws IOException;

  /** Reads; what comes out of it is a defect. */
  public void mustSurvive(byte[] data) throws IOException {
    try {
      read(data);
    } catch (FormatException e) {
      if (String.valueOf(e.getMessage()).isBlank()
          || String.valueOf(e.getMessage()).contains("\n")) {
        throw new IllegalStateException("not one line: " + e.getMessage(), e);
      }
    } catch (IOException e) {
      if (e.getMessage() == null) {
        throw e;
      }
    }
  }

  private static ModuleIdentity module() {
    return new ModuleIdentity("fuzz", "fuzz.sys", 0x10000, 0x10000, 0, NOTHING, Optional.empty());
  }

  private static void ask(ModuleSymbols symbols) {
    symbols.matching(n -> true);
    symbols.named("main");
    for (long rva = 0; rva < 0x4000; rva += 0x111) {
      symbols.nearest(rva);
      symbols.next(rva);
      symbols.unwindRecords().fpo(rva);
      symbols.unwindRecords().frameData(rva);
    }
  }

  /** Files in memory, where the platform has such a place. */
  private static final class Scratch {
    private static final Path FOLDER = folder();

    private static Path folder() {
      Path shared = Path.of("/dev/shm");
      try {
        return Files.isWritable(shared)
            ? Files.createTempDirectory(shared, "jkd-fuzz")
            : Files.createTempDirectory("jkd-fuzz");
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    static Path file(String name, byte[] data) throws IOException {
      return Files.write(FOLDER.resolve(name), data);
    }
  }
}
