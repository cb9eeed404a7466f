// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.CTime;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;
import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;
import org.jkd.target.Processor;

/**
 * {@code !timer}: the timers that run. To Windows Vista one table served the system ({@code
 * KiTimerTableListHead}); since Windows 7 every processor has its own.
 */
public final class TimerCommand extends SystemCommand {
  private static final int OLD_BUCKETS_XP = 256;
  private static final int OLD_BUCKETS = 512;
  private static final int MAX_BUCKETS = 1024;
  private static final int LONGHORN = 3790;

  @Override
  Result run(Arguments arguments, Nt nt) {
    arguments.end();
    List<Timer> timers = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    nt.structures().needed("_KTIMER", "TimerListEntry");
    if (nt.structures().offset("_KPRCB", "TimerTable.TimerEntries").isPresent()) {
      for (Processor p : nt.kernel().processors()) {
        if (p.prcb().isPresent()) {
          perProcessor(nt, p, timers, problems);
        }
      }
    } else {
      global(nt, timers, problems);
    }
    List<String> lines = new ArrayList<>();
    lines.add("Dump system timers");
    lines.add("");
    OptionalLong interrupt = interruptTime(nt);
    OptionalLong system = nt.kernel().system().systemTime();
    lines.add(
        "Interrupt time: "
            + (interrupt.isEmpty()
                ? "not in the dump"
                : low(interrupt.getAsLong()) + " [" + time(interrupt, interrupt, system) + "]"));
    lines.add("");
    lines.add(
        Text.left("List Timer", 6 + nt.pointerSize() * 2)
            + "  Interrupt Low/High     Fire Time                  DPC/thread");
    for (Timer timer : timers) {
      lines.add(
          "%3d %s %s %s [%s] %s"
              .formatted(
                  timer.bucket(),
                  nt.hex(timer.address()),
                  timer.periodic() ? "P" : " ",
                  timer.due().isPresent() ? low(timer.due().getAsLong()) : "????????",
                  time(timer.due(), interrupt, system),
                  timer.what())
              .stripTrailing());
    }
    lines.addAll(problems);
    lines.add("");
    lines.add("Total Timers: " + timers.size());
    return new Answer(
        lines,
        o ->
            o.objects(
                "timers",
                timers,
                (j, t) -> {
                  j.address("timer", t.address()).number("processor", t.processor());
                  t.due().ifPresent(d -> j.address("dueTime", d));
                  j.flag("periodic", t.periodic()).optional("calls", t.what());
                }));
  }

  /** Low part, then high part, as kd has them. */
  private static String low(long time) {
    return Hex.pad(time, 8) + " " + Hex.pad(time >>> 32, 8);
  }

  private static String time(OptionalLong due, OptionalLong interrupt, OptionalLong system) {
    if (due.isEmpty() || interrupt.isEmpty() || system.isEmpty()) {
      return "unknown";
    }
    long moment = system.getAsLong() + due.getAsLong() - interrupt.getAsLong();
    return moment <= 0 || due.getAsLong() < 0 ? "NEVER" : CTime.filetime(moment);
  }

  /** KUSER_SHARED_DATA.InterruptTime: at offset 8 of the page that both modes see. */
  private static OptionalLong interruptTime(Nt nt) {
    long shared = nt.isX86() ? 0xffdf0000L : 0xffff_f780_0000_0000L;
    return nt.memory().u64(shared + 8);
  }

  /** A timer. */
  record Timer(
      int processor, int bucket, long address, OptionalLong due, boolean periodic, String what) {}

  private static void perProcessor(Nt nt, Processor p, List<Timer> timers, List<String> problems) {
    long table = nt.at("_KPRCB", p.prcb().orElse(0)).place("TimerTable.TimerEntries");
    long size = nt.structures().size("_KTIMER_TABLE_ENTRY");
    long head = nt.structures().needed("_KTIMER_TABLE_ENTRY", "Entry");
    // One row of 256, from Windows 8 on on some systems two.
    long bytes = nt.structures().bytes("_KTIMER_TABLE", "TimerEntries");
    int count = (int) Math.min(MAX_BUCKETS, bytes / size);
    for (int i = 0; i < count; i++) {
      bucket(nt, p.number(), i, table + i * size + head, timers, problems);
    }
  }

  private static void global(Nt nt, List<Timer> timers, List<String> problems) {
    long table = nt.needed("KiTimerTableListHead");
    boolean entries = nt.knows("_KTIMER_TABLE_ENTRY");
    long size = entries ? nt.structures().size("_KTIMER_TABLE_ENTRY") : 2L * nt.pointerSize();
    long head = entries ? nt.structures().needed("_KTIMER_TABLE_ENTRY", "Entry") : 0;
    int count = nt.kernel().system().build() < LONGHORN ? OLD_BUCKETS_XP : OLD_BUCKETS;
    for (int i = 0; i < count; i++) {
      bucket(nt, 0, i, table + i * size + head, timers, problems);
    }
  }

  private static void bucket(
      Nt nt, int processor, int number, long head, List<Timer> timers, List<String> problems) {
    OptionalLong first = nt.memory().pointer(head);
    if (first.isEmpty() && problems.isEmpty()) {
      problems.add(
          "*** The table of timers cannot be read at "
              + nt.hex(head)
              + ": "
              + nt.memory().memory().whyUnreadable(head).text());
    }
    if (first.orElse(0) == 0) {
      return;
    }
    LinkWalk walk = nt.list(head);
    long link = nt.structures().needed("_KTIMER", "TimerListEntry");
    for (long entry : walk.entries()) {
      Structure timer = nt.at("_KTIMER", entry - link);
      timers.add(
          new Timer(
              processor,
              number,
              timer.address(),
              timer.number("DueTime.QuadPart", "DueTime"),
              timer.number("Period").orElse(0) != 0,
              what(nt, timer)));
    }
    String why = "*** Some lists end early: their next timer is not in the dump";
    if (walk.end() != LinkWalk.End.UNREADABLE) {
      nt.problem(walk).ifPresent(problems::add);
    } else if (!problems.contains(why)) {
      problems.add(why);
    }
  }

  /** What is called when it fires: the routine of its deferred call, or the thread that waits. */
  private static String what(Nt nt, Structure timer) {
    OptionalLong dpc = timer.number("Dpc");
    long at = decoded(nt, dpc.orElse(0), timer.address());
    if (nt.isSystem(at) && nt.knows("_KDPC")) {
      OptionalLong routine = nt.at("_KDPC", at).number("DeferredRoutine");
      if (routine.isPresent()) {
        String symbol = nt.symbol(routine.getAsLong());
        return symbol.isEmpty() ? "0x" + nt.hex(routine) : symbol;
      }
    }
    OptionalLong waiter = timer.number("Header.WaitListHead.Flink");
    OptionalLong link = nt.structures().offset("_KWAIT_BLOCK", "WaitListEntry");
    long head = timer.addressOf("Header.WaitListHead").orElse(0);
    if (waiter.isPresent()
        && link.isPresent()
        && waiter.getAsLong() != head
        && nt.isSystem(waiter.getAsLong())) {
      return "thread "
          + nt.hex(nt.at("_KWAIT_BLOCK", waiter.getAsLong() - link.getAsLong()).number("Thread"));
    }
    return "";
  }

  /** 64-bit kernels since Windows 7 hide the pointer behind two random numbers. */
  private static long decoded(Nt nt, long dpc, long timer) {
    OptionalLong never = nt.variable("KiWaitNever", 8);
    OptionalLong always = nt.variable("KiWaitAlways", 8);
    if (nt.isX86() || never.isEmpty() || always.isEmpty() || nt.isSystem(dpc) && isDpc(nt, dpc)) {
      return dpc;
    }
    long turned = Long.rotateLeft(dpc ^ never.getAsLong(), (int) (never.getAsLong() & 0xff));
    return Long.reverseBytes(turned ^ timer) ^ always.getAsLong();
  }

  private static boolean isDpc(Nt nt, long address) {
    return nt.knows("_KDPC")
        && nt.isSystem(nt.at("_KDPC", address).number("DeferredRoutine").orElse(0));
  }
}
