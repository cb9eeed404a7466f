// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Text;
import org.jkd.target.KernelProcess;

/** {@code !vm [Flags]}: use of memory; windbg-commands.md, 19. Flag 1 leaves out the processes. */
public final class VmCommand extends SystemCommand {
  private static final int PAGE = 0x1000;

  /** Where the numbers end. */
  private static final int COLUMN = 32;

  @Override
  Result run(Arguments arguments, Nt nt) {
    long flags = arguments.atEnd() ? 0 : arguments.expression();
    arguments.end();
    List<Row> rows = new ArrayList<>();
    pages(nt, rows, "Physical Memory", "MmNumberOfPhysicalPages");
    pages(nt, rows, "Available Pages", "MmAvailablePages");
    pages(nt, rows, "ResAvail Pages", "MmResidentAvailablePages");
    bytes(nt, rows, "NonPagedPool Usage", "MmAllocatedNonPagedPool", 1);
    bytes(nt, rows, "NonPagedPool Max", "MmMaximumNonPagedPoolInBytes", PAGE);
    bytes(nt, rows, "PagedPool Maximum", "MmSizeOfPagedPoolInBytes", PAGE);
    pages(nt, rows, "Shared Commit", "MmSharedCommit");
    pages(nt, rows, "PagedPool Commit", "MmPagedPoolCommit");
    pages(nt, rows, "Driver Commit", "MmDriverCommit");
    pages(nt, rows, "Committed pages", "MmTotalCommittedPages");
    pages(nt, rows, "Commit limit", "MmTotalCommitLimit");
    if (rows.isEmpty()) {
      throw new CommandException(
          "The dump holds none of the counters of memory"
              + (nt.find("MmNumberOfPhysicalPages").isEmpty()
                  ? ", and nothing tells where they are"
                  : ""));
    }
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("*** Virtual Memory Usage ***");
    rows.forEach(r -> lines.add(r.line("      ")));
    List<Row> processes = (flags & 1) != 0 ? List.of() : processes(nt, lines);
    return new Answer(
        lines,
        o -> {
          o.objects(
              "counters", rows, (j, r) -> j.text("name", r.name()).number("pages", r.pages()));
          o.objects(
              "processes",
              processes,
              (j, r) -> j.text("image", r.name()).number("pages", r.pages()));
        });
  }

  private static void pages(Nt nt, List<Row> rows, String name, String variable) {
    bytes(nt, rows, name, variable, 1);
  }

  /** kd leaves out what a version does not count; so is what the dump does not hold. */
  private static void bytes(Nt nt, List<Row> rows, String name, String variable, int unit) {
    OptionalLong value = nt.word(variable);
    if (value.isPresent() && value.getAsLong() != 0) {
      rows.add(new Row(name, value.getAsLong() / unit));
    }
  }

  private static List<Row> processes(Nt nt, List<String> lines) {
    List<Row> found = new ArrayList<>();
    if (!nt.knows("_EPROCESS")) {
      return found;
    }
    ProcessCommand.Found all = ProcessCommand.find(nt);
    long total = 0;
    for (KernelProcess process : all.processes()) {
      OptionalLong charge = nt.at("_EPROCESS", process.address()).number("CommitCharge");
      if (charge.isPresent()) {
        String id = "%04x ".formatted(process.processId().orElse(0));
        found.add(new Row(id + process.imageName(), charge.getAsLong()));
        total += charge.getAsLong();
      }
    }
    found.sort(Comparator.comparingLong(r -> -r.pages()));
    lines.add("");
    lines.add(new Row("Total Private", total).line("      "));
    found.forEach(r -> lines.add(r.process()));
    lines.addAll(all.problems());
    return found;
  }

  /** Pages under a name. */
  record Row(String name, long pages) {
    String line(String indent) {
      String label = indent + name + ":";
      return label + Text.right(Long.toString(pages), COLUMN - label.length()) + kb();
    }

    String process() {
      String label = "         " + Text.left(name, 16) + " ";
      return label + Text.right(Long.toString(pages), COLUMN - label.length()) + kb();
    }

    private String kb() {
      return "   (%8d Kb)".formatted(pages * (PAGE >> 10));
    }
  }
}
