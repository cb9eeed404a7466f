// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Text;
import org.jkd.objects.Structure;

/**
 * {@code !drvobj Name|Address [Flags]}: a driver object; flags 1 its devices, 2 its entry points, 4
 * its devices in detail; windbg-commands.md, 18.
 */
public final class DriverCommand extends SystemCommand {
  @Override
  Result run(Arguments arguments, Nt nt) {
    int start = arguments.position();
    String word = arguments.word();
    long address;
    if (word.startsWith("\\") || !isNumber(word)) {
      address = named(nt, word);
    } else {
      arguments.back(start);
      address = nt.arch().address(arguments.expression());
    }
    long flags = arguments.atEnd() ? 1 : arguments.expression();
    arguments.end();
    Structure driver = Devices.driver(nt, address);
    List<String> lines = new ArrayList<>();
    lines.add("Driver object (" + nt.hex(address) + ") is for:");
    lines.add(" " + driver.text("DriverName"));
    lines.add("Driver Extension List: (id , addr)");
    Devices.Chain devices = Devices.of(nt, driver);
    if ((flags & 5) != 0) {
      lines.add("");
      lines.add("Device Object list:");
      StringBuilder row = new StringBuilder();
      for (Structure device : devices.devices()) {
        row.append(nt.hex(device.address())).append("  ");
      }
      lines.add(row.toString().stripTrailing());
      devices.problem().ifPresent(lines::add);
    }
    if ((flags & 2) != 0) {
      entries(nt, driver, lines);
    }
    return new Answer(
        lines,
        o -> {
          o.address("driver", address).optional("name", driver.text("DriverName"));
          o.texts(
              "devices", devices.devices().stream().map(d -> "0x" + nt.hex(d.address())).toList());
          devices.problem().ifPresent(p -> o.text("problem", p));
        });
  }

  private static boolean isNumber(String word) {
    return !word.isEmpty()
        && ("@$(-".indexOf(word.charAt(0)) >= 0
            || word.chars().allMatch(c -> Character.digit(c, 16) >= 0 || "x`n!+".indexOf(c) >= 0)
            || word.contains("!"));
  }

  private static long named(Nt nt, String name) {
    String path = name.startsWith("\\") ? name : "\\Driver\\" + name;
    ObjectTree tree = new ObjectTree(nt);
    OptionalLong found = tree.find(path);
    if (found.isEmpty() && !name.startsWith("\\")) {
      found = tree.find("\\FileSystem\\" + name);
    }
    return found.orElseThrow(
        () -> new CommandException("Driver object " + path + " not found" + tree.reason()));
  }

  private static void entries(Nt nt, Structure driver, List<String> lines) {
    lines.add("");
    entry(nt, "DriverEntry:   ", driver.number("DriverInit"), lines);
    entry(nt, "DriverStartIo: ", driver.number("DriverStartIo"), lines);
    entry(nt, "DriverUnload:  ", driver.number("DriverUnload"), lines);
    OptionalLong extension = driver.number("DriverExtension");
    entry(
        nt,
        "AddDevice:     ",
        extension.orElse(0) != 0 && nt.knows("_DRIVER_EXTENSION")
            ? nt.at("_DRIVER_EXTENSION", extension.getAsLong()).number("AddDevice")
            : OptionalLong.of(0),
        lines);
    lines.add("");
    lines.add("Dispatch routines:");
    long table = driver.place("MajorFunction");
    for (int i = 0; i < MajorFunctions.count(); i++) {
      entry(
          nt,
          "[%02x] ".formatted(i) + Text.left(MajorFunctions.major(i), 35),
          nt.memory().pointer(table + (long) i * nt.pointerSize()),
          lines);
    }
  }

  private static void entry(Nt nt, String label, OptionalLong routine, List<String> lines) {
    String symbol = routine.orElse(0) == 0 ? "" : nt.symbol(routine.getAsLong());
    lines.add((label + nt.hex(routine) + "\t" + symbol).stripTrailing());
  }
}
