// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.objects.Structure;

/** {@code !fileobj Address}: a file that is open. */
public final class FileObjectCommand extends SystemCommand {
  /** IO_TYPE_FILE of wdm.h. */
  private static final int FILE = 5;

  /** FO_ flags of wdm.h, bit by bit. */
  private static final String[] FLAGS = {
    "File Open",
    "Synchronous IO",
    "Alertable IO",
    "No Intermediate Buffering",
    "Write Through",
    "Sequential Only",
    "Cache Supported",
    "Named Pipe",
    "Stream File",
    "Mailslot",
    "Generate Audit On Close",
    "Direct Device Open",
    "File Modified",
    "File Size Changed",
    "Cleanup Complete",
    "Temporary File",
    "Delete On Close",
    "Opened Case Sensitive",
    "Handle Created",
    "File Fast IO Read",
    "Random Access",
    "File Open Cancelled",
    "Volume Open",
    "",
    "Remote Origin"
  };

  private static final String[] ACCESS = {
    "ReadAccess", "WriteAccess", "DeleteAccess", "SharedRead", "SharedWrite", "SharedDelete"
  };

  @Override
  Result run(Arguments arguments, Nt nt) {
    long address = nt.arch().address(arguments.expression());
    arguments.end();
    Structure file = nt.at("_FILE_OBJECT", address);
    if (file.number("Type").orElse(0) != FILE) {
      throw new CommandException(
          nt.hex(address)
              + (file.number("Type").isPresent()
                  ? " is not a file object"
                  : ": " + nt.memory().memory().whyUnreadable(address).text()));
    }
    List<String> lines = new ArrayList<>();
    String name = file.text("FileName");
    lines.add("");
    lines.add(name.isEmpty() ? "(no file name)" : name);
    OptionalLong related = file.number("RelatedFileObject");
    if (related.orElse(0) != 0) {
      lines.add("");
      lines.add("Related File Object: 0x" + nt.hex(related));
    }
    lines.add("");
    OptionalLong device = file.number("DeviceObject");
    lines.add(
        ("Device Object: 0x"
                + nt.hex(device)
                + "   "
                + (device.orElse(0) == 0 ? "" : Devices.driverName(nt, device.getAsLong())))
            .stripTrailing());
    lines.add(
        file.number("Vpb").orElse(0) == 0 ? "Vpb is NULL" : "Vpb: 0x" + nt.hex(file.number("Vpb")));
    OptionalLong event = file.number("Event.Header.SignalState");
    if (event.orElse(0) != 0) {
      lines.add("Event signalled");
    }
    lines.add(access(file));
    lines.add("");
    OptionalLong flags = file.number("Flags");
    lines.add("Flags:  0x" + (flags.isEmpty() ? "????" : Long.toHexString(flags.getAsLong())));
    for (int i = 0; i < FLAGS.length; i++) {
      if ((flags.orElse(0) >>> i & 1) == 1 && !FLAGS[i].isEmpty()) {
        lines.add("\t" + FLAGS[i]);
      }
    }
    lines.add("");
    lines.add(
        "FsContext: 0x"
            + nt.hex(file.number("FsContext"))
            + "\tFsContext2: 0x"
            + nt.hex(file.number("FsContext2")));
    pointer(nt, "Private Cache Map: ", file.number("PrivateCacheMap"), lines);
    OptionalLong offset = file.number("CurrentByteOffset.QuadPart");
    lines.add(
        "CurrentByteOffset: " + (offset.isEmpty() ? "?" : Long.toHexString(offset.getAsLong())));
    cache(nt, file, lines);
    return new Answer(
        lines,
        o -> {
          o.address("file", address).optional("name", name);
          device.ifPresent(d -> o.address("device", d));
          o.optional(
              "driver", device.orElse(0) == 0 ? "" : Devices.driverName(nt, device.getAsLong()));
          flags.ifPresent(f -> o.address("flags", f));
        });
  }

  private static String access(Structure file) {
    StringBuilder line = new StringBuilder();
    for (String field : ACCESS) {
      if (file.number(field).orElse(0) != 0) {
        line.append(field.replace("Access", "")).append(' ');
      }
    }
    return line.isEmpty() ? "Access: None" : "Access: " + line.toString().stripTrailing();
  }

  private static void pointer(Nt nt, String label, OptionalLong value, List<String> lines) {
    if (value.orElse(0) != 0) {
      lines.add(label + "0x" + nt.hex(value));
    }
  }

  private static void cache(Nt nt, Structure file, List<String> lines) {
    OptionalLong section = file.number("SectionObjectPointer");
    if (section.orElse(0) == 0) {
      return;
    }
    lines.add("Cache Data:");
    lines.add("  Section Object Pointers: " + nt.hex(section));
    if (nt.knows("_SECTION_OBJECT_POINTERS")) {
      Structure pointers = nt.at("_SECTION_OBJECT_POINTERS", section.getAsLong());
      lines.add("  Shared Cache Map: " + nt.hex(pointers.number("SharedCacheMap")));
    }
  }
}
