// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;
import org.jkd.target.KernelProcess;

/**
 * {@code !dml_proc [Process]}: the processes, one on a line, or one of them. kd's lines are links;
 * their layout here is from general knowledge.
 */
public final class ProcessTableCommand extends SystemCommand {
  private static final int IMAGE = 15;

  @Override
  Result run(Arguments arguments, Nt nt) {
    if (!arguments.atEnd()) {
      KernelProcess one = ProcessCommand.byAddressOrId(nt, arguments.expression());
      arguments.end();
      return new ProcessList(false, List.of(new ProcessReport(nt, one, 1)), List.of());
    }
    ProcessCommand.Found found = ProcessCommand.find(nt);
    List<String> lines = new ArrayList<>();
    lines.add(Text.left("Address", nt.isX86() ? 8 : 17) + " PID  Image file name");
    for (KernelProcess process : found.processes()) {
      String id = process.processId().isPresent() ? hex(process) : "????";
      String image = process.imageName().isEmpty() ? "????????" : process.imageName();
      lines.add(
          Hex.address(nt.arch(), process.address())
              + " "
              + Text.left(id, 4)
              + " "
              + Text.left(image, IMAGE));
    }
    lines.addAll(found.problems());
    return new Answer(
        lines,
        o ->
            o.objects(
                "processes",
                found.processes(),
                (j, p) -> {
                  j.address("address", p.address()).text("image", p.imageName());
                  p.processId().ifPresent(i -> j.number("id", i));
                }));
  }

  private static String hex(KernelProcess process) {
    return Long.toHexString(process.processId().getAsLong());
  }
}
