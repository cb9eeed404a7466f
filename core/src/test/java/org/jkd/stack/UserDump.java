// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.dump.mini.MiniDump;
import org.jkd.dump.mini.MiniModule;
import org.jkd.dump.mini.MiniThread;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.NoSymbols;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.symbols.SymbolSet;
import org.jkd.symbols.breakpad.BreakpadFormat;
import org.jkd.target.LoadedModule;
import org.jkd.target.UserTarget;

/** A user-mode minidump with its symbols, for tests. */
record UserDump(UserTarget target, CodeMap code) {

  /** A dump whose images and PDBs lie in a folder. */
  static UserDump withImages(Path dump, String folders) throws IOException {
    UserTarget target = new UserTarget(MiniDump.open(dump));
    SymbolPath path = SymbolPath.parse(folders);
    SymbolSet symbols =
        new SymbolSet(
            target.modules().stream()
                .map(m ->
                    new ModuleIdentity(
                        m.name(),
                        m.imageName(),
                        m.base(),
                        m.size(),
                        m.timestamp(),
                        target.memory()))
                .toList(),
            new SymbolLoader(path, path, List.of(), false));
    return new UserDump(target, CodeMap.of(symbols));
  }

  /** A dump whose Breakpad symbol files lie in a folder, by PDB name and identifier. */
  static UserDump withBreakpad(Path dump, Path folder) throws IOException {
    UserTarget target = new UserTarget(MiniDump.open(dump));
    return new UserDump(target, CodeMap.of(target, m -> breakpad(target, m, folder)));
  }

  /** A dump without any symbols. */
  static UserDump bare(Path dump) throws IOException {
    UserTarget target = new UserTarget(MiniDump.open(dump));
    return new UserDump(target, CodeMap.of(target, m -> new NoSymbols()));
  }

  private static ModuleSymbols breakpad(UserTarget target, LoadedModule loaded, Path folder) {
    Optional<MiniModule.DebugId> id =
        target.dump().modules().stream()
            .filter(m -> m.base() == loaded.base())
            .findFirst()
            .flatMap(MiniModule::debugId);
    if (id.isEmpty()) {
      return new NoSymbols();
    }
    String pdb = id.get().fileName();
    String stem = pdb.endsWith(".pdb") ? pdb.substring(0, pdb.length() - 4) : pdb;
    Path file = folder.resolve(pdb).resolve(id.get().key()).resolve(stem + ".sym");
    try {
      if (Files.exists(file)) {
        return new BreakpadFormat().open(file).symbols();
      }
      Path packed = file.resolveSibling(stem + ".sym.xz");
      return Files.exists(packed) ? unpack(packed) : new NoSymbols();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ModuleSymbols unpack(Path packed) throws IOException {
    Process xz = new ProcessBuilder("xz", "-dc", packed.toString()).start();
    try (InputStream in = xz.getInputStream()) {
      return BreakpadFormat.read(packed, in);
    }
  }

  CallStack walk(MiniThread thread, int maxFrames) {
    return new StackWalker(target.arch(), target.memory(), code, StackEnvironment.NONE)
        .walk(target.context(thread).orElseThrow(), maxFrames);
  }

  /** The stacks of all threads that have registers. */
  List<CallStack> walkAll() {
    List<CallStack> stacks = new ArrayList<>();
    for (MiniThread thread : target.threads()) {
      if (target.context(thread).isPresent()) {
        stacks.add(walk(thread, StackWalker.MAX_FRAMES));
      }
    }
    return stacks;
  }

  String name(long address) {
    Optional<CodeSource.Module> module = code.at(address);
    if (module.isEmpty()) {
      return "?";
    }
    long rva = address - module.get().base();
    return module
        .get()
        .symbols()
        .nearest(rva)
        .map(s -> module.get().name() + "!" + s.name())
        .orElse(module.get().name());
  }
}
