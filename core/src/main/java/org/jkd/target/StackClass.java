// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A stack of the system, or a segment of one.
 *
 * @param base the address after its last byte
 * @param limit its lowest address
 * @param assumedLimit true when the limit is not recorded anywhere and the usual size was taken
 * @param processor whose stack it is, for stacks of processors
 * @param thread whose stack it is, for stacks of threads
 */
public record StackClass(
    Kind kind,
    long base,
    long limit,
    boolean assumedLimit,
    OptionalInt processor,
    OptionalLong thread) {

  /** What a stack is for. */
  public enum Kind {
    THREAD("thread"),
    EXPANDED("expanded segment"),
    IDLE("idle thread"),
    DPC("DPC"),
    ISR("interrupt"),
    DOUBLE_FAULT("double fault"),
    NMI("NMI"),
    MACHINE_CHECK("machine check"),
    DEBUG("debug trap"),
    /** A stack that holds the crash and that nothing in the dump names. */
    UNNAMED("unnamed"),
    USER("user");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /** For people, for instance {@code double fault}. */
    public String text() {
      return text;
    }
  }

  /** True when an address lies in the stack. */
  public boolean contains(long address) {
    return Long.compareUnsigned(address, limit) >= 0 && Long.compareUnsigned(address, base) < 0;
  }

  /** Bytes. */
  public long size() {
    return base - limit;
  }
}
