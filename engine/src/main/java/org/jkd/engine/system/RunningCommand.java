// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Backtrace;
import org.jkd.engine.command.BacktraceOptions;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.objects.Structure;
import org.jkd.target.KernelThread;
import org.jkd.target.Processor;

/**
 * {@code !running [-i] [-t]}: which threads run where; windbg-commands.md, 6.5. {@code -i} shows
 * idle processors too, {@code -t} stacks.
 */
public final class RunningCommand extends SystemCommand {
  /** The spin locks of which kd shows who holds them. */
  private static final int QUEUED_LOCKS = 16;

  @Override
  Result run(Arguments arguments, Nt nt) {
    boolean idle = false;
    boolean stacks = false;
    while (arguments.peek() == '-') {
      String word = arguments.word();
      idle |= word.indexOf('i') > 0;
      stacks |= word.indexOf('t') > 0;
    }
    arguments.end();
    List<Row> rows = new ArrayList<>();
    for (Processor p : nt.kernel().processors()) {
      rows.add(row(nt, p, stacks && (idle || !isIdle(p))));
    }
    return new Running(nt, nt.kernel().system().processors(), rows, idle);
  }

  private static boolean isIdle(Processor p) {
    return p.currentThread().isPresent() && p.currentThread().equals(p.idleThread());
  }

  private static Row row(Nt nt, Processor p, boolean stack) {
    Optional<Structure> prcb =
        p.prcb().isPresent() ? nt.maybe("_KPRCB", p.prcb().getAsLong()) : Optional.empty();
    OptionalLong next = prcb.map(b -> b.number("NextThread")).orElse(OptionalLong.empty());
    Optional<Backtrace> trace = Optional.empty();
    if (stack && p.currentThread().isPresent()) {
      KernelThread thread = nt.kernel().thread(p.currentThread().getAsLong());
      trace =
          ThreadReport.context(nt, thread)
              .map(c ->
                  Backtrace.of(
                      nt.session(),
                      nt.session().walk(thread, c, nt.session().frameCount()),
                      BacktraceOptions.NONE,
                      false));
    }
    return new Row(
        p,
        next,
        priority(nt, p.currentThread()),
        priority(nt, next),
        prcb.map(b -> locks(nt, b)).orElse(".".repeat(QUEUED_LOCKS)),
        trace);
  }

  private static OptionalLong priority(Nt nt, OptionalLong thread) {
    return thread.isPresent() && thread.getAsLong() != 0 && nt.knows("_KTHREAD")
        ? nt.at("_KTHREAD", thread.getAsLong()).number("Priority")
        : OptionalLong.empty();
  }

  /** Queued spin locks: {@code O} owned, {@code W} waited for; the low bits of the pointers. */
  private static String locks(Nt nt, Structure prcb) {
    StringBuilder map = new StringBuilder();
    OptionalLong first = prcb.addressOf("LockQueue");
    long count = nt.structures().count("_KPRCB", "LockQueue");
    long stride = nt.structures().stride("_KPRCB", "LockQueue");
    for (int i = 0; i < QUEUED_LOCKS; i++) {
      OptionalLong lock =
          first.isPresent() && i < count
              ? nt.memory().pointer(first.getAsLong() + i * stride + nt.pointerSize())
              : OptionalLong.empty();
      long bits = lock.orElse(0) & 3;
      map.append(bits == 0 ? '.' : (bits & 2) != 0 ? 'O' : 'W');
    }
    return map.toString();
  }

  /**
   * A processor.
   *
   * @param locks a character for each queued spin lock
   */
  record Row(
      Processor processor,
      OptionalLong next,
      OptionalLong priority,
      OptionalLong nextPriority,
      String locks,
      Optional<Backtrace> trace) {}

  /**
   * Who runs where.
   *
   * @param count how many processors the system has; a small dump knows fewer of them closely
   */
  record Running(Nt nt, int count, List<Row> rows, boolean withIdle) implements Result {
    @Override
    public void text(TextOut out) {
      long all = count >= 64 ? -1 : (1L << count) - 1;
      long idle = 0;
      for (Row row : rows) {
        idle |= isIdle(row.processor) ? 1L << row.processor.number() : 0;
      }
      if (nt.isX86()) {
        out.line("System Processors " + Long.toHexString(all) + " (affinity mask)");
        out.line("  Idle Processors " + Long.toHexString(idle));
        out.line("     Prcb      Current   Next");
      } else {
        out.line("System Processors:  (" + Hex.pad(all, 16) + ")");
        out.line("  Idle Processors:  (" + Hex.pad(idle, 16) + ")");
        out.end();
        out.line("       Prcbs             Current         (pri) Next            (pri) Idle");
      }
      for (Row row : rows) {
        if (withIdle || !isIdle(row.processor)) {
          out.line(nt.isX86() ? x86(row) : x64(row));
          row.trace.ifPresent(t -> {
            out.end();
            t.text(out);
            out.end();
          });
        }
      }
      if (rows.size() < count) {
        out.line("*** The dump tells of " + rows.size() + " of " + count + " processors");
      }
    }

    private String number(Row row) {
      return Text.right(Integer.toString(row.processor.number()), 3);
    }

    private String x86(Row row) {
      boolean none = row.next.orElse(0) == 0;
      return number(row)
          + "  "
          + nt.hex(row.processor.prcb())
          + "  "
          + nt.hex(row.processor.currentThread())
          + "  "
          + (none ? " ".repeat(8) : nt.hex(row.next))
          + "  "
          + row.locks;
    }

    private String x64(Row row) {
      boolean none = row.next.orElse(0) == 0;
      return number(row)
          + "    "
          + nt.hex(row.processor.prcb())
          + "  "
          + nt.hex(row.processor.currentThread())
          + priority(row.priority)
          + (none ? " ".repeat(21) : nt.hex(row.next) + priority(row.nextPriority).stripTrailing())
          + " "
          + nt.hex(row.processor.idleThread())
          + "  "
          + row.locks;
    }

    private static String priority(OptionalLong priority) {
      return " (" + Text.right(Nt.decimal(priority), 2) + ") ";
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "processors",
          rows,
          (o, r) -> {
            Processor p = r.processor;
            o.number("number", p.number()).flag("idle", isIdle(p));
            if (p.prcb().isPresent()) {
              o.address("prcb", p.prcb().getAsLong());
            }
            if (p.currentThread().isPresent()) {
              o.address("thread", p.currentThread().getAsLong());
            }
            r.priority.ifPresent(v -> o.number("priority", v));
            if (r.next.orElse(0) != 0) {
              o.address("next", r.next.getAsLong());
            }
            r.trace.ifPresent(t -> o.object("stack", t::json));
          });
    }
  }
}
