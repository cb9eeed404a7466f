// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.TaskState;
import org.jkd.target.DebuggerData;
import org.jkd.target.KernelTarget;
import org.jkd.target.KernelThread;
import org.jkd.target.StackClass;

/** The machine of a kernel dump, as walks of one thread see it. */
public final class KernelStackEnvironment implements StackEnvironment {
  private final KernelTarget target;
  private final OptionalLong callbackStack;
  private final List<Range> stacks = new ArrayList<>();

  /**
   * @param thread the thread whose stack is walked, if it is one's
   */
  public KernelStackEnvironment(KernelTarget target, Optional<KernelThread> thread) {
    this.target = target;
    this.callbackStack = thread.map(KernelThread::callbackStack).orElse(OptionalLong.empty());
    thread.ifPresent(t -> target.stacks(t).forEach(this::add));
    target.stacks().forEach(this::add);
  }

  private void add(StackClass stack) {
    stacks.add(new Range(stack.limit(), stack.base()));
  }

  @Override
  public Optional<CpuContext> task(int selector) {
    return target.taskState(selector).map(TaskState::context);
  }

  @Override
  public Optional<Range> stackAt(long address) {
    for (Range stack : stacks) {
      if (stack.contains(address)) {
        return Optional.of(stack);
      }
    }
    return Optional.empty();
  }

  @Override
  public OptionalLong callbackStack() {
    return callbackStack.orElse(0) == 0 ? OptionalLong.empty() : callbackStack;
  }

  @Override
  public OptionalLong callUserMode() {
    return target.debuggerData().map(DebuggerData::callUserMode).orElse(OptionalLong.empty());
  }
}
