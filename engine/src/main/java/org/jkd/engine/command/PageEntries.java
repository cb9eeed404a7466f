// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.image.PageTables;
import org.jkd.image.PageWalk;
import org.jkd.image.PagingMode;
import org.jkd.image.Unreadable;
import org.jkd.image.Unreadable.Level;

/**
 * The entries of the page tables for an address, as {@code !pte} shows them: one column per level,
 * and below the column that ended the way what its entry means. The layouts are those of the
 * documentation of {@code !pte}; without PAE that is the old one, with PAE and on x64 today's.
 */
record PageEntries(Arch arch, PageWalk walk, PageTables tables) implements Result {
  private static final int COLUMN = 27;

  /** The protections of an entry that is not valid, by bits 5 to 7. */
  private static final List<String> PROTECTIONS =
      List.of(
          "No Access",
          "Readonly",
          "Execute",
          "ReadExecute",
          "ReadWrite",
          "WriteCopy",
          "ReadWriteExecute",
          "WriteCopyExecute");

  @Override
  public void text(TextOut out) {
    if (walk.mode() == PagingMode.X86) {
      old(out);
    } else {
      columns(out);
    }
  }

  // ---- two levels

  private void old(TextOut out) {
    PageWalk.Step pde = walk.steps().getFirst();
    OptionalLong pte =
        walk.steps().size() > 1 ? walk.steps().get(1).contents() : OptionalLong.empty();
    boolean hasTable = walk.steps().size() > 1;
    String address = upper(walk.address(), 8);
    out.line(address + "  - PDE at " + place(0) + "        PTE at " + place(1));
    out.line(
        " ".repeat(10)
            + "contains "
            + contents(pde.contents())
            + "      contains "
            + (hasTable ? contents(pte) : isLarge() ? "00000000" : "unavailable"));
    String first = oldState(pde.contents(), false);
    String second = hasTable ? oldState(pte, true) : isLarge() ? large() : "";
    out.line((" ".repeat(8) + Text.left(first, 16) + "    " + second).stripTrailing());
    notes(out, 28);
  }

  private String place(int level) {
    OptionalLong place = tables.entryAddress(level, walk.address());
    return place.isPresent() ? upper(place.getAsLong(), 8) : "?";
  }

  private static String contents(OptionalLong entry) {
    return entry.isPresent() ? upper(entry.getAsLong(), 8) : "unavailable";
  }

  private String oldState(OptionalLong entry, boolean last) {
    if (entry.isEmpty()) {
      return "not in the dump";
    }
    long e = entry.getAsLong();
    if ((e & 1) == 0) {
      return last || e != 0 || walk.steps().size() == 1 ? "not valid" : "";
    }
    // The old layout has neither the copy-on-write bit nor an execute bit.
    return "pfn " + Long.toHexString(e >>> 12) + " " + flags(e).substring(1, 9) + "V";
  }

  // ---- columns

  private void columns(TextOut out) {
    List<String> places = new ArrayList<>();
    List<String> contents = new ArrayList<>();
    List<String> states = new ArrayList<>();
    boolean ended = false;
    List<Level> levels = walk.mode().levels();
    for (int level = 0; level < levels.size(); level++) {
      if (walk.mode() == PagingMode.PAE && level == 0) {
        continue; // the first table of PAE has four entries that are never paged: kd hides it
      }
      boolean visited = level < walk.steps().size();
      OptionalLong place = tables.entryAddress(level, walk.address());
      String where = place.isPresent() ? upper(place.getAsLong(), arch == Arch.X86 ? 8 : 16) : "?";
      places.add(levels.get(level) + " at " + where);
      if (visited) {
        OptionalLong entry = walk.steps().get(level).contents();
        contents.add(
            "contains " + (entry.isPresent() ? upper(entry.getAsLong(), 16) : "unavailable"));
        states.add(state(entry));
      } else if (!ended) {
        contents.add(isLarge() ? "contains " + upper(0, 16) : "");
        states.add(isLarge() ? large() : "");
        ended = true;
      }
    }
    int width = COLUMN * places.size() / 2;
    out.line(" ".repeat(Math.max(0, width - 11)) + "VA " + Hex.plain(arch, walk.address()));
    out.line(row(places)).line(row(contents)).line(row(states));
    int last = Math.max(0, Math.min(walk.steps().size(), levels.size()) - 1);
    int hidden = walk.mode() == PagingMode.PAE ? 1 : 0;
    notes(out, COLUMN * Math.max(0, last - hidden) + 1);
  }

  private static String row(List<String> cells) {
    StringBuilder row = new StringBuilder();
    for (String cell : cells) {
      row.append(Text.left(cell, COLUMN));
    }
    return row.toString().stripTrailing();
  }

  private String state(OptionalLong entry) {
    if (entry.isEmpty()) {
      return "not in the dump";
    }
    long e = entry.getAsLong();
    if ((e & 1) == 0) {
      return "not valid";
    }
    // With 8-byte entries the frame number ends below bit 48; the bits above are flags.
    long frame = (e & 0xffff_ffff_f000L) >>> 12;
    return Text.left("pfn " + Long.toHexString(frame), 14) + flags(e);
  }

  private boolean isLarge() {
    return walk.outcome() instanceof PageWalk.Mapped m && m.via() == PageWalk.Via.LARGE;
  }

  private String large() {
    return walk.outcome() instanceof PageWalk.Mapped mapped
        ? "LARGE PAGE pfn " + Long.toHexString(mapped.physicalAddress() >>> 12)
        : "";
  }

  private static String upper(long value, int digits) {
    return Hex.pad(value, digits).toUpperCase(Locale.ROOT);
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
  private void notes(TextOut out, int column) {
    String margin = " ".repeat(column);
    switch (walk.outcome()) {
      case PageWalk.Unmapped unmapped -> {
        switch (unmapped.reason()) {
          case Unreadable.NotPresent n -> {
            if (n.entry() != 0) {
              out.line(margin + n.text());
            }
          }
          case Unreadable.PagedOut paged -> {
            out.line(margin + "PageFile:  " + paged.pageFile());
            out.line(margin + "Offset: " + Long.toHexString(paged.pageOffset()));
            protect(out, margin);
          }
          case Unreadable.DemandZero _ -> {
            out.line(margin + "DemandZero");
            protect(out, margin);
          }
          default -> out.line(margin + unmapped.reason().text());
        }
      }
      case PageWalk.Mapped mapped -> {
        String frame = Long.toHexString(mapped.physicalAddress() >>> 12);
        switch (mapped.via()) {
          case TRANSITION -> {
            out.line(margin + "Transition: " + frame);
            protect(out, margin);
          }
          case PROTOTYPE -> out.line(margin + "Proto: pfn " + frame);
          case VALID, LARGE -> {}
        }
      }
    }
  }

  /** Bits 5 to 9 of an entry that is not valid. */
  private void protect(TextOut out, String margin) {
    OptionalLong entry = walk.steps().getLast().contents();
    if (entry.isPresent()) {
      long protection = entry.getAsLong() >>> 5 & 0x1f;
      String name = PROTECTIONS.get((int) protection & 7);
      String kind =
          switch ((int) protection >>> 3) {
            case 1 -> " NonCached";
            case 2 -> " Guard";
            case 3 -> (protection & 7) == 0 ? "" : " WriteCombine";
            default -> "";
          };
      out.line(margin + "Protect: " + Long.toHexString(protection) + " - " + name + kind);
    }
  }

  @Override
  public void json(JsonOut out) {
    json(walk, out);
  }

  static void json(PageWalk walk, JsonOut out) {
    out.address("address", walk.address());
    out.text("mode", PageCommand.name(walk.mode()));
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
