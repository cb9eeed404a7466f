// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.dump.mini.MiniDump;
import org.jkd.dump.mini.MiniThread;
import org.jkd.symbols.NoSymbols;
import org.jkd.symbols.SymbolFormat;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.symbols.SymbolSet;
import org.jkd.symbols.breakpad.BreakpadFormat;
import org.jkd.target.UserTarget;

/** A user-mode minidump with its symbols, for tests. */
record UserDump(UserTarget target, CodeMap code) {

  /** A dump whose images and PDBs lie in a folder. */
  static UserDump withImages(Path dump, String folders) throws IOException {
    return withSymbols(dump, folders, List.of());
  }

  private static UserDump withSymbols(Path dump, String folders, List<SymbolFormat> formats)
      throws IOException {
    UserTarget target = new UserTarget(MiniDump.open(dump));
    SymbolPath path = SymbolPath.parse(folders);
    SymbolSet symbols =
        new SymbolSet(
            TargetModules.identities(target), new SymbolLoader(path, path, formats, false));
    return new UserDump(target, CodeMap.of(symbols));
  }

  /** A dump whose Breakpad symbol files lie in a folder, by PDB name and identifier. */
  static UserDump withBreakpad(Path dump, Path folder) throws IOException {
    return withSymbols(
        dump,
        folder.toString(),
        List.of(new BreakpadFormat(), new BreakpadFormat(".xz", UserDump::unpack)));
  }

  /** A dump without any symbols. */
  static UserDump bare(Path dump) throws IOException {
    UserTarget target = new UserTarget(MiniDump.open(dump));
    return new UserDump(target, CodeMap.of(target, m -> new NoSymbols()));
  }

  /** Unpacks with the tool of the system: this module has no library for it. */
  private static InputStream unpack(InputStream file) throws IOException {
    Path packed = Files.createTempFile("jkd", ".xz");
    Files.copy(file, packed, StandardCopyOption.REPLACE_EXISTING);
    Process xz = new ProcessBuilder("xz", "-dc", packed.toString()).start();
    byte[] text = xz.getInputStream().readAllBytes();
    Files.delete(packed);
    return new ByteArrayInputStream(text);
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
