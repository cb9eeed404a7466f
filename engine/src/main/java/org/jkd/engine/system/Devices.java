// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.command.CommandException;
import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;

/** Device objects, the drivers behind them and the stacks they form. */
final class Devices {
  /** IO_TYPE_DEVICE and IO_TYPE_DRIVER of wdm.h. */
  private static final int DEVICE = 3;

  private static final int DRIVER = 4;
  private static final int MAX_STACK = 64;
  private static final int MAX_DEVICES = 4096;

  private Devices() {}

  /**
   * The device object at an address.
   *
   * @throws CommandException if there is none
   */
  static Structure device(Nt nt, long address) {
    return checked(nt, "_DEVICE_OBJECT", address, DEVICE, "device");
  }

  /**
   * The driver object at an address.
   *
   * @throws CommandException if there is none
   */
  static Structure driver(Nt nt, long address) {
    return checked(nt, "_DRIVER_OBJECT", address, DRIVER, "driver");
  }

  private static Structure checked(Nt nt, String type, long address, int mark, String what) {
    Structure object = nt.at(type, address);
    OptionalLong read = object.number("Type");
    if (read.isEmpty()) {
      throw new CommandException(
          "Could not read "
              + what
              + " object or "
              + type
              + " not found at "
              + nt.hex(object.address())
              + ": "
              + nt.memory().memory().whyUnreadable(object.address()).text());
    }
    if (read.getAsLong() != mark) {
      throw new CommandException(
          nt.hex(object.address())
              + ": is not a "
              + what
              + " object (its type is "
              + read.getAsLong()
              + ")");
    }
    return object;
  }

  /** {@code \Driver\atapi}; empty if it cannot be read. */
  static String driverName(Nt nt, long device) {
    if (!nt.knows("_DEVICE_OBJECT")) {
      return "";
    }
    OptionalLong driver = nt.at("_DEVICE_OBJECT", device).number("DriverObject");
    return driver.isPresent() && driver.getAsLong() != 0 && nt.knows("_DRIVER_OBJECT")
        ? nt.at("_DRIVER_OBJECT", driver.getAsLong()).text("DriverName")
        : "";
  }

  /**
   * Devices along a chain.
   *
   * @param problem why it ended early
   */
  record Chain(List<Structure> devices, Optional<String> problem) {}

  /** The stack that a device belongs to, the top first. */
  static Chain stack(Nt nt, Structure device) {
    long up = nt.structures().needed("_DEVICE_OBJECT", "AttachedDevice");
    LinkWalk above =
        LinkWalk.single(nt.memory(), device.address(), (int) up, MAX_STACK, nt::isSystem);
    List<Structure> stack = new ArrayList<>();
    for (long at : above.entries().reversed()) {
      stack.add(nt.at("_DEVICE_OBJECT", at));
    }
    Optional<String> problem = nt.problem(above);
    List<Long> seen = new ArrayList<>(above.entries());
    OptionalLong next = lower(nt, device);
    while (next.orElse(0) != 0 && stack.size() < MAX_STACK) {
      long at = next.getAsLong();
      if (seen.contains(at) || !nt.isSystem(at)) {
        if (problem.isEmpty()) {
          problem =
              Optional.of(
                  "*** The stack ends here: the device below is given as "
                      + nt.hex(at)
                      + (seen.contains(at)
                          ? ", which was shown already"
                          : ", which is no address"));
        }
        break;
      }
      seen.add(at);
      Structure below = nt.at("_DEVICE_OBJECT", at);
      stack.add(below);
      next = lower(nt, below);
    }
    return new Chain(stack, problem);
  }

  /** The device that a device is attached to; empty or 0 at the bottom. */
  static OptionalLong lower(Nt nt, Structure device) {
    return extension(nt, device).map(e -> e.number("AttachedTo")).orElse(OptionalLong.empty());
  }

  /** What the I/O manager keeps of a device beside its object. */
  static Optional<Structure> extension(Nt nt, Structure device) {
    OptionalLong extension = device.number("DeviceObjectExtension");
    return extension.isPresent() && nt.isSystem(extension.getAsLong())
        ? nt.maybe("_DEVOBJ_EXTENSION", extension.getAsLong())
        : Optional.empty();
  }

  /** The node of the device tree that a device belongs to. */
  static Optional<Structure> node(Nt nt, Structure device) {
    OptionalLong node =
        extension(nt, device).map(e -> e.number("DeviceNode")).orElse(OptionalLong.empty());
    return node.isPresent() && nt.isSystem(node.getAsLong())
        ? nt.maybe("_DEVICE_NODE", node.getAsLong())
        : Optional.empty();
  }

  /** The devices of a driver in the order of its list. */
  static Chain of(Nt nt, Structure driver) {
    long first = driver.number("DeviceObject").orElse(0);
    long next = nt.structures().needed("_DEVICE_OBJECT", "NextDevice");
    LinkWalk walk = LinkWalk.single(nt.memory(), first, (int) next, MAX_DEVICES, nt::isSystem);
    return new Chain(
        walk.entries().stream().map(at -> nt.at("_DEVICE_OBJECT", at)).toList(), nt.problem(walk));
  }
}
