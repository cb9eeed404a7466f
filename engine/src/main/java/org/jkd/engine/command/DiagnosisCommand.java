// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.report.DiagnosisResult;
import org.jkd.engine.report.DiagnosisResult.Part;

/**
 * {@code !overflow}, {@code !stackusage}, {@code !stages}, {@code !bigframes}: parts of the report.
 */
final class DiagnosisCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.end();
    Part part =
        switch (arguments.name()) {
          case "!overflow" -> Part.VERDICT;
          case "!stackusage" -> Part.USAGE;
          case "!stages" -> Part.STAGES;
          case "!bigframes" -> Part.BIG_FRAMES;
          default -> throw arguments.error(Kind.SYNTAX);
        };
    return new DiagnosisResult(part, session.debuggee().report(session.kernel()));
  }
}
