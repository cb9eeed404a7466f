// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;
import org.jkd.target.BugCheck;

/**
 * What is to be rebuilt, and from where.
 *
 * @param thread the thread's address, empty when the stack belongs to none
 * @param stack the thread's own stack
 * @param others further stacks that the chain may run through: DPC, double fault, expanded segments
 * @param contexts registers to start from, best first; none are used when {@code free}
 * @param initialStack KTHREAD.InitialStack, where the outermost frame begins
 * @param trapFrame KTHREAD.TrapFrame
 * @param free true to ignore all registers
 * @param bugCheck why the system stopped, if it was on this stack
 * @param leaveHandlerStack true when the frames of a fault handler on a stack of its own are to be
 *     left out: the chain then begins at what the handler interrupted
 * @param hints what else the system keeps about the stack
 */
public record StackRequest(
    OptionalLong thread,
    Area stack,
    List<Area> others,
    List<CpuContext> contexts,
    OptionalLong initialStack,
    OptionalLong trapFrame,
    boolean free,
    Optional<BugCheck> bugCheck,
    boolean leaveHandlerStack,
    Hints hints) {

  /**
   * What the system keeps about a stack besides its words.
   *
   * @param exceptionLists x86: values of fs:[0], the innermost exception registration record; those
   *     that lead nowhere do no harm
   * @param shadowStack x64: where the processor keeps return addresses of its own (CET)
   */
  public record Hints(List<Long> exceptionLists, Optional<Area> shadowStack) {
    /** Nothing. */
    public static final Hints NONE = new Hints(List.of(), Optional.empty());
  }

  /** A request without hints. */
  public StackRequest(
      OptionalLong thread,
      Area stack,
      List<Area> others,
      List<CpuContext> contexts,
      OptionalLong initialStack,
      OptionalLong trapFrame,
      boolean free,
      Optional<BugCheck> bugCheck,
      boolean leaveHandlerStack) {
    this(
        thread,
        stack,
        others,
        contexts,
        initialStack,
        trapFrame,
        free,
        bugCheck,
        leaveHandlerStack,
        Hints.NONE);
  }

  /**
   * Where a stack lies.
   *
   * @param name what kind of stack it is, for people
   * @param limit its lowest address
   * @param base the address after its highest byte
   */
  public record Area(String name, long limit, long base) {
    /** True for an address inside. */
    public boolean contains(long address) {
      return Long.compareUnsigned(address - limit, base - limit) < 0;
    }
  }
}
