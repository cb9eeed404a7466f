// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.List;
import java.util.Optional;
import org.jkd.pe.DebugDirectory;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.target.LoadedModule;
import org.jkd.target.Target;
import org.jkd.target.UserTarget;

/** What symbols must know about the modules of a target. */
public final class TargetModules {
  private TargetModules() {}

  /** All modules, in load order. */
  public static List<ModuleIdentity> identities(Target target) {
    return target.modules().stream().map(m -> identity(target, m)).toList();
  }

  /** One module. */
  public static ModuleIdentity identity(Target target, LoadedModule module) {
    Optional<DebugDirectory.CodeView> record =
        target instanceof UserTarget user ? user.debugRecord(module) : Optional.empty();
    return new ModuleIdentity(
        module.name(),
        module.imageName(),
        module.base(),
        module.size(),
        module.timestamp(),
        target.memory(),
        record);
  }
}
