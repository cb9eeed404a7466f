// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.SystemLines;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.image.FormatException;
import org.jkd.pe.PeImage;
import org.jkd.pe.VersionInfo;
import org.jkd.stack.rebuild.KernelRequests;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.symbols.SymbolSet;
import org.jkd.target.KernelTarget;
import org.jkd.target.LoadedModule;
import org.jspecify.annotations.Nullable;

/** Makes the report on a dump that is open. */
public final class CrashReports {
  private CrashReports() {}

  /** The report; complete for any kernel dump, with what is missing in its notes. */
  public static StackReport of(Debuggee debuggee, KernelTarget kernel) {
    Optional<RebuiltStack> stack = rebuild(debuggee, kernel);
    List<String> system = SystemLines.of(kernel);
    Path file = debuggee.file().getFileName();
    return Diagnosis.of(
        file == null ? debuggee.file().toString() : file.toString(),
        system.isEmpty() ? "" : system.getFirst(),
        kernel,
        stack,
        owners(debuggee, stack.map(RebuiltStack::frames).orElse(List.of())),
        frame ->
            new FrameExplainer(debuggee.space(), address -> name(debuggee, address))
                .explain(frame));
  }

  /** The rebuilt stack of the crash; empty where no stack is known or its code cannot be read. */
  public static Optional<RebuiltStack> rebuild(Debuggee debuggee, KernelTarget kernel) {
    return kernel.arch() == Arch.ARM64
        ? Optional.empty()
        : KernelRequests.crash(kernel, false).map(debuggee.reconstructor()::rebuild);
  }

  /** Whom the modules of some frames come from, by module name. */
  public static Map<String, ModuleOwner> owners(Debuggee debuggee, List<RebuiltFrame> frames) {
    Map<String, ModuleOwner> owners = new HashMap<>();
    for (LoadedModule module : debuggee.target().modules()) {
      if (frames.stream().anyMatch(f -> f.module().equals(module.name()))) {
        owners.put(module.name(), owner(debuggee, module));
      }
    }
    return owners;
  }

  private static ModuleOwner owner(Debuggee debuggee, LoadedModule module) {
    Optional<VersionInfo> version = version(debuggee, module);
    return ModuleOwner.of(
        module.name(),
        module.imagePath(),
        version.flatMap(v -> v.string("CompanyName")).orElse(""),
        version.flatMap(v -> v.string("ProductName")).orElse(""));
  }

  /** The version resource of the image, as far as the dump or an image file holds it. */
  private static Optional<VersionInfo> version(Debuggee debuggee, LoadedModule module) {
    try {
      return debuggee.image(module).flatMap(PeImage::version);
    } catch (FormatException e) {
      // A resource section that is paged out or damaged is normal in a dump; the owner is unknown.
      return Optional.empty();
    }
  }

  private static @Nullable String name(Debuggee debuggee, long address) {
    return debuggee.symbols().nearest(address).map(SymbolSet.Nearest::text).orElse(null);
  }
}
