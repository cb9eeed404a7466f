// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.image.MemoryReader;
import org.jkd.target.Processor;

/** {@code !pcr [N]} and {@code !running}: the control regions of processors, and who runs. */
final class ProcessorCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    List<Processor> processors = session.kernel().processors();
    if (arguments.name().equals("!running")) {
      while (arguments.peek() == '-') {
        arguments.word(); // -i and -t change what newer versions add, not who runs
      }
      arguments.end();
      return new Running(session.arch(), session.kernel().system().processors(), processors);
    }
    int number = session.processor();
    if (!arguments.atEnd()) {
      long wanted = arguments.expression();
      arguments.end();
      if (wanted < 0 || wanted > 0xfff) {
        throw arguments.error(Kind.RANGE);
      }
      number = (int) wanted;
    }
    for (Processor p : processors) {
      if (p.number() == number && p.pcr().isPresent()) {
        return region(session, p);
      }
    }
    throw new CommandException("Cannot get the control region of processor " + number);
  }

  /** The offsets are those that every version has: KPCR up to the descriptor tables. */
  private static Result region(Session session, Processor p) {
    long pcr = p.pcr().orElse(0);
    long prcb = p.prcb().orElse(0);
    MemoryReader memory = session.memory();
    boolean narrow = session.arch() == Arch.X86;
    List<Field> fields = new ArrayList<>();
    int pointer = session.arch().pointerSize();
    String[] tib =
        narrow
            ? new String[] {
              "NtTib.ExceptionList",
              "NtTib.StackBase",
              "NtTib.StackLimit",
              "NtTib.SubSystemTib",
              "NtTib.Version",
              "NtTib.UserPointer",
              "NtTib.SelfTib"
            }
            : new String[] {"GdtBase", "TssBase", "UserRsp", "Self", "CurrentPrcb"};
    for (int i = 0; i < tib.length; i++) {
      fields.add(new Field(tib[i], memory.pointer(pcr + (long) i * pointer)));
    }
    fields.add(new Field("", OptionalLong.empty()));
    fields.add(new Field("SelfPcr", OptionalLong.of(pcr)));
    fields.add(new Field("Prcb", OptionalLong.of(prcb)));
    fields.add(
        new Field("Irql", narrow ? memory.number(pcr + 0x24, 1) : memory.number(pcr + 0x50, 1)));
    if (narrow) {
      fields.add(new Field("IRR", memory.u32(pcr + 0x28)));
      fields.add(new Field("IDR", memory.u32(pcr + 0x30)));
    }
    fields.add(new Field("IDT", p.idt()));
    fields.add(new Field("GDT", p.gdt()));
    fields.add(new Field("TSS", p.tss()));
    fields.add(new Field("", OptionalLong.empty()));
    long next = prcb + (narrow ? 8 : 0x10);
    fields.add(new Field("CurrentThread", p.currentThread()));
    fields.add(new Field("NextThread", memory.pointer(next)));
    fields.add(new Field("IdleThread", p.idleThread()));
    OptionalLong major = narrow ? memory.number(pcr + 0x44, 2) : OptionalLong.of(1);
    OptionalLong minor = narrow ? memory.number(pcr + 0x46, 2) : OptionalLong.of(1);
    return new Region(
        session.arch(), p.number(), pcr, major.orElse(1), minor.orElse(1), List.copyOf(fields));
  }

  /** A field; without a name it is an empty line. */
  record Field(String name, OptionalLong value) {}

  /** A control region. */
  record Region(Arch arch, int processor, long address, long major, long minor, List<Field> fields)
      implements Result {
    @Override
    public void text(TextOut out) {
      out.line("KPCR for Processor " + processor + " at " + Hex.plain(arch, address) + ":");
      out.line("    Major " + major + " Minor " + minor);
      for (Field field : fields) {
        if (field.name.isEmpty()) {
          out.end();
        } else {
          String value =
              field.value.isPresent()
                  ? Hex.plain(arch, field.value.getAsLong())
                  : "?".repeat(arch.pointerSize() * 2);
          out.line(Text.right(field.name, 26) + ": " + value);
        }
      }
    }

    @Override
    public void json(JsonOut out) {
      out.number("processor", processor).address("pcr", address);
      for (Field field : fields) {
        if (field.value.isPresent()) {
          out.address(field.name, field.value.getAsLong());
        }
      }
    }
  }

  /**
   * Who runs where.
   *
   * @param count how many processors the system has; a small dump knows fewer of them closely
   */
  record Running(Arch arch, int count, List<Processor> processors) implements Result {
    private static boolean isIdle(Processor p) {
      return p.currentThread().isPresent() && p.currentThread().equals(p.idleThread());
    }

    @Override
    public void text(TextOut out) {
      long all = count >= 64 ? -1 : (1L << count) - 1;
      long idle = 0;
      for (Processor p : processors) {
        idle |= isIdle(p) ? 1L << p.number() : 0;
      }
      int width = arch.pointerSize() * 2;
      out.line("System Processors " + Long.toHexString(all) + " (affinity mask)");
      out.line("  Idle Processors " + Long.toHexString(idle));
      out.line("     " + Text.left("Prcb", width + 2) + Text.left("Current", width + 2) + "Next");
      for (Processor p : processors) {
        if (!isIdle(p)) {
          String current =
              p.currentThread().isPresent()
                  ? Hex.plain(arch, p.currentThread().getAsLong())
                  : "?".repeat(width);
          out.line(
              Text.right(Integer.toString(p.number()), 3)
                  + "  "
                  + Hex.plain(arch, p.prcb().orElse(0))
                  + "  "
                  + current);
        }
      }
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "processors",
          processors,
          (o, p) -> {
            o.number("number", p.number()).flag("idle", isIdle(p));
            if (p.prcb().isPresent()) {
              o.address("prcb", p.prcb().getAsLong());
            }
            if (p.currentThread().isPresent()) {
              o.address("thread", p.currentThread().getAsLong());
            }
          });
    }
  }
}
