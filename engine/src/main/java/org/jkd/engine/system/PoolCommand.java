// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Hex;
import org.jkd.objects.Structure;

/**
 * {@code !pool Address [Flags]} and {@code !poolval Address}: the blocks of a page of pool;
 * windbg-commands.md, 19. Pages of the heaps that replaced it in Windows 10 (1903) have headers
 * only where blocks begin, so that their chain need not close.
 */
public final class PoolCommand extends SystemCommand {
  private static final int PAGE = 0x1000;
  private static final int VISTA = 6000;

  @Override
  Result run(Arguments arguments, Nt nt) {
    long address = nt.arch().address(arguments.expression());
    long flags = arguments.atEnd() ? 0 : arguments.expression();
    arguments.end();
    long page = address & -PAGE;
    nt.structures().needed("_POOL_HEADER", "BlockSize");
    if (nt.memory().u8(page).isEmpty()) {
      throw new CommandException(
          "Unable to read pool page "
              + nt.hex(page)
              + ": "
              + nt.memory().memory().whyUnreadable(page).text());
    }
    Page blocks = read(nt, page);
    List<String> lines = new ArrayList<>();
    lines.add("Pool page " + nt.hex(address) + " region is " + region(nt, page));
    if (arguments.name().equals("!poolval")) {
      validate(nt, blocks, page, lines);
    } else {
      show(nt, blocks, address, flags, lines);
    }
    return new Answer(
        lines,
        o -> {
          o.address("page", page).flag("valid", blocks.problem().isEmpty());
          o.objects(
              "blocks",
              blocks.blocks(),
              (j, b) ->
                  j.address("address", b.address())
                      .number("size", b.size())
                      .flag("allocated", b.allocated())
                      .text("tag", b.tag()));
          blocks.problem().ifPresent(p -> o.text("problem", p));
        });
  }

  /**
   * A block.
   *
   * @param size bytes, header included
   */
  record Block(long address, long size, long previous, boolean allocated, String tag) {}

  /**
   * The blocks of a page.
   *
   * @param problem where their chain breaks
   */
  record Page(List<Block> blocks, Optional<String> problem) {}

  private static Page read(Nt nt, long page) {
    int unit = nt.isX86() ? 8 : 16;
    // The bit that says that a block is in use moved with Windows Vista.
    int inUse = nt.kernel().system().build() < VISTA ? 4 : 2;
    List<Block> blocks = new ArrayList<>();
    long at = page;
    long before = 0;
    while (at < page + PAGE) {
      Structure header = nt.at("_POOL_HEADER", at);
      OptionalLong size = header.number("BlockSize");
      OptionalLong previous = header.number("PreviousSize");
      OptionalLong type = header.number("PoolType");
      if (size.isEmpty() || previous.isEmpty() || type.isEmpty()) {
        return broken(nt, blocks, at, "cannot be read");
      }
      long bytes = size.getAsLong() * unit;
      if (bytes == 0 || at + bytes > page + PAGE) {
        return broken(nt, blocks, at, "has a block size of 0x" + Long.toHexString(bytes));
      }
      if (previous.getAsLong() * unit != before) {
        return broken(
            nt,
            blocks,
            at,
            "says that the block before it has 0x"
                + Long.toHexString(previous.getAsLong() * unit)
                + " bytes, but it has 0x"
                + Long.toHexString(before));
      }
      boolean allocated = (type.getAsLong() & inUse) != 0;
      blocks.add(new Block(at, bytes, before, allocated, tag(header)));
      at += bytes;
      before = bytes;
    }
    return new Page(blocks, Optional.empty());
  }

  private static Page broken(Nt nt, List<Block> blocks, long at, String what) {
    return new Page(blocks, Optional.of("the header at " + nt.hex(at) + " " + what));
  }

  /** Four characters; the highest bit of the last marks protected blocks. */
  static String tag(Structure header) {
    return tag(header.number("PoolTag").orElse(0));
  }

  static String tag(long bits) {
    StringBuilder tag = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      int c = (int) (bits >>> 8 * i) & 0x7f;
      tag.append(c < 0x20 || c == 0x7f ? '.' : (char) c);
    }
    return tag.toString();
  }

  private static String region(Nt nt, long page) {
    OptionalLong paged = nt.word("MmPagedPoolStart");
    OptionalLong pagedEnd = nt.word("MmPagedPoolEnd");
    OptionalLong nonPaged = nt.word("MmNonPagedPoolStart");
    if (within(page, paged, pagedEnd)) {
      return "Paged pool";
    }
    return nonPaged.isPresent()
            && (within(page, nonPaged, nt.word("MmNonPagedPoolEnd"))
                || nt.word("MmNonPagedPoolEnd").isEmpty()
                    && Long.compareUnsigned(page, nonPaged.getAsLong()) >= 0
                    && paged.isPresent()
                    && Long.compareUnsigned(page, paged.getAsLong()) < 0)
        ? "Nonpaged pool"
        : "Unknown";
  }

  private static boolean within(long page, OptionalLong from, OptionalLong to) {
    return from.isPresent()
        && to.isPresent()
        && from.getAsLong() != 0
        && Long.compareUnsigned(page, from.getAsLong()) >= 0
        && Long.compareUnsigned(page, to.getAsLong()) <= 0;
  }

  private static void show(Nt nt, Page page, long address, long flags, List<String> lines) {
    if (page.blocks().isEmpty()) {
      lines.add(
          nt.hex(address & -PAGE)
              + " is not a valid small pool allocation, checking large pool...");
      lines.add(
          nt.hex(address & -PAGE)
              + " is not valid pool. "
              + page.problem()
                  .map(p -> p.substring(0, 1).toUpperCase(Locale.ROOT) + p.substring(1))
                  .orElse(""));
      return;
    }
    boolean found = false;
    for (Block block : page.blocks()) {
      boolean own = address >= block.address() && address < block.address() + block.size();
      found |= own;
      if (own || (flags & 2) == 0) {
        lines.add(
            (own ? "*" : " ")
                + nt.hex(block.address())
                + " size: "
                + Hex.right(block.size(), 4)
                + " previous size: "
                + Hex.right(block.previous(), 4)
                + (block.allocated() ? "  (Allocated) " : "  (Free)      ")
                + (own ? "*" : " ")
                + block.tag());
      }
    }
    page.problem().ifPresent(p -> lines.add("*** The page is corrupt: " + p));
    if (!found && page.problem().isPresent()) {
      lines.add("*** The block at " + nt.hex(address) + " lies behind that place");
    }
  }

  private static void validate(Nt nt, Page blocks, long page, List<String> lines) {
    lines.add("");
    lines.add("Validating Pool headers for pool page: " + nt.hex(page));
    lines.add("");
    if (blocks.problem().isEmpty()) {
      lines.add("Pool page [ " + nt.hex(page) + " ] is VALID.");
    } else {
      lines.add("Pool page [ " + nt.hex(page) + " ] is __inVALID.");
      lines.add("");
      lines.add("Analyzing linked list...");
      lines.add("*** " + blocks.problem().get());
    }
  }
}
