// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.objects.Structure;

/** {@code !irp Address [Detail]}: an I/O request and its stack; windbg-commands.md, 18. */
public final class IrpCommand extends SystemCommand {
  /** IO_TYPE_IRP of wdm.h. */
  private static final int TYPE = 6;

  /** The fields that Detail adds, in kd's order. */
  private static final List<String> FIELDS =
      List.of(
          "Flags",
          "ThreadListEntry.Flink",
          "ThreadListEntry.Blink",
          "IoStatus.Status",
          "IoStatus.Information",
          "RequestorMode",
          "Cancel",
          "CancelIrql",
          "ApcEnvironment",
          "UserIosb",
          "UserEvent",
          "Overlay.AsynchronousParameters.UserApcRoutine",
          "Overlay.AsynchronousParameters.UserApcContext",
          "Overlay.AllocationSize.QuadPart",
          "CancelRoutine",
          "UserBuffer",
          "Tail.Overlay.Thread",
          "Tail.Overlay.AuxiliaryBuffer",
          "Tail.Overlay.ListEntry.Flink",
          "Tail.Overlay.ListEntry.Blink",
          "Tail.Overlay.CurrentStackLocation",
          "Tail.Overlay.OriginalFileObject");

  @Override
  Result run(Arguments arguments, Nt nt) {
    long address = nt.arch().address(arguments.expression());
    boolean detail = !arguments.atEnd() && arguments.expression() != 0;
    arguments.end();
    Structure irp = nt.at("_IRP", address);
    OptionalLong type = irp.number("Type");
    if (type.isEmpty()) {
      throw new CommandException(
          nt.hex(address)
              + ": Could not read Irp: "
              + nt.memory().memory().whyUnreadable(address).text());
    }
    int count = (int) irp.number("StackCount").orElse(0);
    int current = (int) irp.number("CurrentLocation").orElse(0);
    // A thread begins with a 6 as well; its counts give it away.
    boolean isPlausible = count > 0 && current >= 0 && current <= count + 1;
    if (type.getAsLong() != TYPE || !isPlausible) {
      throw new CommandException("IRP signature does not match, probably not an IRP");
    }
    List<Location> locations = new ArrayList<>();
    long size = nt.structures().size("_IO_STACK_LOCATION");
    for (int i = 0; i < Math.max(count, 0); i++) {
      locations.add(Location.read(nt, address + irp.size() + i * size, i + 1 == current));
    }
    List<String> lines = lines(nt, irp, count, current, size);
    if (detail) {
      lines.addAll(lines.size(), fields(nt, irp));
    }
    locations.forEach(l -> lines.addAll(l.lines(nt)));
    return new Answer(
        lines,
        o -> {
          o.address("irp", address).number("stackCount", count).number("current", current);
          word(o, "thread", irp.number("Tail.Overlay.Thread"));
          word(o, "mdl", irp.number("MdlAddress"));
          o.objects("stack", locations, Location::json);
        });
  }

  private static void word(JsonOut out, String name, OptionalLong value) {
    if (value.orElse(0) != 0) {
      out.address(name, value.getAsLong());
    }
  }

  private static List<String> lines(Nt nt, Structure irp, int count, int current, long size) {
    long place =
        irp.number("Tail.Overlay.CurrentStackLocation")
            .orElse(irp.address() + irp.size() + (current - 1) * size);
    long mdl = irp.number("MdlAddress").orElse(0);
    long buffer = irp.number("AssociatedIrp.SystemBuffer").orElse(0);
    boolean completed = current > count;
    List<String> lines = new ArrayList<>();
    lines.add(
        "Irp is active with "
            + count
            + " stacks "
            + current
            + " is current (= 0x"
            + nt.hex(place)
            + ")");
    lines.add(
        (mdl == 0 ? " No Mdl:" : " Mdl=" + nt.hex(mdl) + ":")
            + (buffer == 0 ? " No System Buffer:" : " System buffer=" + nt.hex(buffer) + ":")
            + " Thread "
            + nt.hex(irp.number("Tail.Overlay.Thread"))
            + ":  "
            + (completed ? "Irp is completed.  " : "Irp stack trace.  ")
            + (irp.number("PendingReturned").orElse(0) == 1 ? "Pending has been returned" : ""));
    lines.add("     cmd  flg cl Device   File     Completion-Context");
    return lines;
  }

  private static List<String> fields(Nt nt, Structure irp) {
    List<String> lines = new ArrayList<>();
    for (String field : FIELDS) {
      OptionalLong value = irp.number(field);
      if (irp.has(field)) {
        lines.add(field + " = " + (value.isEmpty() ? "????????" : text(nt, irp, field, value)));
      }
    }
    return lines;
  }

  private static String text(Nt nt, Structure irp, String field, OptionalLong value) {
    boolean small = field.endsWith("Status") || field.equals("Flags");
    return switch (field) {
      case "RequestorMode", "Cancel", "CancelIrql", "ApcEnvironment" ->
          Hex.pad(value.getAsLong(), 2);
      case "CancelRoutine" ->
          nt.hex(value)
              + (irp.number(field).orElse(0) == 0 ? "" : " " + nt.symbol(value.getAsLong()));
      default -> small ? nt.hex32(value) : nt.hex(value);
    };
  }

  /**
   * A stack location.
   *
   * @param isCurrent true for the one that a driver works on
   * @param driver the name of the driver that gets it
   * @param arguments the first four words of the parameters
   */
  record Location(
      boolean isCurrent,
      OptionalLong major,
      OptionalLong minor,
      OptionalLong flags,
      OptionalLong control,
      OptionalLong device,
      OptionalLong file,
      OptionalLong completion,
      OptionalLong context,
      String driver,
      String routine,
      List<OptionalLong> arguments) {

    static Location read(Nt nt, long address, boolean isCurrent) {
      Structure at = nt.at("_IO_STACK_LOCATION", address);
      OptionalLong device = at.number("DeviceObject");
      OptionalLong completion = at.number("CompletionRoutine");
      OptionalLong parameters = at.addressOf("Parameters");
      if (completion.isEmpty() && at.has("CompletionRoutine")) {
        completion = nt.memory().pointer(at.place("CompletionRoutine"));
      }
      List<OptionalLong> arguments = new ArrayList<>();
      for (int i = 0; i < 4 && parameters.isPresent(); i++) {
        arguments.add(nt.memory().pointer(parameters.getAsLong() + (long) i * nt.pointerSize()));
      }
      return new Location(
          isCurrent,
          at.number("MajorFunction"),
          at.number("MinorFunction"),
          at.number("Flags"),
          at.number("Control"),
          device,
          at.number("FileObject"),
          completion,
          at.number("Context"),
          device.orElse(0) == 0 ? "" : Devices.driverName(nt, device.getAsLong()),
          completion.orElse(0) == 0 ? "" : nt.symbol(completion.getAsLong()),
          arguments);
    }

    private boolean isEmpty() {
      return major.orElse(-1) == 0
          && device.orElse(-1) == 0
          && control.orElse(-1) == 0
          && completion.orElse(-1) == 0;
    }

    private String function() {
      if (major.isEmpty() || minor.isEmpty()) {
        return "[????????]";
      }
      int number = (int) major.getAsLong();
      int sub = (int) minor.getAsLong();
      String name = isEmpty() ? "N/A" : MajorFunctions.major(number);
      return "["
          + name
          + "("
          + Integer.toHexString(number)
          + "), "
          + MajorFunctions.minor(number, sub)
          + "("
          + Integer.toHexString(sub)
          + ")]";
    }

    List<String> lines(Nt nt) {
      List<String> lines = new ArrayList<>();
      lines.add((isCurrent ? ">" : " ") + function());
      long when = control.orElse(0);
      String line =
          "%13s %2s %s %s %s-%s%s%s%s%s"
              .formatted(
                  flags.isPresent() ? Long.toHexString(flags.getAsLong()) : "??",
                  control.isPresent() ? Long.toHexString(when) : "??",
                  nt.hex(device),
                  nt.hex(file),
                  nt.hex(completion),
                  nt.hex(context),
                  (when & 0x40) != 0 ? " Success" : "",
                  (when & 0x80) != 0 ? " Error" : "",
                  (when & 0x20) != 0 ? " Cancel" : "",
                  (when & 1) != 0 ? " pending" : "");
      lines.add(line);
      if (!driver.isEmpty() || !routine.isEmpty()) {
        lines.add(("           " + driver + " " + routine).stripTrailing());
      }
      StringBuilder words = new StringBuilder("            Args:");
      arguments.forEach(a -> words.append(' ').append(nt.hex(a)));
      lines.add(words.toString());
      return lines;
    }

    static void json(JsonOut out, Location l) {
      out.flag("current", l.isCurrent);
      l.major.ifPresent(
          m -> out.number("major", m).text("function", MajorFunctions.major((int) m)));
      l.minor.ifPresent(m -> out.number("minor", m));
      word(out, "device", l.device);
      word(out, "file", l.file);
      out.optional("driver", l.driver);
      word(out, "completionRoutine", l.completion);
      out.optional("completion", l.routine);
    }
  }
}
