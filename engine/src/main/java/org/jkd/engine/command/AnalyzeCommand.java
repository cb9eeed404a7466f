// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.engine.diagnosis.BugCheckCatalog;
import org.jkd.engine.diagnosis.Suspect;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.report.StackReport;
import org.jkd.target.FaultContext;
import org.jkd.target.FaultFinder;
import org.jkd.target.LoadedModule;

/** {@code !analyze [-v] [-f] [-hang]} and {@code !analyze -show Code [Parameters]}. */
final class AnalyzeCommand extends Command {
  private static final int PARAMETERS = 4;

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean verbose = false;
    while (!arguments.atEnd()) {
      String option = arguments.word();
      switch (option) {
        case "-show" -> {
          return show(arguments, session);
        }
        case "-f", "-hang" -> {
          // Both only change what a live debugger would suspect first.
        }
        default -> {
          if (!option.matches("-v\\d{0,2}")) {
            throw arguments.error(Kind.SYNTAX);
          }
          verbose = true;
        }
      }
    }
    StackReport report = session.debuggee().report(session.kernel());
    Optional<FaultContext> fault = FaultFinder.find(session.kernel()).stream().findFirst();
    Optional<RegisterBlock> registers =
        fault.map(f -> RegisterBlock.of(session, f.context(), List.of()));
    Blame blame = blame(report);
    String imageName =
        session.kernel().modules().stream()
            .filter(m -> m.name().equals(blame.module()))
            .findFirst()
            .map(LoadedModule::imageName)
            .orElse("");
    return new CrashAnalysis(
        report, session.kernel().system(), fault, registers, blame, imageName, verbose);
  }

  /** Module and place that kd's fields name. */
  record Blame(String module, String symbol) {}

  /**
   * For an overflow kd's fields name the victim, as kd does; who used the stack is in fields of our
   * own. For all else they name what speaks for itself, and the victim where nothing does.
   */
  private static Blame blame(StackReport report) {
    Optional<Suspect> suspect = report.verdict().isOverflow() ? Optional.empty() : report.suspect();
    if (suspect.isPresent()) {
      String symbol = suspect.get().symbol();
      return new Blame(suspect.get().module(), symbol.isEmpty() ? suspect.get().module() : symbol);
    }
    return report.stack().frames().stream()
        .findFirst()
        .map(f -> new Blame(f.module(), f.symbol()))
        .orElse(new Blame("", ""));
  }

  /** Only what a bug check means; needs nothing of the dump. */
  private static Result show(Arguments arguments, Session session) {
    long code = arguments.expression();
    List<Long> parameters = new ArrayList<>();
    while (!arguments.atEnd() && parameters.size() < PARAMETERS) {
      parameters.add(arguments.address());
    }
    arguments.end();
    while (parameters.size() < PARAMETERS) {
      parameters.add(0L);
    }
    return new BugCheckText(session.arch(), BugCheckCatalog.of(code & 0xffff_ffffL), parameters);
  }
}
