// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.command.CommandException;
import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;

/** The object manager's directories: hash buckets of single lists. */
final class ObjectTree {
  private static final int BUCKETS = 37;
  private static final int MAX_IN_BUCKET = 4096;
  private static final int MAX_DEPTH = 32;

  private final Nt nt;
  private final Objects objects;
  private String reason = "";

  ObjectTree(Nt nt) {
    this.nt = nt;
    this.objects = new Objects(nt);
  }

  /** An object in a directory. */
  record Entry(int bucket, long object, String type, String name) {}

  /**
   * What is in a directory.
   *
   * @param problems why it may not be all
   */
  record Directory(List<Entry> entries, List<String> problems) {}

  /** Why the last search found nothing, as words that follow a name; may be empty. */
  String reason() {
    return reason;
  }

  /** The root directory {@code \}. */
  long root() {
    return nt.memory()
        .pointer(nt.needed("ObpRootDirectoryObject"))
        .orElseThrow(() -> new CommandException("Unable to read nt!ObpRootDirectoryObject"));
  }

  /** What is in a directory. */
  Directory list(long directory) {
    Structure structure = nt.at("_OBJECT_DIRECTORY", directory);
    List<Entry> entries = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    long link = nt.structures().needed("_OBJECT_DIRECTORY_ENTRY", "ChainLink");
    for (int i = 0; i < BUCKETS; i++) {
      OptionalLong first = structure.element("HashBuckets", i);
      if (first.isEmpty()) {
        problems.add(
            "*** The directory cannot be read at "
                + nt.hex(directory)
                + ": "
                + nt.memory().memory().whyUnreadable(directory).text());
        break;
      }
      LinkWalk walk =
          LinkWalk.single(nt.memory(), first.getAsLong(), (int) link, MAX_IN_BUCKET, nt::isSystem);
      for (long at : walk.entries()) {
        OptionalLong object = nt.at("_OBJECT_DIRECTORY_ENTRY", at).number("Object");
        if (object.isPresent() && nt.isSystem(object.getAsLong())) {
          long body = object.getAsLong();
          entries.add(new Entry(i, body, objects.typeName(body), objects.name(body)));
        }
      }
      nt.problem(walk).ifPresent(problems::add);
    }
    return new Directory(entries, problems);
  }

  /** The object with a path such as {@code \Driver\atapi}; names compare without case. */
  OptionalLong find(String path) {
    reason = "";
    long at = root();
    int depth = 0;
    for (String part : path.split("\\\\")) {
      if (part.isEmpty()) {
        continue;
      }
      Directory directory = list(at);
      Optional<Entry> next =
          directory.entries().stream().filter(e -> e.name().equalsIgnoreCase(part)).findFirst();
      if (next.isEmpty() || ++depth > MAX_DEPTH) {
        reason =
            directory.problems().isEmpty() ? "" : "\n" + String.join("\n", directory.problems());
        return OptionalLong.empty();
      }
      at = next.get().object();
    }
    return OptionalLong.of(at);
  }

  /** The whole path of an object; empty if it has no name. */
  String path(long object) {
    StringBuilder path = new StringBuilder();
    long at = object;
    for (int i = 0; i < MAX_DEPTH; i++) {
      String name = objects.name(at);
      OptionalLong directory = objects.directory(at);
      if (name.isEmpty()) {
        break;
      }
      if (directory.orElse(0) == 0) {
        return name.equals("\\") ? (path.isEmpty() ? name : path.toString()) : name + path;
      }
      path.insert(0, "\\" + name);
      at = directory.getAsLong();
    }
    return path.toString();
  }
}
