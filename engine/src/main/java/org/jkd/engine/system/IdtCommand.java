// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Hex;
import org.jkd.objects.Structure;
import org.jkd.target.Processor;
import org.jspecify.annotations.Nullable;

/**
 * {@code !idt [-a] [Vector]}: the interrupt descriptor table of the current processor;
 * windbg-commands.md, 16. Without {@code -a}, vectors that nobody has claimed are left out.
 */
public final class IdtCommand extends SystemCommand {
  private static final int VECTORS = 256;
  private static final int TASK_GATE = 5;

  /** The vector of the first element of a 32-bit processor's array of interrupt objects. */
  private static final int FIRST_DEVICE = 0x30;

  private static final int IO_TYPE_INTERRUPT = 22;

  @Override
  Result run(Arguments arguments, Nt nt) {
    boolean all = arguments.eatWord("-a");
    OptionalLong only =
        arguments.atEnd() ? OptionalLong.empty() : OptionalLong.of(arguments.expression());
    arguments.end();
    if (only.isPresent() && (only.getAsLong() < 0 || only.getAsLong() >= VECTORS)) {
      throw new CommandException("A vector is a number below 100");
    }
    Processor processor =
        nt.session()
            .processorRecord()
            .filter(p -> p.idt().isPresent())
            .orElseThrow(() -> new CommandException("The dump does not tell where the table is"));
    long table = processor.idt().orElse(0);
    List<Gate> gates = new ArrayList<>();
    String missing = "";
    for (int i = 0; i < VECTORS; i++) {
      if (only.isPresent() && only.getAsLong() != i) {
        continue;
      }
      Gate gate = read(nt, processor, table, i);
      if (gate == null) {
        missing =
            "*** The table cannot be read from vector "
                + Integer.toHexString(i)
                + " on: "
                + nt.memory().memory().whyUnreadable(table + (long) i * size(nt)).text();
        break;
      }
      if (gate.present() && (all || only.isPresent() || gate.isClaimed())) {
        gates.add(gate);
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Dumping IDT: " + nt.hex(table));
    lines.add("");
    gates.forEach(g -> lines.add(g.line(nt)));
    if (!missing.isEmpty()) {
      lines.add(missing);
    }
    return new Answer(
        lines,
        o -> {
          o.number("processor", processor.number()).address("idt", table);
          o.objects(
              "gates",
              gates,
              (j, g) -> {
                j.number("vector", g.vector());
                if (g.isTask()) {
                  j.address("task", g.selector());
                } else {
                  j.address("handler", g.handler()).optional("symbol", g.symbol());
                }
                if (g.interrupt() != 0) {
                  j.address("interruptObject", g.interrupt());
                }
                if (g.stack() != 0) {
                  j.address("stack", g.stack());
                }
              });
        });
  }

  private static int size(Nt nt) {
    return nt.isX86() ? 8 : 16;
  }

  /** Layouts of the gates: Intel's manual, volume 3, 6.11 and 6.14.1. */
  private static @Nullable Gate read(Nt nt, Processor processor, long table, int vector) {
    long at = table + (long) vector * size(nt);
    OptionalLong low = nt.memory().u64(at);
    if (low.isEmpty()) {
      return null;
    }
    long bits = low.getAsLong();
    long handler = bits & 0xffff | bits >>> 32 & 0xffff_0000L;
    long stack = 0;
    if (!nt.isX86()) {
      handler |= nt.memory().u32(at + 8).orElse(0) << 32;
      stack = stack(nt, processor, (int) (bits >>> 32 & 7));
    }
    boolean isTask = nt.isX86() && (bits >>> 40 & 0x1f) == TASK_GATE;
    Interrupt interrupt = isTask ? Interrupt.NONE : interrupt(nt, processor, vector, handler);
    long shown = interrupt.object() == 0 ? handler : interrupt.routine();
    return new Gate(
        vector,
        (bits >>> 47 & 1) == 1,
        isTask,
        bits >>> 16 & 0xffff,
        shown,
        nt.symbol(shown),
        interrupt.object(),
        stack);
  }

  /** The top of the stack that a gate switches to: IST1 to IST7 of the task state segment. */
  private static long stack(Nt nt, Processor processor, int index) {
    if (index == 0 || processor.tss().isEmpty()) {
      return 0;
    }
    return nt.memory().u64(processor.tss().getAsLong() + 0x24 + 8L * (index - 1)).orElse(0);
  }

  /** An interrupt object behind a gate. */
  private record Interrupt(long object, long routine) {
    static final Interrupt NONE = new Interrupt(0, 0);
  }

  /**
   * Before Windows 10 a gate led into code within the interrupt object; since then the processor's
   * control block has an array of the objects.
   */
  private static Interrupt interrupt(Nt nt, Processor processor, int vector, long handler) {
    if (!nt.knows("_KINTERRUPT")) {
      return Interrupt.NONE;
    }
    OptionalLong inside = nt.structures().offset("_KINTERRUPT", "DispatchCode");
    long object = 0;
    if (inside.isPresent()) {
      object = handler - inside.getAsLong();
    } else if (nt.knows("_KPRCB") && processor.prcb().isPresent()) {
      Structure prcb = nt.at("_KPRCB", processor.prcb().getAsLong());
      OptionalLong found = prcb.element("InterruptObject", vector);
      if (found.isEmpty() && vector >= FIRST_DEVICE) {
        found = prcb.element("VectorToInterruptObject", vector - FIRST_DEVICE);
      }
      object = found.orElse(0);
    }
    if (!nt.isSystem(object)) {
      return Interrupt.NONE;
    }
    Structure interrupt = nt.at("_KINTERRUPT", object);
    return interrupt.number("Type").orElse(0) == IO_TYPE_INTERRUPT
            && interrupt.number("Size").orElse(0) == interrupt.size()
        ? new Interrupt(interrupt.address(), interrupt.number("ServiceRoutine").orElse(0))
        : Interrupt.NONE;
  }

  /**
   * A gate.
   *
   * @param stack the top of the stack that it switches to; 0 if it does not
   */
  record Gate(
      int vector,
      boolean present,
      boolean isTask,
      long selector,
      long handler,
      String symbol,
      long interrupt,
      long stack) {
    boolean isClaimed() {
      return isTask
          || interrupt != 0
          || !symbol.contains("KiUnexpectedInterrupt")
              && !symbol.contains("KxUnexpectedInterrupt")
              && !symbol.contains("KiIsrThunk");
    }

    String line(Nt nt) {
      String start = Hex.pad(vector, 2) + ":\t";
      if (isTask) {
        return start + "Task Selector = 0x" + Hex.pad(selector, 4);
      }
      StringBuilder line = new StringBuilder(start).append(nt.hex(handler));
      if (!symbol.isEmpty()) {
        line.append(' ').append(symbol);
      }
      if (interrupt != 0) {
        line.append(" (KINTERRUPT ").append(nt.hex(interrupt)).append(')');
      }
      if (stack != 0) {
        line.append("\tStack = 0x").append(Hex.pad(stack, 16).toUpperCase(Locale.ROOT));
      }
      return line.toString();
    }
  }
}
