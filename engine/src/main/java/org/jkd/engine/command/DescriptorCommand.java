// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.SpecialRegisters;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.target.Processor;

/**
 * {@code dg First [Last]}: segment descriptors of the current processor; {@code !gdt}: all of them
 * that are in use.
 */
final class DescriptorCommand extends Command {
  private static final int MAX_SELECTOR = 0xffff;
  private static final int DEFAULT_LIMIT = 0x3ff;
  private static final String[] SYSTEM_TYPES = {
    "<Reserved>",
    "TSS16 Avl",
    "LDT",
    "TSS16 Busy",
    "CallG16",
    "TaskGate",
    "IntGate16",
    "TrapG16",
    "<Reserved>",
    "TSS32 Avl",
    "<Reserved>",
    "TSS32 Busy",
    "CallG32",
    "<Reserved>",
    "IntGate32",
    "TrapG32"
  };

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean all = arguments.name().equals("!gdt");
    long first = all ? 0 : arguments.expression() & MAX_SELECTOR & ~7;
    long last =
        all ? limit(session) : arguments.atEnd() ? first : arguments.expression() & MAX_SELECTOR;
    arguments.end();
    session.kernel();
    OptionalLong table = session.processorRecord().map(Processor::gdt).orElse(OptionalLong.empty());
    if (table.isEmpty()) {
      throw new CommandException("Unable to find the descriptor table of the processor");
    }
    List<Descriptor> rows = new ArrayList<>();
    for (long selector = first; selector <= last; selector += 8) {
      OptionalLong low = session.memory().u64(table.getAsLong() + selector);
      if (low.isEmpty() && all && !rows.isEmpty()) {
        break;
      }
      if (low.isEmpty()) {
        throw new CommandException("Unable to get descriptor " + Hex.pad(selector, 4));
      }
      long high = 0;
      boolean isSystem = (low.getAsLong() >>> 44 & 1) == 0;
      if (session.arch() == Arch.X64 && isSystem) {
        high = session.memory().u64(table.getAsLong() + selector + 8).orElse(0);
      }
      if (!all || low.getAsLong() != 0) {
        rows.add(new Descriptor(selector, low.getAsLong(), high));
      }
      selector += session.arch() == Arch.X64 && isSystem && low.getAsLong() != 0 ? 8 : 0;
    }
    return new Descriptors(session.arch(), rows);
  }

  /** The last byte of the table; that of a table of 1024 bytes if the processor did not save it. */
  private static int limit(Session session) {
    return session
        .processorRecord()
        .flatMap(Processor::special)
        .map(SpecialRegisters::gdtLimit)
        .filter(l -> l > 0)
        .orElse(DEFAULT_LIMIT);
  }

  /**
   * A descriptor.
   *
   * @param high the second half of system descriptors on x64
   */
  record Descriptor(long selector, long low, long high) {
    long base() {
      return low >>> 16 & 0xff_ffff | low >>> 32 & 0xff00_0000L | high << 32;
    }

    long limit() {
      long limit = low & 0xffff | low >>> 32 & 0xf_0000;
      return isPages() ? limit << 12 | 0xfff : limit;
    }

    int access() {
      return (int) (low >>> 40 & 0xff);
    }

    boolean isPages() {
      return (low >>> 55 & 1) == 1;
    }

    String type(Arch arch) {
      int access = access();
      if ((access & 0x10) == 0) {
        String name = SYSTEM_TYPES[access & 15];
        return arch == Arch.X64 ? name.replace("32", "64") : name;
      }
      String kind =
          (access & 8) != 0
              ? "Code " + ((access & 2) != 0 ? "RE" : "EO")
              : "Data " + ((access & 2) != 0 ? "RW" : "RO");
      return kind + ((access & 1) != 0 ? " Ac" : "");
    }

    int flags() {
      return access() | (int) (low >>> 52 & 15) << 8;
    }
  }

  /** Rows of a descriptor table. */
  record Descriptors(Arch arch, List<Descriptor> rows) implements Result {
    @Override
    public void text(TextOut out) {
      if (arch.pointerSize() == 4) {
        out.line(" ".repeat(34) + "P Si Gr Pr Lo");
        out.line("Sel    Base     Limit     Type    l ze an es ng Flags");
        out.line("---- -------- -------- ---------- - -- -- -- -- --------");
      } else {
        out.line(" ".repeat(52) + "P Si Gr Pr Lo");
        out.line("Sel        Base              Limit          Type    l ze an es ng Flags");
        out.line("---- ----------------- ----------------- ---------- - -- -- -- -- --------");
      }
      for (Descriptor d : rows) {
        out.line(
            Hex.pad(d.selector(), 4)
                + " "
                + Hex.address(arch, d.base())
                + " "
                + Hex.address(arch, d.limit())
                + " "
                + Text.left(d.type(arch), 10)
                + " "
                + (d.access() >>> 5 & 3)
                + ((d.low() >>> 54 & 1) == 1 ? " Bg" : " Nb")
                + (d.isPages() ? " Pg" : " By")
                + ((d.access() & 0x80) != 0 ? " P " : " Np")
                + ((d.low() >>> 53 & 1) == 1 ? " Lo " : " Nl ")
                + Hex.pad(d.flags(), 8));
      }
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "descriptors",
          rows,
          (o, d) ->
              o.address("selector", d.selector())
                  .address("base", d.base())
                  .address("limit", d.limit())
                  .text("type", d.type(arch))
                  .address("flags", d.flags()));
    }
  }
}
