// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Hex;
import org.jkd.target.KernelProcess;

/**
 * {@code !handle [Handle [Flags [Process [Type]]]]}: the handles of a process; 0 for all, flag 2
 * for the objects' headers.
 */
public final class HandleCommand extends SystemCommand {
  @Override
  Result run(Arguments arguments, Nt nt) {
    long wanted = arguments.atEnd() ? 0 : arguments.expression();
    long flags = arguments.atEnd() ? 3 : arguments.expression();
    KernelProcess process = process(nt, arguments.atEnd() ? -1 : arguments.expression());
    String type = arguments.word();
    arguments.end();
    OptionalLong address = nt.at("_EPROCESS", process.address()).number("ObjectTable");
    if (address.isEmpty() || !nt.isSystem(address.getAsLong())) {
      throw new CommandException(
          "Process "
              + nt.hex(process.address())
              + (address.isEmpty()
                  ? " cannot be read: the dump does not hold where its handles are"
                  : " has no table of handles"));
    }
    HandleTable table = new HandleTable(nt, address.getAsLong());
    HandleTable.Found found =
        wanted == 0
            ? table.all()
            : new HandleTable.Found(
                table.find(wanted).map(List::of).orElse(List.of()), Optional.empty());
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.addAll(new ProcessReport(nt, process, 0).head());
    lines.add("");
    lines.add(
        "Handle table at "
            + nt.hex(table.code())
            + " with "
            + Nt.decimal(table.count())
            + " entries in use");
    lines.add("");
    List<HandleTable.Handle> shown = new ArrayList<>();
    Objects objects = new Objects(nt);
    for (HandleTable.Handle handle : found.handles()) {
      if (type.isEmpty() || objects.typeName(handle.object()).equalsIgnoreCase(type)) {
        shown.add(handle);
        add(nt, handle, flags, lines);
      }
    }
    if (shown.isEmpty() && wanted != 0) {
      lines.add(Hex.pad(wanted, 4) + ": free handle");
    }
    found.problem().ifPresent(lines::add);
    return new Answer(
        lines,
        o -> {
          o.address("process", process.address());
          o.objects(
              "handles",
              shown,
              (j, h) -> {
                j.address("handle", h.value()).address("object", h.object());
                h.access().ifPresent(a -> j.address("access", a));
                j.optional("type", objects.typeName(h.object()));
                j.optional("name", objects.name(h.object()));
              });
          found.problem().ifPresent(p -> o.text("problem", p));
        });
  }

  private static void add(Nt nt, HandleTable.Handle handle, long flags, List<String> lines) {
    lines.add(
        Hex.pad(handle.value(), handle.value() > 0xffff ? 8 : 4)
            + ": Object: "
            + nt.hex(handle.object())
            + "  GrantedAccess: "
            + nt.hex32(handle.access())
            + " Entry: "
            + nt.hex(handle.entry()));
    if ((flags & 2) != 0) {
      lines.addAll(ObjectCommand.head(nt, handle.object(), ""));
      lines.add("");
    }
  }

  private static KernelProcess process(Nt nt, long wanted) {
    if (wanted == -1 || wanted == 0) {
      return nt.session()
          .process()
          .orElseThrow(() -> new CommandException("Unable to get current process"));
    }
    return ProcessCommand.byAddressOrId(nt, wanted);
  }
}
