// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.dump.Dump;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.SystemLines;
import org.jkd.engine.diagnosis.BugCheckCatalog;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.engine.render.CTime;
import org.jkd.engine.report.CrashReports;
import org.jkd.engine.report.StackReport;
import org.jkd.image.FormatException;
import org.jkd.pe.PeImage;
import org.jkd.pe.VersionInfo;
import org.jkd.symbols.SymbolLoader;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelTarget;
import org.jkd.target.LoadedModule;
import org.jkd.target.SystemInfo;

/** What a kernel dump says. */
public final class KernelRow {
  private static final int HEADER_ONLY = 3;
  private static final long TICKS_PER_SECOND = 10_000_000L;

  private final Debuggee debuggee;
  private final KernelTarget kernel;
  private final Limits limits;

  KernelRow(Debuggee debuggee, KernelTarget kernel, Limits limits) {
    this.debuggee = debuggee;
    this.kernel = kernel;
    this.limits = limits;
  }

  /** A dump with its report, for as long as it is open. */
  public record Analysed(Debuggee debuggee, StackReport report, Facts facts) {}

  TriageRow.Machine machine() {
    SystemInfo system = kernel.system();
    return new TriageRow.Machine(
        kernel.dump().kind(),
        kernel.arch().name().toLowerCase(Locale.ROOT),
        SystemLines.product(system),
        OptionalInt.of(system.build()),
        system.buildLab().orElse(""),
        system.servicePack().orElse(""),
        kernel.header().processors(),
        system.systemTime().isPresent() ? time(system.systemTime().getAsLong()) : "",
        system.upTime().isPresent()
            ? OptionalLong.of(system.upTime().getAsLong() / TICKS_PER_SECOND)
            : OptionalLong.empty());
  }

  private static String time(long filetime) {
    return CTime.moment(filetime).withNano(0).atOffset(ZoneOffset.UTC).toInstant().toString();
  }

  TriageRow.Stop stop() {
    long code = BugCheckCatalog.strip(kernel.bugCheck().code());
    return new TriageRow.Stop(
        "0x" + Long.toHexString(code),
        BugCheckCatalog.of(code).name(),
        kernel.bugCheck().parameters().stream().map(p -> "0x" + Long.toHexString(p)).toList(),
        kernel.currentProcess().map(KernelProcess::imageName).orElse(""));
  }

  /** What is wrong with the file; empty when it is whole and does not contradict itself. */
  Optional<TriageRow.Failure> integrity() {
    Dump dump = kernel.dump();
    long size = dump.file().size();
    String first = dump.notes().isEmpty() ? "" : dump.notes().getFirst();
    if (dump.primaryEnd() > size) {
      return failure(
          Category.TRUNCATED,
          "the file has " + size + " bytes where its contents need " + dump.primaryEnd());
    }
    if (!first.isEmpty()) {
      return failure(Category.DAMAGED, first);
    }
    if (dump.taggedMissing() > 0) {
      return failure(
          Category.TRUNCATED,
          "the file ends "
              + dump.taggedMissing()
              + " bytes before the end of what components added to the dump");
    }
    if (dump instanceof Dump.HeaderDump) {
      return dump.header().dumpType().orElse(0) == HEADER_ONLY
          ? Optional.empty()
          : failure(Category.DAMAGED, "only the header of the dump can be read");
    }
    if (kernel.kernel().isEmpty()) {
      return failure(Category.DAMAGED, "the list of loaded modules cannot be read");
    }
    return Optional.empty();
  }

  private static Optional<TriageRow.Failure> failure(Category category, String text) {
    return Optional.of(new TriageRow.Failure(category, text));
  }

  Analysed analyse() {
    StackReport report = CrashReports.of(debuggee, kernel);
    StackUsage usage = report.usage();
    boolean known = !report.stack().frames().isEmpty();
    Facts facts =
        new Facts(
            new TriageRow.Stack(
                report.verdict().outcome().text(),
                report.verdict().cause().text(),
                known ? OptionalDouble.of(rounded(usage.coverage())) : OptionalDouble.empty(),
                known ? OptionalLong.of(usage.size()) : OptionalLong.empty(),
                report.stages().stream()
                    .map(s -> s.entry().name().toLowerCase(Locale.ROOT))
                    .toList(),
                Facts.symbols(report.stack(), limits.frames()),
                Facts.trusts(report.stack(), limits.frames())),
            driver(report),
            report
                .suspect()
                .map(s -> new TriageRow.Suspected(s.module(), s.symbol(), s.proof().text()))
                .orElse(TriageRow.Suspected.NONE),
            Facts.recursion(report.stack()),
            report.buckets(),
            report.notes());
    return new Analysed(debuggee, report, facts);
  }

  /** Four decimals: more say nothing, and rows stay readable. */
  private static double rounded(double share) {
    return Math.round(share * 10_000) / 10_000.0;
  }

  /** The module with most bytes among those that do not come with Windows. */
  private TriageRow.Driver driver(StackReport report) {
    for (StackUsage.Row row : report.usage().modules()) {
      Optional<ModuleOwner.ProductUsage> product =
          report.products().stream()
              .filter(p -> p.origin() == ModuleOwner.Origin.THIRD_PARTY)
              .filter(p -> p.modules().contains(row.name()))
              .findFirst();
      if (product.isPresent()) {
        return new TriageRow.Driver(
            row.name(),
            product.get().name(),
            product.get().company(),
            version(row.name()),
            OptionalLong.of(row.bytes()));
      }
    }
    return TriageRow.Driver.NONE;
  }

  /** The file version; of an image without one, what a symbol store calls it. */
  private String version(String name) {
    Optional<LoadedModule> module =
        kernel.modules().stream().filter(m -> m.name().equals(name)).findFirst();
    if (module.isEmpty()) {
      return "";
    }
    try {
      Optional<VersionInfo> version = debuggee.image(module.get()).flatMap(PeImage::version);
      Optional<String> text =
          version
              .flatMap(VersionInfo::fixed)
              .map(f -> VersionInfo.Fixed.text(f.fileVersion()))
              .filter(v -> !v.equals("0.0.0.0"));
      if (text.isPresent()) {
        return text.get();
      }
    } catch (FormatException e) {
      // A resource section that is paged out or damaged is normal in a dump.
      return stamp(module.get());
    }
    return stamp(module.get());
  }

  private static String stamp(LoadedModule module) {
    return module.timestamp() == 0 ? "" : SymbolLoader.imageKey(module.timestamp(), module.size());
  }
}
