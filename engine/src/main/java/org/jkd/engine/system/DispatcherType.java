// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.OptionalLong;
import org.jkd.engine.command.CommandException;

/**
 * What a dispatcher object is by the first byte of its header, which all versions since Windows NT
 * agree on (KOBJECTS of the public symbols). The words of the errors are from general knowledge of
 * kd.
 */
enum DispatcherType {
  PROCESS(3),
  THREAD(6);

  /** Versions since Windows 8 keep a lock in the highest bit. */
  private static final int TYPE_BITS = 0x7f;

  private final int type;

  DispatcherType(int type) {
    this.type = type;
  }

  /**
   * Refuses an address where an object of another kind lies. Where the dump does not hold the byte
   * there is nothing to refuse: small dumps have parts of objects.
   *
   * @throws CommandException if it is something else, or if nothing around it can be read
   */
  void check(Nt nt, long address) {
    OptionalLong first = nt.memory().number(address, 1);
    String what = name().toLowerCase(java.util.Locale.ROOT);
    if (first.isPresent() && (first.getAsLong() & TYPE_BITS) != type) {
      throw new CommandException("TYPE mismatch for " + what + " object at " + nt.hex(address));
    }
    if (first.isEmpty() && !nt.isSystem(address)) {
      throw new CommandException(
          "Unable to read the "
              + what
              + " object at "
              + nt.hex(address)
              + ": "
              + nt.memory().memory().whyUnreadable(address).text());
    }
  }
}
