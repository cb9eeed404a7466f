// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.image.Memory;

/** What is being debugged: a kernel, a process, or a bare image. */
public interface Target {
  /** The processor architecture. */
  Arch arch();

  /** The virtual memory as the current context sees it. */
  Memory memory();

  /** The loaded modules in load order. */
  List<LoadedModule> modules();

  /** The unloaded modules that are still known, latest first. */
  List<UnloadedModule> unloadedModules();

  /** The loaded module that contains an address. */
  default Optional<LoadedModule> moduleAt(long address) {
    for (LoadedModule module : modules()) {
      if (module.contains(address)) {
        return Optional.of(module);
      }
    }
    return Optional.empty();
  }
}
