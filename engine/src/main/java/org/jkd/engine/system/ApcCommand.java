// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.JsonOut;
import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;

/**
 * {@code !apc}, {@code !apc proc Process}, {@code !apc thr Thread}: asynchronous calls that threads
 * have not taken yet.
 */
public final class ApcCommand extends SystemCommand {
  private static final String[] MODES = {"KERNEL", "USER"};
  private static final int MAX = 4096;

  @Override
  Result run(Arguments arguments, Nt nt) {
    nt.structures().needed("_KTHREAD", "ApcState.ApcListHead");
    nt.structures().needed("_KAPC", "ApcListEntry");
    Found found = new Found(new ArrayList<>(), new ArrayList<>());
    if (arguments.eatWord("thr")) {
      long thread = nt.arch().address(arguments.expression());
      arguments.end();
      found.thread(nt, nt.kernel().thread(thread), "");
    } else if (arguments.eatWord("proc")) {
      KernelProcess process = ProcessCommand.byAddressOrId(nt, arguments.expression());
      arguments.end();
      found.process(nt, process);
    } else {
      arguments.end();
      ProcessCommand.Found all = ProcessCommand.find(nt);
      found.lines.add("*** Enumerating APCs in all processes");
      all.processes().forEach(p -> found.process(nt, p));
      found.lines.addAll(all.problems());
    }
    return new Answer(found.lines, o -> o.objects("apcs", found.apcs, Apc::json));
  }

  /** A call. */
  record Apc(
      long address,
      long thread,
      String mode,
      OptionalLong kernelRoutine,
      OptionalLong rundownRoutine,
      OptionalLong normalRoutine) {
    static void json(JsonOut out, Apc apc) {
      out.address("apc", apc.address).address("thread", apc.thread).text("mode", apc.mode);
      apc.kernelRoutine.ifPresent(r -> out.address("kernelRoutine", r));
      apc.normalRoutine.ifPresent(r -> out.address("normalRoutine", r));
    }
  }

  private record Found(List<String> lines, List<Apc> apcs) {
    void process(Nt nt, KernelProcess process) {
      lines.add("Process " + nt.hex(process.address()) + " " + process.imageName());
      for (KernelThread thread : nt.kernel().threads(process)) {
        thread(nt, thread, "    ");
      }
    }

    void thread(Nt nt, KernelThread thread, String indent) {
      long heads = nt.at("_KTHREAD", thread.address()).place("ApcState.ApcListHead");
      OptionalLong index = nt.at("_KTHREAD", thread.address()).number("ApcStateIndex");
      for (int mode = 0; mode < MODES.length; mode++) {
        long head = heads + 2L * nt.pointerSize() * mode;
        if (nt.memory().pointer(head).orElse(0) == 0) {
          continue; // not in the dump, or never set up
        }
        LinkWalk walk = LinkWalk.forward(nt.memory(), head, MAX, nt::isSystem);
        if (!walk.entries().isEmpty()) {
          lines.add(
              indent
                  + "Thread "
                  + nt.hex(thread.address())
                  + " ApcStateIndex "
                  + Nt.decimal(index)
                  + " ApcListHead "
                  + nt.hex(head)
                  + " ["
                  + MODES[mode]
                  + "]");
        }
        for (long entry : walk.entries()) {
          add(nt, thread, entry, MODES[mode], indent + "    ");
        }
        nt.problem(walk).ifPresent(p -> lines.add(indent + p));
      }
    }

    private void add(Nt nt, KernelThread thread, long entry, String mode, String indent) {
      long link = nt.structures().needed("_KAPC", "ApcListEntry");
      Structure apc = nt.at("_KAPC", entry - link);
      // The first two are private pointers of newer kernels under other names.
      OptionalLong kernel = routine(nt, apc, "KernelRoutine", 0);
      OptionalLong rundown = routine(nt, apc, "RundownRoutine", 1);
      OptionalLong normal = routine(nt, apc, "NormalRoutine", 2);
      apcs.add(new Apc(apc.address(), thread.address(), mode, kernel, rundown, normal));
      lines.add(indent + "KAPC @ " + nt.hex(apc.address()));
      OptionalLong type = apc.number("Type");
      lines.add(
          indent
              + "  Type           "
              + (type.isEmpty() ? "??" : Long.toHexString(type.getAsLong())));
      line(nt, indent + "  KernelRoutine  ", kernel);
      line(nt, indent + "  RundownRoutine ", rundown);
      line(nt, indent + "  NormalRoutine  ", normal);
    }

    /** From Windows 8 on the three routines are also an array {@code Reserved}. */
    private static OptionalLong routine(Nt nt, Structure apc, String name, int index) {
      OptionalLong place = apc.addressOf(name);
      return place.isPresent()
          ? nt.memory().pointer(place.getAsLong())
          : apc.element("Reserved", index);
    }

    private void line(Nt nt, String label, OptionalLong routine) {
      String symbol = routine.orElse(0) == 0 ? "" : " " + nt.symbol(routine.getAsLong());
      lines.add((label + nt.hex(routine) + symbol).stripTrailing());
    }
  }
}
