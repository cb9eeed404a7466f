// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.List;

/**
 * A function: where it starts, what it takes and which calls it makes.
 *
 * @param module the module's name without extension
 * @param name empty where the product's vendor ships no symbol for it
 * @param start address of the first instruction
 * @param registerArguments 0, or the number of arguments in ecx and edx
 * @param stackArguments dwords that it pops when it returns
 * @param handler whether it registers an exception handler in its first four locals
 * @param keepsResults whether esi and edi hold results of its own and not its arguments
 * @param blocks the ranges of its code, more than one if the linker moved parts away
 * @param sites its calls by return address, ascending
 */
record Routine(
    String module,
    String name,
    long start,
    int registerArguments,
    int stackArguments,
    boolean handler,
    boolean keepsResults,
    List<Block> blocks,
    List<Site> sites) {

  /** A range of code; {@code end} is 0 where the code ends when it is done. */
  record Block(long start, long end) {}

  /** How a call finds its target. */
  sealed interface Target {
    /** {@code call} to an address in the same module. */
    record Direct(long address) implements Target {}

    /** Through the slot of an imported function. */
    record Import(String function) implements Target {}

    /** Through a pointer of the module, which is set at run time. */
    record Pointer(long slot, long address) implements Target {}

    /** Through a table of a driver object, indexed by the request's code. */
    record Dispatch() implements Target {}

    /** Through a pointer in a structure. */
    record Member() implements Target {}

    /** No call: the instruction at this address touches memory that is not there. */
    record Fault() implements Target {}
  }

  /**
   * A call.
   *
   * @param resume the return address, or the address of the instruction that faults
   * @param depth bytes between the frame pointer and the stack pointer when the call is made,
   *     arguments included
   * @param arguments dwords pushed for it
   */
  record Site(long resume, int depth, Target target, int arguments) {}

  /** The frame below the saved frame pointer without what is pushed for calls, in bytes. */
  int frame() {
    int smallest = Integer.MAX_VALUE;
    for (Site site : sites) {
      smallest = Math.min(smallest, site.depth() - 4 * site.arguments());
    }
    return sites.isEmpty() ? 0 : smallest;
  }

  /** How many of edi, esi and ebx it saves: all three if there is room. */
  int savedRegisters() {
    return Math.min(3, frame() / 4);
  }

  /** Bytes of locals. */
  int locals() {
    return frame() - 4 * savedRegisters();
  }

  /** The call that returns to an address. */
  Site site(long resume) {
    return sites.stream()
        .filter(site -> site.resume() == resume)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(Long.toHexString(resume)));
  }

  /** The name as the linker decorates it. */
  String decorated() {
    return registerArguments > 0
        ? "@" + name + "@" + 4 * (registerArguments + stackArguments)
        : "_" + name + "@" + 4 * stackArguments;
  }
}
