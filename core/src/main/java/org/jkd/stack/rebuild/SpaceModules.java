// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.IdentityHashMap;
import java.util.Optional;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.stack.CodeSource;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.NoSymbols;

/** The modules of a code space as names and unwinding want them. */
final class SpaceModules implements CodeSource {
  private final CodeSpace space;
  private final IdentityHashMap<CodeImage, Module> modules = new IdentityHashMap<>();

  SpaceModules(CodeSpace space) {
    this.space = space;
  }

  @Override
  public Optional<Module> at(long address) {
    return space.imageAt(address).map(i -> modules.computeIfAbsent(i, SpaceModule::new));
  }

  private record SpaceModule(CodeImage code) implements Module {
    @Override
    public String name() {
      return code.name();
    }

    @Override
    public long base() {
      return code.base();
    }

    @Override
    public long size() {
      return code.end() - code.base();
    }

    @Override
    public ModuleSymbols symbols() {
      return code.symbols().orElse(new NoSymbols());
    }

    @Override
    public Memory image() {
      return new ImageMemory(code);
    }
  }

  /** The module's bytes, holes in memory filled from its file. */
  private record ImageMemory(CodeImage code) implements Memory {
    @Override
    public int read(long address, byte[] target, int at, int length) {
      return code.contains(address) ? code.read(address, target, at, length) : 0;
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return new Unreadable.NoBlock();
    }
  }
}
