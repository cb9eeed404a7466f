// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Result;
import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;
import org.jkd.target.Processor;

/** {@code !dpcs [N]}: deferred procedure calls that wait for a processor. */
public final class DpcsCommand extends SystemCommand {
  private static final String[] KINDS = {"Normal  ", "Threaded"};

  @Override
  Result run(Arguments arguments, Nt nt) {
    List<Processor> processors =
        arguments.atEnd()
            ? nt.kernel().processors()
            : List.of(ProcessorCommand.processor(arguments, nt));
    if (nt.structures().offset("_KPRCB", "DpcListHead").isEmpty()) {
      nt.structures().needed("_KPRCB", "DpcData");
    }
    List<String> lines = new ArrayList<>();
    List<Dpc> all = new ArrayList<>();
    lines.add("CPU Type      KDPC       Function");
    for (Processor p : processors) {
      if (p.prcb().isEmpty()) {
        lines.add(
            "*** The dump does not tell where the control block of processor "
                + p.number()
                + " is");
        continue;
      }
      Queue queue = of(nt, p);
      for (Dpc dpc : queue.dpcs()) {
        lines.add(
            "%2d: %s: %s %s"
                .formatted(
                    p.number(),
                    KINDS[dpc.threaded() ? 1 : 0],
                    nt.hex(dpc.address()),
                    dpc.function(nt)));
      }
      all.addAll(queue.dpcs());
      lines.addAll(queue.problems());
    }
    return new Answer(
        lines,
        o ->
            o.objects(
                "dpcs",
                all,
                (j, d) -> {
                  j.number("processor", d.processor()).address("dpc", d.address());
                  j.flag("threaded", d.threaded());
                  d.routine()
                      .ifPresent(r -> j.address("routine", r).optional("symbol", nt.symbol(r)));
                }));
  }

  /** A deferred call. */
  record Dpc(int processor, boolean threaded, long address, OptionalLong routine) {
    String function(Nt nt) {
      return "0x"
          + nt.hex(routine)
          + " "
          + (routine.isPresent() ? nt.symbol(routine.getAsLong()) : "");
    }

    /** As {@code !pcr} shows it. */
    String text(Nt nt) {
      return " 0x" + nt.hex(address) + " " + function(nt);
    }
  }

  /** What waits for a processor. */
  record Queue(List<Dpc> dpcs, List<String> problems) {}

  /** The calls that wait for a processor. */
  static Queue of(Nt nt, Processor p) {
    List<Dpc> dpcs = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Structure prcb = ProcessorCommand.prcb(nt, p);
    OptionalLong only = prcb.addressOf("DpcListHead");
    if (only.isPresent()) { // before Windows Server 2003 there was one queue
      add(nt, p, 0, nt.list(only.getAsLong()), dpcs, problems);
      return new Queue(dpcs, problems);
    }
    long size = nt.structures().stride("_KPRCB", "DpcData");
    long kinds = Math.min(KINDS.length, nt.structures().count("_KPRCB", "DpcData"));
    for (int kind = 0; kind < kinds; kind++) {
      long data = prcb.place("DpcData") + kind * size;
      Optional<LinkWalk> walk = walk(nt, nt.at("_KDPC_DATA", data));
      if (walk.isPresent()) {
        add(nt, p, kind, walk.get(), dpcs, problems);
      }
    }
    return new Queue(dpcs, problems);
  }

  private static void add(
      Nt nt, Processor p, int kind, LinkWalk walk, List<Dpc> dpcs, List<String> problems) {
    long link = nt.structures().needed("_KDPC", "DpcListEntry");
    for (long entry : walk.entries()) {
      Structure dpc = nt.at("_KDPC", entry - link);
      dpcs.add(new Dpc(p.number(), kind == 1, dpc.address(), dpc.number("DeferredRoutine")));
    }
    nt.problem(walk).ifPresent(problems::add);
  }

  /** From Windows 8 on the queue is a single list with its first link at {@code DpcList}. */
  private static Optional<LinkWalk> walk(Nt nt, Structure data) {
    OptionalLong head = data.addressOf("DpcListHead");
    OptionalLong first =
        head.isPresent()
            ? nt.memory().pointer(head.getAsLong())
            : data.number("DpcList.ListHead.Next", "DpcList.ListHead");
    if (first.orElse(0) == 0) {
      return Optional.empty();
    }
    return Optional.of(
        head.isPresent()
            ? nt.list(head.getAsLong())
            : LinkWalk.single(nt.memory(), first.getAsLong(), 0, Nt.MAX_LIST, nt::isSystem));
  }
}
