// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.target.KernelThread;
import org.jkd.target.Processor;

/** The words for the states of threads and for what they wait for. */
final class ThreadStates {
  private static final int WAIT = 5;

  private static final String[] STATES = {
    "INITIALIZED",
    "READY",
    "RUNNING",
    "STANDBY",
    "TERMINATED",
    "WAIT",
    "TRANSITION",
    "DEFERRED_READY",
    "GATEWAIT"
  };

  /** KWAIT_REASON as wdm.h lists it; newer versions only appended. */
  private static final String[] REASONS = {
    "Executive",
    "FreePage",
    "PageIn",
    "PoolAllocation",
    "DelayExecution",
    "Suspended",
    "UserRequest",
    "WrExecutive",
    "WrFreePage",
    "WrPageIn",
    "WrPoolAllocation",
    "WrDelayExecution",
    "WrSuspended",
    "WrUserRequest",
    "WrEventPair",
    "WrQueue",
    "WrLpcReceive",
    "WrLpcReply",
    "WrVirtualMemory",
    "WrPageOut",
    "WrRendezvous",
    "WrKeyedEvent",
    "WrTerminated",
    "WrProcessInSwap",
    "WrCpuRateControl",
    "WrCalloutStack",
    "WrKernel",
    "WrResource",
    "WrPushLock",
    "WrMutex",
    "WrQuantumEnd",
    "WrDispatchInt",
    "WrPreempted",
    "WrYieldExecution",
    "WrFastMutex",
    "WrGuardedMutex",
    "WrRundown",
    "WrAlertByThreadId",
    "WrDeferredPreempt",
    "WrPhysicalFault",
    "WrIoRing",
    "WrMdlCache",
    "WrRcu"
  };

  private ThreadStates() {}

  /** {@code RUNNING}, {@code WAIT}; {@code ????} if it is not known. */
  static String name(OptionalInt state) {
    int number = state.orElse(-1);
    return number >= 0 && number < STATES.length ? STATES[number] : "????";
  }

  static boolean isWaiting(KernelThread thread) {
    return thread.state().orElse(-1) == WAIT;
  }

  /** {@code UserRequest}; the number if it has no name. */
  static String reason(OptionalInt reason) {
    if (reason.isEmpty()) {
      return "????";
    }
    int number = reason.getAsInt();
    return number < REASONS.length ? REASONS[number] : "reason " + number;
  }

  /** The processor that a thread runs on, or -1. */
  static int processor(Nt nt, long thread) {
    for (Processor p : nt.kernel().processors()) {
      if (p.currentThread().equals(OptionalLong.of(thread))) {
        return p.number();
      }
    }
    return -1;
  }
}
