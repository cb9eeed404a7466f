// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Result;
import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;

/** {@code !locks [-v] [Address]}: the resources (ERESOURCE) of the system and who holds them. */
public final class LocksCommand extends SystemCommand {
  private static final int EXCLUSIVE = 0x80;
  private static final int MAX_OWNERS = 1024;
  private static final int MAX_WAITERS = 1024;

  @Override
  Result run(Arguments arguments, Nt nt) {
    boolean all = arguments.eatWord("-v");
    if (!arguments.atEnd()) {
      long address = nt.arch().address(arguments.expression());
      arguments.end();
      Resource one = Resource.read(nt, address);
      List<String> lines = new ArrayList<>(List.of(""));
      lines.addAll(one.lines(nt));
      return answer(lines, List.of(one));
    }
    long link = nt.structures().needed("_ERESOURCE", "SystemResourcesList");
    LinkWalk walk = nt.list(nt.needed("ExpSystemResourcesList"));
    List<String> lines = new ArrayList<>();
    lines.add("**** DUMP OF ALL RESOURCE OBJECTS ****");
    lines.add("KD: Scanning for held locks.");
    List<Resource> held = new ArrayList<>();
    for (long entry : walk.entries()) {
      Resource resource = Resource.read(nt, entry - link);
      boolean isHeld = resource.active().orElse(0) != 0;
      if (isHeld) {
        held.add(resource);
      }
      if (isHeld || all) {
        lines.add("");
        lines.addAll(resource.lines(nt));
      }
    }
    nt.problem(walk).ifPresent(lines::add);
    lines.add(
        walk.entries().size()
            + " total locks"
            + (held.isEmpty() ? "" : ", " + held.size() + " locks currently held"));
    return answer(lines, held);
  }

  private static Answer answer(List<String> lines, List<Resource> held) {
    return new Answer(
        lines,
        o ->
            o.objects(
                "resources",
                held,
                (j, r) -> {
                  j.address("resource", r.address()).flag("exclusive", r.isExclusive());
                  j.objects(
                      "owners",
                      r.owners(),
                      (k, owner) ->
                          k.address("thread", owner.thread()).number("count", owner.count()));
                }));
  }

  /** A thread that holds a resource. */
  record Owner(long thread, long count) {}

  /** A resource. */
  record Resource(
      long address,
      OptionalLong active,
      boolean isExclusive,
      OptionalLong contention,
      OptionalLong sharedWaiters,
      OptionalLong exclusiveWaiters,
      List<Owner> owners,
      List<Long> waitingShared,
      List<Long> waitingExclusive) {

    static Resource read(Nt nt, long address) {
      Structure r = nt.at("_ERESOURCE", address);
      List<Owner> owners = new ArrayList<>();
      String inline = r.has("OwnerEntry") ? "OwnerEntry" : "OwnerThreads";
      long count = Math.max(1, nt.structures().count("_ERESOURCE", inline));
      long size = nt.structures().size("_OWNER_ENTRY");
      long first = r.place(inline);
      for (int i = 0; i < count; i++) {
        owner(nt, first + i * size, owners);
      }
      long table = r.number("OwnerTable").orElse(0);
      if (nt.isSystem(table)) {
        long length = nt.at("_OWNER_ENTRY", table).number("TableSize").orElse(0) & 0xffff;
        for (int i = 1; i < Math.min(length, MAX_OWNERS); i++) {
          owner(nt, table + i * size, owners);
        }
      }
      return new Resource(
          nt.arch().address(address),
          r.number("ActiveEntries", "ActiveCount"),
          (r.number("Flag").orElse(0) & EXCLUSIVE) != 0,
          r.number("ContentionCount"),
          r.number("NumberOfSharedWaiters"),
          r.number("NumberOfExclusiveWaiters"),
          owners,
          waiters(nt, r.number("SharedWaiters").orElse(0)),
          waiters(nt, r.number("ExclusiveWaiters").orElse(0)));
    }

    private static void owner(Nt nt, long at, List<Owner> owners) {
      Structure entry = nt.at("_OWNER_ENTRY", at);
      long thread = entry.number("OwnerThread").orElse(0);
      long count = entry.number("OwnerCount").orElse(0);
      if (thread != 0 && count != 0) {
        owners.add(new Owner(thread & ~3L, count));
      }
    }

    /** The threads in the wait list of a dispatcher object. */
    private static List<Long> waiters(Nt nt, long object) {
      List<Long> threads = new ArrayList<>();
      OptionalLong link = nt.structures().offset("_KWAIT_BLOCK", "WaitListEntry");
      OptionalLong head = nt.structures().offset("_DISPATCHER_HEADER", "WaitListHead");
      if (nt.isSystem(object) && link.isPresent() && head.isPresent()) {
        LinkWalk walk =
            LinkWalk.forward(nt.memory(), object + head.getAsLong(), MAX_WAITERS, nt::isSystem);
        for (long entry : walk.entries()) {
          nt.at("_KWAIT_BLOCK", entry - link.getAsLong()).number("Thread").ifPresent(threads::add);
        }
      }
      return threads;
    }

    List<String> lines(Nt nt) {
      List<String> lines = new ArrayList<>();
      String name = nt.symbol(address);
      String place =
          name.isEmpty() ? "0x" + nt.hex(address) : name + " (0x" + nt.hex(address) + ")";
      String state =
          active.isEmpty()
              ? "Cannot be read"
              : active.getAsLong() == 0
                  ? "Available"
                  : isExclusive
                      ? "Exclusively owned"
                      : "Shared " + owners.size() + " owning threads";
      lines.add("Resource @ " + place + "    " + state);
      count(lines, "    Contention Count = ", contention);
      count(lines, "    NumberOfSharedWaiters = ", sharedWaiters);
      count(lines, "    NumberOfExclusiveWaiters = ", exclusiveWaiters);
      if (!owners.isEmpty()) {
        StringBuilder line = new StringBuilder("     Threads: ");
        for (Owner owner : owners) {
          line.append(nt.hex(owner.thread())).append("-%02d<*> ".formatted(owner.count()));
        }
        lines.add(line.toString().stripTrailing());
      }
      waiting(nt, lines, "     Threads Waiting On Shared Access:", waitingShared);
      waiting(nt, lines, "     Threads Waiting On Exclusive Access:", waitingExclusive);
      return lines;
    }

    private static void count(List<String> lines, String label, OptionalLong value) {
      if (value.orElse(0) != 0) {
        lines.add(label + value.getAsLong());
      }
    }

    private static void waiting(Nt nt, List<String> lines, String label, List<Long> threads) {
      if (!threads.isEmpty()) {
        lines.add(label);
        threads.forEach(t -> lines.add("              " + nt.hex(t)));
      }
    }
  }
}
