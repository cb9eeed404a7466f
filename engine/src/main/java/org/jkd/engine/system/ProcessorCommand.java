// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;
import org.jkd.image.MemoryReader;
import org.jkd.objects.Structure;
import org.jkd.target.Processor;

/**
 * {@code !pcr [N]}, {@code !prcb [N]}, {@code !irql [N]}: what a processor knows of itself;
 * windbg-commands.md, 16.
 */
public final class ProcessorCommand extends SystemCommand {
  private static final int LABEL = 26;
  private static final String[] X86_TIB = {
    "NtTib.ExceptionList",
    "NtTib.StackBase",
    "NtTib.StackLimit",
    "NtTib.SubSystemTib",
    "NtTib.Version",
    "NtTib.UserPointer",
    "NtTib.SelfTib"
  };
  private static final String[] X64_HEAD = {"GdtBase", "TssBase", "UserRsp", "Self", "CurrentPrcb"};

  /** The names of levels on x86, with an APIC or without, as kd shows them. */
  private static final String[] X86_LEVELS = new String[32];

  private static final String[] X64_LEVELS = new String[16];

  static {
    X86_LEVELS[0] = "LOW_LEVEL";
    X86_LEVELS[1] = "APC_LEVEL";
    X86_LEVELS[2] = "DISPATCH_LEVEL";
    X86_LEVELS[27] = "PROFILE_LEVEL";
    X86_LEVELS[28] = "CLOCK2_LEVEL";
    X86_LEVELS[29] = "IPI_LEVEL";
    X86_LEVELS[30] = "POWER_LEVEL";
    X86_LEVELS[31] = "HIGH_LEVEL";
    X64_LEVELS[0] = "LOW_LEVEL";
    X64_LEVELS[1] = "APC_LEVEL";
    X64_LEVELS[2] = "DISPATCH_LEVEL";
    X64_LEVELS[5] = "CMCI_LEVEL";
    X64_LEVELS[12] = "SYNCH_LEVEL";
    X64_LEVELS[13] = "CLOCK_LEVEL";
    X64_LEVELS[14] = "IPI_LEVEL";
    X64_LEVELS[15] = "HIGH_LEVEL";
  }

  @Override
  Result run(Arguments arguments, Nt nt) {
    Processor p = processor(arguments, nt);
    return switch (arguments.name()) {
      case "!pcr" -> region(nt, p);
      case "!prcb" -> block(nt, p);
      default -> level(nt, p);
    };
  }

  /** The processor that an argument names, else the current one. */
  static Processor processor(Arguments arguments, Nt nt) {
    int number = nt.session().processor();
    if (!arguments.atEnd()) {
      long wanted = arguments.expression();
      arguments.end();
      if (wanted < 0 || wanted > 0xfff) {
        throw arguments.error(Kind.RANGE);
      }
      number = (int) wanted;
    }
    for (Processor p : nt.kernel().processors()) {
      if (p.number() == number) {
        return p;
      }
    }
    throw new CommandException("The dump does not tell of processor " + number);
  }

  /** The control block of a processor. */
  static Structure prcb(Nt nt, Processor p) {
    return nt.at(
        "_KPRCB",
        p.prcb()
            .orElseThrow(() ->
                new CommandException(
                    "The dump does not tell where the control block of processor "
                        + p.number()
                        + " is")));
  }

  /** The offsets are those that every version has: KPCR up to the descriptor tables. */
  private static Result region(Nt nt, Processor p) {
    if (p.pcr().isEmpty()) {
      throw new CommandException("Cannot get the control region of processor " + p.number());
    }
    long pcr = p.pcr().getAsLong();
    long prcb = p.prcb().orElse(0);
    MemoryReader memory = nt.memory();
    boolean narrow = nt.isX86();
    Labelled fields = new Labelled(nt);
    String[] head = narrow ? X86_TIB : X64_HEAD;
    for (int i = 0; i < head.length; i++) {
      fields.add(head[i], memory.pointer(pcr + (long) i * nt.pointerSize()));
    }
    fields.blank();
    fields.add("SelfPcr", OptionalLong.of(pcr));
    fields.add("Prcb", OptionalLong.of(prcb));
    fields.add("Irql", narrow ? memory.number(pcr + 0x24, 1) : memory.number(pcr + 0x50, 1));
    if (narrow) {
      fields.add("IRR", memory.u32(pcr + 0x28));
      fields.add("IDR", memory.u32(pcr + 0x30));
      OptionalLong mode = nt.knows("_KPCR") ? nt.at("_KPCR", pcr).number("InterruptMode") : none();
      if (mode.isPresent()) {
        fields.add("InterruptMode", mode);
      }
    }
    fields.add("IDT", p.idt());
    fields.add("GDT", p.gdt());
    fields.add("TSS", p.tss());
    fields.blank();
    fields.add("CurrentThread", p.currentThread());
    fields.add("NextThread", memory.pointer(prcb + (narrow ? 8 : 0x10)));
    fields.add("IdleThread", p.idleThread());
    OptionalLong major = narrow ? memory.number(pcr + 0x44, 2) : OptionalLong.of(1);
    OptionalLong minor = narrow ? memory.number(pcr + 0x46, 2) : OptionalLong.of(1);
    List<String> lines = new ArrayList<>();
    lines.add("KPCR for Processor " + p.number() + " at " + nt.hex(pcr) + ":");
    lines.add("    Major " + major.orElse(1) + " Minor " + minor.orElse(1));
    lines.addAll(fields.lines);
    if (nt.knows("_KPRCB") && nt.knows("_KDPC") && prcb != 0) {
      List<DpcsCommand.Dpc> dpcs = DpcsCommand.of(nt, p).dpcs();
      lines.add("");
      lines.add(dpcs.isEmpty() ? Text.right("DpcQueue: ", LABEL + 2) : "");
      for (int i = 0; i < dpcs.size(); i++) {
        String label = i == 0 ? Text.right("DpcQueue: ", LABEL + 2) : " ".repeat(LABEL + 2);
        lines.set(lines.size() - 1, label + dpcs.get(i).text(nt));
        if (i + 1 < dpcs.size()) {
          lines.add("");
        }
      }
    }
    return new Answer(
        lines,
        o -> {
          o.number("processor", p.number()).address("pcr", pcr);
          fields.names.forEach((name, value) -> o.address(name, value));
        });
  }

  private static OptionalLong none() {
    return OptionalLong.empty();
  }

  /** Lines with right-justified labels. */
  private static final class Labelled {
    private final Nt nt;
    private final List<String> lines = new ArrayList<>();
    private final Map<String, Long> names = new LinkedHashMap<>();

    Labelled(Nt nt) {
      this.nt = nt;
    }

    void add(String label, OptionalLong value) {
      lines.add(Text.right(label, LABEL) + ": " + nt.hex(value));
      if (value.isPresent()) {
        names.put(label, value.getAsLong());
      }
    }

    void blank() {
      lines.add("");
    }
  }

  private static Result block(Nt nt, Processor p) {
    Structure prcb = prcb(nt, p);
    OptionalLong set = prcb.number("SetMember", "GroupSetMember");
    List<String> lines =
        List.of(
            "PRCB for Processor " + p.number() + " at " + nt.hex(prcb.address()) + ":",
            "Threads--  Current "
                + nt.hex(p.currentThread())
                + " Next "
                + nt.hex(prcb.number("NextThread"))
                + " Idle "
                + nt.hex(p.idleThread()),
            "Number " + p.number() + " SetMember " + nt.hex32(set),
            "Interrupt Count -- " + nt.hex32(prcb.number("InterruptCount")),
            "Times -- Dpc    "
                + nt.hex32(prcb.number("DpcTime"))
                + " Interrupt "
                + nt.hex32(prcb.number("InterruptTime"))
                + " ",
            "         Kernel "
                + nt.hex32(prcb.number("KernelTime"))
                + " User      "
                + nt.hex32(prcb.number("UserTime"))
                + " ");
    return new Answer(
        lines,
        o -> {
          o.number("processor", p.number()).address("prcb", prcb.address());
          for (String field :
              List.of("InterruptCount", "DpcTime", "InterruptTime", "KernelTime", "UserTime")) {
            prcb.number(field).ifPresent(v -> o.number(field, v));
          }
        });
  }

  private static Result level(Nt nt, Processor p) {
    Structure prcb = prcb(nt, p);
    if (!prcb.has("DebuggerSavedIRQL")) {
      throw new CommandException("Saved IRQL not available prior to Windows Server 2003");
    }
    OptionalLong saved = prcb.number("DebuggerSavedIRQL");
    if (saved.isEmpty()) {
      throw new CommandException(
          "Unable to read the saved IRQL of processor "
              + p.number()
              + " at "
              + Hex.plain(nt.arch(), prcb.place("DebuggerSavedIRQL")));
    }
    int value = (int) saved.getAsLong();
    String[] names = nt.isX86() ? X86_LEVELS : X64_LEVELS;
    String name =
        Optional.ofNullable(value < names.length ? names[value] : null)
            .map(n -> " (" + n + ")")
            .orElse("");
    return new Answer(
        List.of(
            "Debugger saved IRQL for processor 0x"
                + Integer.toHexString(p.number())
                + " -- "
                + value
                + name),
        o -> o.number("processor", p.number()).number("irql", value));
  }
}
