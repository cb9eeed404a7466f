// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.objects.Structure;

/** The objects that a thread waits for. */
final class WaitObjects {
  /** A thread can wait for 64 objects at once (MAXIMUM_WAIT_OBJECTS), and for a timer. */
  private static final int MAX = 65;

  private static final String[] TYPES = {
    "NotificationEvent",
    "SynchronizationEvent",
    "Mutant",
    "ProcessObject",
    "QueueObject",
    "SemaphoreObject",
    "Thread",
    "Gate",
    "NotificationTimer",
    "SynchronizationTimer"
  };

  private WaitObjects() {}

  /**
   * An object.
   *
   * @param type its kind with what kd adds to it
   */
  record Waited(long address, String type) {}

  /** The objects in the order of the wait blocks; none without the types of the kernel. */
  static List<Waited> of(Nt nt, Structure thread) {
    List<Waited> found = new ArrayList<>();
    long block = thread.number("WaitBlockList").orElse(0);
    if (block == 0 || !nt.knows("_KWAIT_BLOCK")) {
      return found;
    }
    // From Windows 8 on the blocks are an array; before, each leads to the next and the last back.
    boolean linked = nt.structures().offset("_KWAIT_BLOCK", "NextWaitBlock").isPresent();
    long count = linked ? MAX : thread.number("WaitBlockCount").orElse(1);
    long size = nt.structures().size("_KWAIT_BLOCK");
    Set<Long> seen = new HashSet<>();
    while (found.size() < Math.min(count, MAX) && nt.isSystem(block) && seen.add(block)) {
      Structure wait = nt.at("_KWAIT_BLOCK", block);
      OptionalLong object = wait.number("Object");
      if (object.isEmpty() || object.getAsLong() == 0) {
        break;
      }
      found.add(new Waited(object.getAsLong(), type(nt, object.getAsLong())));
      block = linked ? wait.number("NextWaitBlock").orElse(0) : block + size;
    }
    return found;
  }

  private static String type(Nt nt, long object) {
    if (!nt.knows("_DISPATCHER_HEADER")) {
      return "";
    }
    OptionalLong type = nt.at("_DISPATCHER_HEADER", object).number("Type");
    if (type.isEmpty()) {
      return "(not in the dump)";
    }
    // The highest bit says that the object is locked or has been looked at by a debugger.
    int number = (int) type.getAsLong() & 0x7f;
    String name = number < TYPES.length ? TYPES[number] : "Unknown type " + number;
    return switch (number) {
      case 2 -> "Mutant - owning thread " + nt.hex(field(nt, "_KMUTANT", "OwnerThread", object));
      case 5 -> {
        OptionalLong limit = field(nt, "_KSEMAPHORE", "Limit", object);
        yield limit.isPresent() ? "Semaphore Limit 0x" + Long.toHexString(limit.getAsLong()) : name;
      }
      default -> name;
    };
  }

  private static OptionalLong field(Nt nt, String type, String field, long object) {
    return nt.knows(type) ? nt.at(type, object).number(field) : OptionalLong.empty();
  }
}
