// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Locale;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.PageTables;
import org.jkd.image.PageWalk;
import org.jkd.image.PagingMode;
import org.jkd.target.KernelProcess;

/** {@code !pte Address}, {@code !vtop DirBase Address}: what the page tables say of an address. */
final class PageCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    long first = arguments.expression();
    if (arguments.name().equals("!pte")) {
      arguments.end();
      long address = session.arch().address(first);
      PageTables tables = tables(session);
      return new PageEntries(session.arch(), tables.walk(address), tables);
    }
    if (arguments.atEnd()) {
      return new Translation(session.arch(), tables(session), first);
    }
    long address = session.arch().address(arguments.expression());
    arguments.end();
    PageTables tables =
        first == 0
            ? tables(session)
            : session.kernel().pageTables(base(first)).orElseThrow(PageCommand::none);
    return new Translation(session.arch(), tables, address);
  }

  /** kd takes a page frame number here and, in newer versions, the whole of CR3 as well. */
  private static long base(long operand) {
    return (operand & 0xfff) == 0 ? operand : operand << 12;
  }

  private static PageTables tables(Session session) {
    Optional<KernelProcess> process = session.process();
    if (process.isPresent() && process.get().directoryTableBase().orElse(0) != 0) {
      return session
          .kernel()
          .pageTables(process.get().directoryTableBase().getAsLong())
          .orElseThrow(PageCommand::none);
    }
    return session.kernel().pageTables().orElseThrow(PageCommand::none);
  }

  private static CommandException none() {
    return new CommandException("This dump holds no page tables");
  }

  /**
   * The way through the tables as {@code !vtop} tells it: the place of every entry, then the end.
   */
  record Translation(Arch arch, PageTables tables, long address) implements Result {
    @Override
    public void text(TextOut out) {
      PageWalk walk = tables.walk(arch.address(address));
      switch (tables.mode()) {
        case X86 -> plain(walk, out);
        case PAE -> pae(walk, out);
        case X64, X64_5 -> x64(walk, out);
      }
    }

    /** Two levels: the numbers of the entries, and the frame. */
    private void plain(PageWalk walk, TextOut out) {
      out.line(
          "Pdi "
              + Long.toHexString(walk.address() >>> 22)
              + " Pti "
              + Long.toHexString(walk.address() >>> 12 & 0x3ff));
      if (walk.outcome() instanceof PageWalk.Mapped mapped) {
        long page = mapped.physicalAddress() & ~0xfffL;
        out.line(
            Hex.pad(walk.address(), 8)
                + " "
                + Hex.pad(page, 8)
                + " pfn("
                + Hex.pad(page >>> 12, 5)
                + ")");
      } else {
        end(walk, out);
      }
    }

    private void pae(PageWalk walk, TextOut out) {
      out.line(
          "X86VtoP: Virt "
              + Hex.pad(walk.address(), 8)
              + ", pagedir "
              + Long.toHexString(tables.root()));
      for (PageWalk.Step step : walk.steps()) {
        String level = step.level().name().equals("PPE") ? "PDPE" : step.level().name();
        String contents =
            step.contents().isPresent() ? Hex.pad(step.contents().getAsLong(), 16) : "unavailable";
        out.line(
            "X86VtoP: PAE "
                + level
                + " "
                + Long.toHexString(step.physicalAddress())
                + " - "
                + contents);
      }
      if (walk.outcome() instanceof PageWalk.Mapped mapped) {
        out.line("X86VtoP: PAE " + mapped(mapped) + Long.toHexString(mapped.physicalAddress()));
      }
      end(walk, out);
    }

    private void x64(PageWalk walk, TextOut out) {
      out.line(
          "Amd64VtoP: Virt "
              + Hex.accent(walk.address())
              + ", pagedir "
              + Hex.accent(tables.root()));
      for (PageWalk.Step step : walk.steps()) {
        String level =
            switch (step.level()) {
              case PML5E -> "PML5E";
              case PXE -> "PML4E";
              case PPE -> "PDPE";
              case PDE -> "PDE";
              case PTE -> "PTE";
            };
        out.line("Amd64VtoP: " + level + " " + Hex.accent(step.physicalAddress()));
      }
      if (walk.outcome() instanceof PageWalk.Mapped mapped) {
        out.line("Amd64VtoP: " + mapped(mapped) + Hex.accent(mapped.physicalAddress()));
      }
      end(walk, out);
    }

    private static String mapped(PageWalk.Mapped mapped) {
      return mapped.via() == PageWalk.Via.LARGE ? "Large page mapped phys " : "Mapped phys ";
    }

    private void end(PageWalk walk, TextOut out) {
      String virtual = "Virtual address " + Long.toHexString(walk.address());
      switch (walk.outcome()) {
        case PageWalk.Mapped m ->
            out.line(
                virtual
                    + " translates to physical address "
                    + Long.toHexString(m.physicalAddress())
                    + ".");
        case PageWalk.Unmapped u -> {
          out.line(virtual + " translation fails, error 0xD0000147.");
          out.line(" " + u.reason().text());
        }
      }
    }

    @Override
    public void json(JsonOut out) {
      PageEntries.json(tables.walk(arch.address(address)), out);
    }
  }

  /** The name of a mode in JSON. */
  static String name(PagingMode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }
}
