// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Text;
import org.jkd.objects.Structure;
import org.jkd.target.Processor;

/** {@code !qlocks}: which processor holds, or waits for, the kernel's queued spin locks. */
public final class QueuedLocksCommand extends SystemCommand {
  private static final int WAITS = 1;
  private static final int OWNS = 2;

  /** By number since Windows Server 2003; the first three were other locks before. */
  private static final String[] NAMES = {
    "KE   - Dispatcher",
    "KE   - Unused Spare",
    "MM   - PFN",
    "MM   - System Space",
    "CC   - Vacb",
    "CC   - Master",
    "EX   - NonPagedPool",
    "IO   - Cancel",
    "EX   - WorkQueue",
    "IO   - Vpb",
    "IO   - Database",
    "IO   - Completion",
    "NTFS - Struct",
    "AFD  - WorkQueue",
    "CC   - Bcb",
    "MM   - NonPagedPool"
  };

  @Override
  Result run(Arguments arguments, Nt nt) {
    arguments.end();
    nt.structures().needed("_KPRCB", "LockQueue");
    List<Processor> processors =
        nt.kernel().processors().stream().filter(p -> p.prcb().isPresent()).toList();
    List<String> lines = new ArrayList<>();
    lines.add("Key: O = Owner, 1-n = Wait order, blank = not owned/waiting, C = Corrupt");
    lines.add("");
    lines.add(" ".repeat(23) + "Processor Number");
    StringBuilder head = new StringBuilder("    Lock Name         ");
    processors.forEach(p -> head.append(Text.left(Integer.toString(p.number()), 3)));
    lines.add(head.toString().stripTrailing());
    lines.add("");
    List<Row> rows = new ArrayList<>();
    long count = Math.min(NAMES.length, nt.structures().count("_KPRCB", "LockQueue"));
    for (int i = 0; i < count; i++) {
      Row row = new Row(NAMES[i], states(nt, processors, i));
      rows.add(row);
      StringBuilder line = new StringBuilder(Text.left(row.name(), 22));
      row.states().forEach(s -> line.append(Text.left(s, 3)));
      lines.add(line.toString().stripTrailing());
    }
    return new Answer(
        lines,
        o ->
            o.objects(
                "locks", rows, (j, r) -> j.text("lock", r.name()).texts("states", r.states())));
  }

  /** A lock with what it is to each processor. */
  record Row(String name, List<String> states) {}

  private static List<String> states(Nt nt, List<Processor> processors, int lock) {
    Map<Long, Integer> places = new HashMap<>();
    List<String> states = new ArrayList<>();
    long owner = 0;
    for (Processor p : processors) {
      Structure prcb = ProcessorCommand.prcb(nt, p);
      long queue = prcb.place("LockQueue") + lock * nt.structures().stride("_KPRCB", "LockQueue");
      OptionalLong word = nt.memory().pointer(queue + nt.pointerSize());
      int bits = (int) word.orElse(0) & 3;
      places.put(queue, states.size());
      states.add(word.isEmpty() ? "?" : (bits & OWNS) != 0 ? "O" : bits == WAITS ? "C" : " ");
      owner = (bits & OWNS) != 0 ? queue : owner;
    }
    // Those who wait stand behind the owner in the order of its queue; others are corrupt.
    int order = 1;
    long at = owner == 0 ? 0 : nt.memory().pointer(owner).orElse(0);
    while (places.containsKey(at) && order <= states.size()) {
      states.set(places.get(at), Integer.toString(order++));
      at = nt.memory().pointer(at).orElse(0);
    }
    return states;
  }
}
