// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.image.Cancellation;
import org.jkd.objects.Structure;
import org.jkd.symbols.SymbolSet;

/**
 * {@code !poolused [Flags [Tag]]}: pool by tag; windbg-commands.md, 19. Flag 2 sorts by nonpaged, 4
 * by paged use.
 */
public final class PoolUsedCommand extends SystemCommand {
  private static final int MAX_TAGS = 1 << 16;
  private static final int DEFAULT_TAGS = 4096;

  @Override
  Result run(Arguments arguments, Nt nt) {
    long flags = arguments.atEnd() ? 0 : arguments.expression();
    String pattern = arguments.word();
    arguments.end();
    long size = nt.structures().size("_POOL_TRACKER_TABLE");
    OptionalLong table = nt.word("PoolTrackTable");
    if (table.isEmpty() || !nt.isSystem(table.getAsLong())) {
      nt.needed("PoolTrackTable");
      throw new CommandException(
          table.isEmpty()
              ? "Unable to read nt!PoolTrackTable: the dump does not hold it"
              : "Unable to read nt!PoolTrackTable: it holds "
                  + nt.hex(table)
                  + ", pool is not tracked");
    }
    long count = Math.min(MAX_TAGS, nt.word("PoolTrackTableSize").orElse(DEFAULT_TAGS));
    Predicate<String> wanted = pattern.isEmpty() ? tag -> true : SymbolSet.glob(pattern);
    List<Row> rows = new ArrayList<>();
    String problem = "";
    for (int i = 0; i < count; i++) {
      Cancellation.check();
      Structure entry = nt.at("_POOL_TRACKER_TABLE", table.getAsLong() + i * size);
      OptionalLong key = entry.number("Key");
      if (key.isEmpty()) {
        problem =
            "*** The table ends here: "
                + nt.hex(entry.address())
                + " cannot be read: "
                + nt.memory().memory().whyUnreadable(entry.address()).text();
        break;
      }
      Row row = Row.of(entry, key.getAsLong());
      if (key.getAsLong() != 0 && row.isUsed() && wanted.test(row.tag())) {
        rows.add(row);
      }
    }
    Comparator<Row> order =
        (flags & 2) != 0
            ? Comparator.comparingLong(r -> -r.nonPagedBytes())
            : (flags & 4) != 0
                ? Comparator.comparingLong(r -> -r.pagedBytes())
                : Comparator.comparing(Row::tag);
    rows.sort(order);
    String sorting =
        (flags & 2) != 0
            ? "NonPaged Pool Consumed"
            : (flags & 4) != 0 ? "Paged Pool Consumed" : "Tag";
    List<String> lines = new ArrayList<>();
    lines.add("   Sorting by  " + sorting);
    lines.add("");
    lines.add("  Pool Used:");
    lines.add("            NonPaged            Paged");
    lines.add(" Tag    Allocs     Used    Allocs     Used");
    Row total = new Row("TOTAL", 0, 0, 0, 0);
    for (Row row : rows) {
      lines.add(row.line());
      total = total.plus(row);
    }
    lines.add(total.line().substring(1));
    if (!problem.isEmpty()) {
      lines.add(problem);
    }
    return new Answer(
        lines,
        o ->
            o.objects(
                "tags",
                rows,
                (j, r) ->
                    j.text("tag", r.tag())
                        .number("nonPagedAllocations", r.nonPaged())
                        .number("nonPagedBytes", r.nonPagedBytes())
                        .number("pagedAllocations", r.paged())
                        .number("pagedBytes", r.pagedBytes())));
  }

  /** A tag: allocations that are not freed yet, and their bytes. */
  record Row(String tag, long nonPaged, long nonPagedBytes, long paged, long pagedBytes) {
    static Row of(Structure entry, long key) {
      return new Row(
          PoolCommand.tag(key),
          entry.number("NonPagedAllocs").orElse(0) - entry.number("NonPagedFrees").orElse(0),
          entry.number("NonPagedBytes").orElse(0),
          entry.number("PagedAllocs").orElse(0) - entry.number("PagedFrees").orElse(0),
          entry.number("PagedBytes").orElse(0));
    }

    boolean isUsed() {
      return nonPaged != 0 || nonPagedBytes != 0 || paged != 0 || pagedBytes != 0;
    }

    Row plus(Row other) {
      return new Row(
          tag,
          nonPaged + other.nonPaged,
          nonPagedBytes + other.nonPagedBytes,
          paged + other.paged,
          pagedBytes + other.pagedBytes);
    }

    String line() {
      return " %-4s %8d %8d %9d %8d".formatted(tag, nonPaged, nonPagedBytes, paged, pagedBytes);
    }
  }
}
