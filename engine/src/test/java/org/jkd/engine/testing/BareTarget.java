// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.testing;

import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.target.LoadedModule;
import org.jkd.target.Target;
import org.jkd.target.UnloadedModule;

/** A target of which nothing can be read. */
public record BareTarget(Arch arch) implements Target {
  @Override
  public Memory memory() {
    return new Memory() {
      @Override
      public int read(long address, byte[] target, int at, int length) {
        return 0;
      }

      @Override
      public Unreadable whyUnreadable(long address) {
        return new Unreadable.NoBlock();
      }
    };
  }

  @Override
  public List<LoadedModule> modules() {
    return List.of();
  }

  @Override
  public List<UnloadedModule> unloadedModules() {
    return List.of();
  }
}
