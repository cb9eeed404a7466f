// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.dump.mini.MiniThread;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Command;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.command.Session;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;
import org.jkd.target.KernelTarget;
import org.jkd.target.LoadedModule;
import org.jkd.target.StackClass;
import org.jkd.target.UnloadedModule;
import org.jkd.target.UserTarget;

/**
 * {@code !address Address}: what lies around an address, as far as a dump tells: a module, one that
 * was unloaded, or a stack; and whether the dump holds the byte. The layout is from general
 * knowledge of kd, whose map of the whole address space is not made.
 */
public final class AddressCommand extends Command {
  private static final int LABEL = 24;

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.atEnd()) {
      throw new CommandException(
          "!address needs an address here: a map of all regions is not made (!vad, lm, !vm)");
    }
    long address = arguments.address();
    arguments.end();
    List<Area> areas = areas(session, address);
    List<String> lines = new ArrayList<>();
    for (Area area : areas) {
      lines.add("");
      field(lines, "Usage:", area.usage());
      field(lines, "Base Address:", Hex.address(session.arch(), area.start()));
      field(lines, "End Address:", Hex.address(session.arch(), area.end()));
      field(lines, "Region Size:", Hex.address(session.arch(), area.end() - area.start()));
      area.more().forEach(m -> field(lines, m.substring(0, m.indexOf('\t')), after(m)));
    }
    if (areas.isEmpty()) {
      lines.add("");
      field(lines, "Usage:", "<unknown>: no module and no stack that the dump tells of");
    }
    String held =
        session.memory().number(address, 1).isPresent()
            ? "in the dump"
            : session.memory().memory().whyUnreadable(address).text();
    field(lines, "Content:", held);
    return new Answer(
        lines,
        o -> {
          o.address("address", address).text("content", held);
          o.objects(
              "areas",
              areas,
              (j, a) ->
                  j.text("usage", a.usage()).address("start", a.start()).address("end", a.end()));
        });
  }

  private static String after(String labelled) {
    return labelled.substring(labelled.indexOf('\t') + 1);
  }

  private static void field(List<String> lines, String label, String value) {
    lines.add(Text.left(label, LABEL) + value);
  }

  /**
   * A part of the address space.
   *
   * @param end the address behind its last byte
   * @param more labels and values, a tab between them
   */
  private record Area(String usage, long start, long end, List<String> more) {
    boolean contains(long address) {
      return Long.compareUnsigned(address, start) >= 0 && Long.compareUnsigned(address, end) < 0;
    }
  }

  private static List<Area> areas(Session session, long address) {
    List<Area> areas = new ArrayList<>();
    for (LoadedModule m : session.debuggee().modules()) {
      if (m.contains(address)) {
        List<String> more =
            List.of("Module name:\t" + m.name(), "Module path:\t[" + m.imagePath() + "]");
        areas.add(new Area("Module", m.base(), m.base() + m.size(), more));
      }
    }
    for (UnloadedModule m : session.target().unloadedModules()) {
      Area area =
          new Area("Unloaded module", m.start(), m.end(), List.of("Module name:\t" + m.name()));
      if (area.contains(address)) {
        areas.add(area);
      }
    }
    Optional<KernelTarget> kernel = session.debuggee().kernel();
    kernel
        .flatMap(k -> k.stackAt(address))
        .ifPresent(s -> areas.add(new Area("Stack", s.limit(), s.base(), owner(session, s))));
    if (session.target() instanceof UserTarget user) {
      for (MiniThread t : user.threads()) {
        Area area =
            new Area(
                "Stack",
                t.stackStart(),
                t.stackStart() + t.stackSize(),
                List.of("Thread:\t~" + t.index() + " [" + Long.toHexString(t.id()) + "]"));
        if (area.contains(address)) {
          areas.add(area);
        }
      }
    }
    return areas;
  }

  private static List<String> owner(Session session, StackClass stack) {
    List<String> more = new ArrayList<>();
    more.add("Stack kind:\t" + stack.kind().text());
    if (stack.thread().isPresent()) {
      more.add("Thread:\t" + Hex.address(session.arch(), stack.thread().getAsLong()));
    }
    if (stack.processor().isPresent()) {
      more.add("Processor:\t" + stack.processor().getAsInt());
    }
    return more;
  }
}
