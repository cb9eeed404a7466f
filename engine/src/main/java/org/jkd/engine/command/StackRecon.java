// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.engine.report.ReportJson;
import org.jkd.stack.CallStack;
import org.jkd.stack.Frame;
import org.jkd.stack.rebuild.Cycle;
import org.jkd.stack.rebuild.Evidence;
import org.jkd.stack.rebuild.Gap;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jspecify.annotations.Nullable;

/**
 * A rebuilt stack.
 *
 * @param products the bytes by whom the modules come from
 * @param verdict whether the stack ran out; empty for a stack that the crash did not happen on
 * @param verbose true to show every row of a cycle, the evidence and the bits
 * @param walked kd's own walk, to be shown beside
 */
record StackRecon(
    Arch arch,
    RebuiltStack stack,
    List<ModuleOwner.ProductUsage> products,
    String verdict,
    boolean verbose,
    Optional<List<Walked>> walked)
    implements Result {

  private static final int MAX_NAME = 34;

  /**
   * A row of kd's walk.
   *
   * @param slot where kd read the return address, 0 when unknown
   */
  record Walked(long slot, long returnAddress, String symbol) {}

  static List<Walked> walked(Session session, CallStack walk) {
    List<Walked> rows = new ArrayList<>();
    for (Frame f : walk.frames()) {
      rows.add(
          new Walked(
              f.slot().orElse(0),
              f.returnAddress(),
              session.names().text(f.ip()).orElse(Hex.prefixed(session.arch(), f.ip()))));
    }
    return rows;
  }

  @Override
  public void text(TextOut out) {
    out.line(
        "Stack "
            + Hex.address(arch, stack.stackLimit())
            + " to "
            + Hex.address(arch, stack.stackBase())
            + (stack.thread().isPresent()
                ? ", thread " + Hex.address(arch, stack.thread().getAsLong())
                : "")
            + (verdict.isEmpty() ? "" : ": " + verdict));
    if (walked.isPresent()) {
      compare(out, walked.get());
      return;
    }
    table(out);
    totals(out);
    for (String note : stack.notes()) {
      out.line("note: " + note);
    }
  }

  private void table(TextOut out) {
    String address =
        arch == Arch.X86 ? "ChildEBP RetAddr  " : "Child-SP          RetAddr           ";
    out.line(" #  Trust        Memory " + address + "Call Site");
    Map<Integer, Cycle> cycles = new HashMap<>();
    for (Cycle c : stack.cycles()) {
      cycles.put(c.first(), c);
    }
    List<Gap> gaps = new ArrayList<>(stack.gaps());
    int i = 0;
    while (i < stack.frames().size()) {
      RebuiltFrame frame = stack.frames().get(i);
      row(out, frame);
      gapAfter(out, frame, i, gaps);
      Cycle cycle = verbose ? null : cycleOver(cycles, i);
      if (cycle != null && i == cycle.first() + cycle.period() - 1) {
        out.line(
            "    ... these "
                + cycle.period()
                + (cycle.period() == 1 ? " frame" : " frames")
                + " "
                + cycle.count()
                + " times: 0n"
                + cycle.bytes()
                + " bytes in all");
        i = cycle.first() + cycle.period() * cycle.count();
      } else {
        i++;
      }
    }
    gaps.forEach(g -> gap(out, g));
  }

  private static @Nullable Cycle cycleOver(Map<Integer, Cycle> cycles, int index) {
    for (Cycle c : cycles.values()) {
      if (index >= c.first() && index < c.first() + c.period()) {
        return c;
      }
    }
    return null;
  }

  /** At least two digits; stacks of user mode hold more than 0xfff frames. */
  private static String number(RebuiltFrame f) {
    return String.format(Locale.ROOT, "%02x", f.index());
  }

  private void row(TextOut out, RebuiltFrame f) {
    String unknown = arch == Arch.X86 ? "        " : "                 ";
    out.add(String.format(Locale.ROOT, "%-3s ", number(f)));
    out.add(String.format(Locale.ROOT, "%-10s", f.trust().text()));
    out.add(Hex.right(f.bytes(), 9)).add(" ");
    out.add(f.childEbp().isPresent() ? Hex.address(arch, f.childEbp().getAsLong()) : unknown);
    out.add(" ");
    out.add(
        f.returnAddress().isPresent() ? Hex.address(arch, f.returnAddress().getAsLong()) : unknown);
    out.add(" ").add(f.symbol());
    if (f.kind() != RebuiltFrame.Kind.CALL) {
      out.add(" (" + f.kind().text() + ")");
    }
    out.end();
    if (verbose) {
      List<String> names = f.evidence().stream().map(Evidence::name).toList();
      out.line(
          String.format(
              Locale.ROOT,
              "        %+.1f bits, margin %.1f: %s",
              f.score(),
              f.margin(),
              String.join(", ", names)));
    }
  }

  /** Prints the gaps that lie between a frame and the next one. */
  private void gapAfter(TextOut out, RebuiltFrame frame, int index, List<Gap> gaps) {
    if (index + 1 >= stack.frames().size()) {
      return;
    }
    RebuiltFrame next = stack.frames().get(index + 1);
    if (next.slot().isEmpty()) {
      return;
    }
    long below = frame.slot().orElse(0);
    gaps.removeIf(g -> {
      boolean between =
          Long.compareUnsigned(g.from(), next.slot().getAsLong()) <= 0
              && Long.compareUnsigned(g.from(), below) >= 0;
      if (between) {
        gap(out, g);
      }
      return between;
    });
  }

  private void gap(TextOut out, Gap g) {
    out.line(
        "--  unknown   "
            + Hex.right(g.bytes(), 9)
            + " "
            + Hex.address(arch, g.from())
            + " "
            + Hex.address(arch, g.to())
            + " "
            + g.reason());
  }

  private void totals(TextOut out) {
    StackUsage usage = StackUsage.of(stack);
    out.line(
        stack.frames().size()
            + " frames own 0n"
            + usage.attributed()
            + " of 0n"
            + usage.size()
            + " bytes ("
            + Math.round(100 * usage.coverage())
            + " %), 0n"
            + usage.unattributed()
            + " are not attributed");
    for (StackUsage.Row r : usage.modules()) {
      out.line(
          String.format(Locale.ROOT, "%9d bytes %5d frames  %s", r.bytes(), r.frames(), r.name()));
    }
  }

  /** Rebuilt rows beside the rows of kd's walk that read the same slot. */
  private void compare(TextOut out, List<Walked> rows) {
    Map<Long, Walked> bySlot = new HashMap<>();
    rows.forEach(r -> bySlot.putIfAbsent(r.slot(), r));
    int both = 0;
    out.line(String.format(Locale.ROOT, " #  %-10s %-34s kd", "Trust", "rebuilt"));
    for (RebuiltFrame f : stack.frames()) {
      Walked w = f.slot().isPresent() ? bySlot.remove(f.slot().getAsLong()) : null;
      boolean same = w != null && w.returnAddress() == f.ip();
      both += same ? 1 : 0;
      String name = f.symbol();
      out.line(
          String.format(
              Locale.ROOT,
              "%s  %-10s %-34s %s",
              number(f),
              f.trust().text(),
              name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name,
              same ? "same" : f.slot().isEmpty() ? "" : "-"));
    }
    out.line("kd's walk has " + rows.size() + " rows; " + both + " of them are rebuilt frames");
    for (Walked w : rows) {
      if (w.slot() != 0 && bySlot.containsKey(w.slot())) {
        out.line(
            "only kd: "
                + Hex.address(arch, w.returnAddress())
                + " at "
                + Hex.address(arch, w.slot())
                + ", the return address of "
                + w.symbol());
      }
    }
  }

  @Override
  public void json(JsonOut out) {
    out.optional("verdict", verdict);
    ReportJson.stack(stack, verbose, out);
    ReportJson.usage(StackUsage.of(stack), products, out);
    if (!stack.notes().isEmpty()) {
      out.texts("notes", stack.notes());
    }
    if (walked.isPresent()) {
      out.objects(
          "walked",
          walked.get(),
          (o, w) -> {
            if (w.slot() != 0) {
              o.address("slot", w.slot());
            }
            o.address("returnAddress", w.returnAddress()).text("symbol", w.symbol());
          });
    }
  }
}
