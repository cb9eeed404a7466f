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
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;

/**
 * {@code !devobj Address}, {@code !devstack Address}, {@code !devnode Address}: devices and their
 * stacks; windbg-commands.md, 18.
 */
public final class DeviceCommand extends SystemCommand {
  @Override
  Result run(Arguments arguments, Nt nt) {
    long address = nt.arch().address(arguments.expression());
    arguments.end();
    return switch (arguments.name()) {
      case "!devobj" -> object(nt, Devices.device(nt, address));
      case "!devstack" -> stack(nt, Devices.device(nt, address));
      default -> node(nt, nt.at("_DEVICE_NODE", address));
    };
  }

  /** Ten characters as C's {@code %#010x} writes them: zero has no prefix. */
  private static String prefixed(Nt nt, OptionalLong value) {
    return value.equals(OptionalLong.of(0)) ? "0000000000" : "0x" + nt.hex32(value);
  }

  private static Answer object(Nt nt, Structure device) {
    long at = device.address();
    String name = Objects.nameOf(nt, at);
    List<String> lines = new ArrayList<>();
    lines.add("Device object (" + nt.hex(at) + ") is for:");
    lines.add(
        " "
            + name
            + " "
            + Devices.driverName(nt, at)
            + " DriverObject "
            + nt.hex(device.number("DriverObject")));
    lines.add(
        "Current Irp "
            + nt.hex(device.number("CurrentIrp"))
            + " RefCount "
            + Nt.decimal(device.number("ReferenceCount"))
            + " Type "
            + nt.hex32(device.number("DeviceType"))
            + " Flags "
            + nt.hex32(device.number("Flags")));
    volume(nt, device, lines);
    Optional<Structure> extension = Devices.extension(nt, device);
    OptionalLong node = extension.map(e -> e.number("DeviceNode")).orElse(OptionalLong.empty());
    lines.add(
        "DevExt "
            + nt.hex(device.number("DeviceExtension"))
            + " DevObjExt "
            + nt.hex(device.number("DeviceObjectExtension"))
            + (node.orElse(0) != 0 ? " DevNode " + nt.hex(node) : ""));
    OptionalLong flags =
        extension.map(e -> e.number("ExtensionFlags")).orElse(OptionalLong.empty());
    lines.add("ExtensionFlags (" + prefixed(nt, flags) + ")");
    lines.add("Characteristics (" + prefixed(nt, device.number("Characteristics")) + ")");
    neighbour(nt, "AttachedDevice (Upper) ", device.number("AttachedDevice"), lines);
    neighbour(nt, "AttachedTo (Lower) ", Devices.lower(nt, device), lines);
    queue(nt, device, lines);
    return new Answer(
        lines,
        o -> {
          json(nt, o, device);
          device.number("AttachedDevice").ifPresent(v -> address(o, "attachedDevice", v));
          Devices.lower(nt, device).ifPresent(v -> address(o, "attachedTo", v));
        });
  }

  private static void queue(Nt nt, Structure device, List<String> lines) {
    OptionalLong busy = device.number("DeviceQueue.Busy");
    OptionalLong head = device.addressOf("DeviceQueue.DeviceListHead");
    if (busy.isEmpty() || head.isEmpty()) {
      lines.add("Device queue cannot be read.");
    } else if (busy.getAsLong() == 0) {
      lines.add("Device queue is not busy.");
    } else {
      LinkWalk waiting = nt.list(head.getAsLong());
      int count = waiting.entries().size();
      lines.add("Device queue is busy -- " + (count == 0 ? "Queue empty" : count + " entries"));
      nt.problem(waiting).ifPresent(lines::add);
    }
  }

  private static void volume(Nt nt, Structure device, List<String> lines) {
    OptionalLong vpb = device.number("Vpb");
    OptionalLong security = device.number("SecurityDescriptor");
    if (vpb.orElse(0) != 0) {
      lines.add("Vpb " + nt.hex(vpb));
    }
    if (security.orElse(0) != 0) {
      lines.add("SecurityDescriptor " + nt.hex(security));
    }
  }

  private static void neighbour(Nt nt, String label, OptionalLong device, List<String> lines) {
    if (device.orElse(0) != 0) {
      String driver = Devices.driverName(nt, device.getAsLong());
      lines.add((label + nt.hex(device) + " " + driver).stripTrailing());
    }
  }

  private static void address(JsonOut out, String name, long value) {
    if (value != 0) {
      out.address(name, value);
    }
  }

  private static void json(Nt nt, JsonOut out, Structure device) {
    out.address("device", device.address());
    device.number("DriverObject").ifPresent(v -> out.address("driverObject", v));
    out.optional("driver", Devices.driverName(nt, device.address()));
    out.optional("name", Objects.nameOf(nt, device.address()));
    device.number("DeviceExtension").ifPresent(v -> out.address("extension", v));
  }

  private static Answer stack(Nt nt, Structure device) {
    Devices.Chain chain = Devices.stack(nt, device);
    List<String> lines = new ArrayList<>();
    lines.add(
        nt.isX86()
            ? "  !DevObj   !DrvObj            !DevExt   ObjectName"
            : "  !DevObj           !DrvObj            !DevExt           ObjectName");
    for (Structure each : chain.devices()) {
      lines.add(
          ((each.address() == device.address() ? "> " : "  ")
                  + nt.hex(each.address())
                  + "  "
                  + Text.left(Devices.driverName(nt, each.address()), 18)
                  + " "
                  + nt.hex(each.number("DeviceExtension"))
                  + "  "
                  + Objects.nameOf(nt, each.address()))
              .stripTrailing());
    }
    chain.problem().ifPresent(lines::add);
    Optional<Structure> node = Devices.node(nt, chain.devices().getLast());
    if (node.isPresent()) {
      lines.add("!DevNode " + nt.hex(node.get().address()) + " :");
      lines.add("  DeviceInst is \"" + node.get().text("InstancePath") + "\"");
      String service = node.get().text("ServiceName");
      if (!service.isEmpty()) {
        lines.add("  ServiceName is \"" + service + "\"");
      }
    }
    return new Answer(
        lines,
        o -> {
          o.objects("devices", chain.devices(), (j, d) -> json(nt, j, d));
          node.ifPresent(
              n -> o.address("node", n.address()).optional("instance", n.text("InstancePath")));
          chain.problem().ifPresent(p -> o.text("problem", p));
        });
  }

  private static Answer node(Nt nt, Structure node) {
    OptionalLong state = node.number("State");
    if (state.isEmpty()) {
      throw new CommandException(
          "Could not read the device node at "
              + nt.hex(node.address())
              + ": "
              + nt.memory().memory().whyUnreadable(node.address()).text());
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "DevNode 0x"
            + nt.hex(node.address())
            + " for PDO 0x"
            + nt.hex(node.number("PhysicalDeviceObject")));
    lines.add(
        "  Parent 0x"
            + nt.hex(node.number("Parent"))
            + "   Sibling 0x"
            + nt.hex(node.number("Sibling"))
            + "   Child 0x"
            + nt.hex(node.number("Child")));
    lines.add("  InstancePath is \"" + node.text("InstancePath") + "\"");
    lines.add("  ServiceName is \"" + node.text("ServiceName") + "\"");
    lines.add("  State = 0x" + Hex.pad(state.getAsLong(), 3));
    return new Answer(
        lines,
        o ->
            o.address("node", node.address())
                .optional("instance", node.text("InstancePath"))
                .optional("service", node.text("ServiceName")));
  }
}
