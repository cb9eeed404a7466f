// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Register;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.SystemLines;
import org.jkd.engine.diagnosis.BigFrame;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.engine.diagnosis.Suspects;
import org.jkd.image.FormatException;
import org.jkd.pe.PeImage;
import org.jkd.pe.VersionInfo;
import org.jkd.stack.rebuild.KernelRequests;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.stack.rebuild.StackRequest;
import org.jkd.symbols.SymbolSet;
import org.jkd.target.FaultContext;
import org.jkd.target.FaultFinder;
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
        frame -> explain(debuggee, frame),
        new Suspects.Directory() {
          @Override
          public String symbol(long address) {
            String name = name(debuggee, address);
            return name == null ? Long.toHexString(address) : name;
          }

          @Override
          public ModuleOwner owner(LoadedModule module) {
            return CrashReports.owner(debuggee, module);
          }
        });
  }

  private static BigFrame explain(Debuggee debuggee, RebuiltFrame frame) {
    return new FrameExplainer(debuggee.space(), address -> name(debuggee, address)).explain(frame);
  }

  /**
   * The rebuilt stack of the crash; empty where no stack is known or its code cannot be read. Where
   * the code that stopped the system leads nowhere (its stack may be missing from a small dump),
   * the registers of the fault itself are tried.
   */
  public static Optional<RebuiltStack> rebuild(Debuggee debuggee, KernelTarget kernel) {
    if (kernel.arch() == Arch.ARM64) {
      return Optional.empty();
    }
    Optional<StackRequest> request = KernelRequests.crash(kernel, false);
    Optional<RebuiltStack> best = request.map(debuggee.reconstructor()::rebuild);
    if (request.isEmpty() || best.isEmpty() || best.get().frames().size() > 1) {
      return best;
    }
    for (FaultContext fault : FaultFinder.find(kernel)) {
      if (fault.context().sp() == kernel.context().sp()) {
        continue; // the code that stopped the system
      }
      Optional<StackRequest> from = from(request.get(), fault);
      if (from.isPresent()) {
        RebuiltStack other = debuggee.reconstructor().rebuild(from.get());
        if (other.frames().size() > best.get().frames().size()) {
          best = Optional.of(other);
        }
      }
    }
    return best;
  }

  /** The same stack from the registers of a fault, if these point to one of its stacks. */
  private static Optional<StackRequest> from(StackRequest request, FaultContext fault) {
    if (!fault.context().knows(Register.RSP) || fault.context().ip() == 0) {
      return Optional.empty();
    }
    long sp = fault.context().sp();
    List<StackRequest.Area> areas = new ArrayList<>(List.of(request.stack()));
    areas.addAll(request.others());
    return areas.stream()
        .filter(a -> a.contains(sp))
        .findFirst()
        .map(own -> {
          areas.remove(own);
          return new StackRequest(
              request.thread(),
              own,
              areas,
              List.of(fault.context()),
              request.initialStack(),
              request.trapFrame(),
              false,
              request.bugCheck(),
              false,
              request.hints());
        });
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
    ModuleOwner owner =
        ModuleOwner.of(
            module.name(),
            module.imagePath(),
            version.flatMap(v -> v.string("CompanyName")).orElse(""),
            version.flatMap(v -> v.string("ProductName")).orElse(""));
    Optional<String> number = version.flatMap(v -> v.string("FileVersion"));
    if (number.isPresent()) {
      return owner.withBuild("version " + number.get().strip());
    }
    // Microsoft's builds are reproducible: their header has a hash where others have a date.
    return owner.origin() == ModuleOwner.Origin.MICROSOFT
        ? owner
        : owner.withBuild(dated(module.timestamp()));
  }

  /** The date that the linker wrote, if it can be one. */
  private static String dated(long timestamp) {
    LocalDate date = LocalDate.ofEpochDay(timestamp / (24 * 60 * 60));
    return date.getYear() < 1990 || date.isAfter(LocalDate.now(ZoneOffset.UTC))
        ? ""
        : "header dated " + date;
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
