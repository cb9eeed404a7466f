// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.image.PageTables;
import org.jkd.image.PageWalk;
import org.jkd.image.Unreadable;
import org.jkd.target.KernelProcess;

/** {@code !pte Address}, {@code !vtop DirBase Address}: what the page tables say of an address. */
final class PageCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    long first = arguments.expression();
    if (arguments.name().equals("!pte")) {
      arguments.end();
      long address = session.arch().address(first);
      return new Walked(session.arch(), tables(session).walk(address), false);
    }
    long address = session.arch().address(arguments.expression());
    arguments.end();
    PageTables tables =
        first == 0
            ? tables(session)
            : session.kernel().pageTables(base(first)).orElseThrow(PageCommand::none);
    return new Walked(session.arch(), tables.walk(address), true);
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
   * The way through the tables.
   *
   * @param translation true for {@code !vtop}, which wants the physical address
   */
  record Walked(Arch arch, PageWalk walk, boolean translation) implements Result {
    private static final int COLUMN = 27;

    @Override
    public void text(TextOut out) {
      if (translation) {
        vtop(out);
        return;
      }
      List<PageWalk.Step> steps = steps();
      int width = COLUMN * steps.size() / 2;
      out.line(" ".repeat(Math.max(0, width - 11)) + "VA " + Hex.plain(arch, walk.address()));
      StringBuilder places = new StringBuilder();
      StringBuilder contents = new StringBuilder();
      StringBuilder frames = new StringBuilder();
      for (PageWalk.Step step : steps) {
        int digits = arch == Arch.X86 && walk.mode().entrySize() == 4 ? 8 : 16;
        String place =
            step.virtualAddress().isPresent()
                ? upper(step.virtualAddress().getAsLong(), arch == Arch.X86 ? 8 : 16)
                : "?";
        places.append(Text.left(step.level() + " at " + place, COLUMN));
        String entry =
            step.contents().isPresent()
                ? upper(step.contents().getAsLong(), digits)
                : "unavailable";
        contents.append(Text.left("contains " + entry, COLUMN));
        frames.append(Text.left(frame(step), COLUMN));
      }
      out.line(places.toString().stripTrailing());
      out.line(contents.toString().stripTrailing());
      out.line(frames.toString().stripTrailing());
      reason(out);
    }

    private List<PageWalk.Step> steps() {
      // kd hides the first level of PAE, which has four entries that are never paged.
      return arch == Arch.X86
          ? walk.steps().stream().filter(s -> s.level() != Unreadable.Level.PPE).toList()
          : walk.steps();
    }

    private static String upper(long value, int digits) {
      return Hex.pad(value, digits).toUpperCase(Locale.ROOT);
    }

    private String frame(PageWalk.Step step) {
      if (step.contents().isEmpty()) {
        return "not in the dump";
      }
      long entry = step.contents().getAsLong();
      if ((entry & 1) == 0) {
        return "not valid";
      }
      // With 8-byte entries the frame number ends below bit 48; the bits above are flags.
      long frame = walk.mode().entrySize() == 8 ? (entry & 0xffff_ffff_f000L) >>> 12 : entry >>> 12;
      return Text.left("pfn " + Long.toHexString(frame), 14) + flags(entry);
    }

    private String flags(long entry) {
      boolean noExecute = walk.mode().entrySize() == 8 && entry < 0;
      return (bit(entry, 9) ? "C" : "-")
          + (bit(entry, 8) ? "G" : "-")
          + (bit(entry, 7) ? "L" : "-")
          + (bit(entry, 6) ? "D" : "-")
          + (bit(entry, 5) ? "A" : "-")
          + (bit(entry, 4) ? "N" : "-")
          + (bit(entry, 3) ? "T" : "-")
          + (bit(entry, 2) ? "U" : "K")
          + (bit(entry, 1) ? "W" : "R")
          + (noExecute ? "-" : "E")
          + "V";
    }

    private static boolean bit(long entry, int bit) {
      return (entry >>> bit & 1) == 1;
    }

    /** What an entry that is not valid means; an entry of zero means nothing: a guard page. */
    private void reason(TextOut out) {
      if (walk.outcome() instanceof PageWalk.Unmapped unmapped
          && !(unmapped.reason() instanceof Unreadable.NotPresent n && n.entry() == 0)) {
        out.line(" " + unmapped.reason().text());
      } else if (walk.outcome() instanceof PageWalk.Mapped mapped
          && mapped.via() != PageWalk.Via.VALID) {
        out.line(
            switch (mapped.via()) {
              case LARGE -> "LARGE PAGE pfn " + Long.toHexString(mapped.physicalAddress() >>> 12);
              case TRANSITION ->
                  " Transition: " + Long.toHexString(mapped.physicalAddress() >>> 12);
              case PROTOTYPE ->
                  " Prototype: pfn " + Long.toHexString(mapped.physicalAddress() >>> 12);
              case VALID -> "";
            });
      }
    }

    private void vtop(TextOut out) {
      for (PageWalk.Step step : walk.steps()) {
        String entry =
            step.contents().isPresent() ? Hex.pad(step.contents().getAsLong(), 16) : "unavailable";
        out.line(step.level() + " " + Hex.pad(step.physicalAddress(), 16) + " = " + entry);
      }
      String address = Hex.plain(arch, walk.address());
      out.line(
          switch (walk.outcome()) {
            case PageWalk.Mapped m ->
                "Virtual address "
                    + address
                    + " translates to physical address "
                    + Long.toHexString(m.physicalAddress())
                    + ".";
            case PageWalk.Unmapped u ->
                "Virtual address " + address + " is not mapped: " + u.reason().text();
          });
    }

    @Override
    public void json(JsonOut out) {
      out.address("address", walk.address());
      out.text("mode", walk.mode().name().toLowerCase(Locale.ROOT));
      out.objects(
          "entries",
          walk.steps(),
          (o, s) -> {
            o.text("level", s.level().name()).address("physical", s.physicalAddress());
            if (s.virtualAddress().isPresent()) {
              o.address("virtual", s.virtualAddress().getAsLong());
            }
            if (s.contents().isPresent()) {
              o.address("contents", s.contents().getAsLong());
            }
          });
      switch (walk.outcome()) {
        case PageWalk.Mapped m ->
            out.address("physical", m.physicalAddress()).number("pageSize", m.pageSize());
        case PageWalk.Unmapped u -> out.text("reason", u.reason().text());
      }
    }
  }
}
