// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Text;
import org.jkd.objects.Structure;

/** {@code !object Address | \Path}: an object's header, and what is in it if it is a directory. */
public final class ObjectCommand extends SystemCommand {
  @Override
  Result run(Arguments arguments, Nt nt) {
    ObjectTree tree = new ObjectTree(nt);
    long object;
    if (arguments.peek() == '\\') {
      String path = arguments.rest();
      object =
          tree.find(path)
              .orElseThrow(
                  () -> new CommandException("Object " + path + " not found" + tree.reason()));
    } else {
      object = nt.arch().address(arguments.expression());
      arguments.end();
    }
    List<String> lines = new ArrayList<>(head(nt, object, ""));
    boolean isDirectory = new Objects(nt).typeName(object).equals("Directory");
    ObjectTree.Directory directory =
        isDirectory ? tree.list(object) : new ObjectTree.Directory(List.of(), List.of());
    if (isDirectory) {
      entries(nt, directory, lines);
    }
    return new Answer(
        lines,
        o -> {
          Objects objects = new Objects(nt);
          o.address("object", object).optional("type", objects.typeName(object));
          o.optional("name", objects.name(object));
          if (isDirectory) {
            o.objects(
                "entries",
                directory.entries(),
                (j, e) ->
                    j.address("object", e.object())
                        .optional("type", e.type())
                        .optional("name", e.name()));
          }
        });
  }

  /** The lines that {@code !object} and {@code !handle} begin with. */
  static List<String> head(Nt nt, long object, String indent) {
    Objects objects = new Objects(nt);
    Structure header = objects.header(object);
    Optional<Structure> type = objects.type(object);
    if (header.number("PointerCount").isEmpty()) {
      return List.of(
          indent
              + nt.hex(object)
              + ": Not a valid object (ObjectType invalid): "
              + nt.memory().memory().whyUnreadable(header.address()).text());
    }
    if (type.isEmpty()) {
      return List.of(indent + nt.hex(object) + ": Not a valid object (ObjectType invalid)");
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        indent
            + "Object: "
            + nt.hex(object)
            + "  Type: ("
            + nt.hex(type.get().address())
            + ") "
            + type.get().text("Name"));
    lines.add(
        indent
            + "    ObjectHeader: "
            + nt.hex(header.address())
            + (header.has("TypeIndex") ? " (new version)" : " (old version)"));
    lines.add(
        indent
            + "    HandleCount: "
            + Nt.decimal(header.number("HandleCount"))
            + "  PointerCount: "
            + Nt.decimal(header.number("PointerCount")));
    String name =
        type.get().text("Name").equals("File") && nt.knows("_FILE_OBJECT")
            ? nt.at("_FILE_OBJECT", object).text("FileName")
            : objects.name(object);
    OptionalLong directory = objects.directory(object);
    if (!name.isEmpty() || directory.isPresent()) {
      lines.add(
          indent
              + "    Directory Object: "
              + nt.hex(directory.orElse(0))
              + "  Name: "
              + name
              + volume(nt, type.get(), object));
    }
    return lines;
  }

  /** Of a file, the device that it is on, in braces as kd has it. */
  private static String volume(Nt nt, Structure type, long object) {
    if (!type.text("Name").equals("File") || !nt.knows("_FILE_OBJECT")) {
      return "";
    }
    OptionalLong device = nt.at("_FILE_OBJECT", object).number("DeviceObject");
    String name = device.orElse(0) == 0 ? "" : Objects.nameOf(nt, device.getAsLong());
    return name.isEmpty() ? "" : " {" + name + "}";
  }

  private static void entries(Nt nt, ObjectTree.Directory directory, List<String> lines) {
    int width = nt.isX86() ? 13 : 25;
    lines.add("");
    lines.add(
        Text.left("    Hash Address", 10 + nt.pointerSize() * 2)
            + Text.left("Type", width)
            + " Name");
    lines.add(
        Text.left("    ---- -------", 10 + nt.pointerSize() * 2)
            + Text.left("----", width)
            + " ----");
    int bucket = -1;
    for (ObjectTree.Entry entry : directory.entries()) {
      String hash = entry.bucket() == bucket ? "  " : "%02d".formatted(entry.bucket());
      bucket = entry.bucket();
      lines.add(
          "     "
              + hash
              + "  "
              + nt.hex(entry.object())
              + " "
              + Text.left(entry.type(), width)
              + " "
              + entry.name());
    }
    lines.addAll(directory.problems());
  }
}
