// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.ContextRecord;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.cpu.SpecialRegisters;
import org.jkd.cpu.TrapFrame;
import org.jkd.dump.ExceptionRecord;
import org.jkd.image.MemoryReader;

/**
 * Finds the registers of the fault behind a bug check.
 *
 * <p>The meaning of a bug check's parameters changed between systems (the second one of a double
 * fault is a TSS, a CR0 or a trap frame), so nothing is believed by its place: an address counts as
 * that of a trap frame or a context when what lies there can be one.
 */
public final class FaultFinder {
  private static final int MAIN_TASK = 0x28;
  private static final int DOUBLE_FAULT = 8;
  private static final long ACCESS_VIOLATION = 0xc000_0005L;

  /** The hardware's part of an x64 double fault: rip, cs, flags, rsp, ss. */
  private static final int MACHINE_FRAME = 40;

  private static final int X64_RIP = 0x168;

  /** The handler of a double fault uses less stack than this. */
  private static final int HANDLER_BYTES = 0x1000;

  private final KernelTarget target;
  private final List<FaultContext> found = new ArrayList<>();

  private FaultFinder(KernelTarget target) {
    this.target = target;
  }

  /** The registers at the fault, best source first; the header's context is always the last. */
  public static List<FaultContext> find(KernelTarget target) {
    return new FaultFinder(target).find();
  }

  private List<FaultContext> find() {
    BugCheck bugCheck = target.bugCheck();
    switch ((int) bugCheck.plainCode()) {
      case 0x7f -> trap(bugCheck);
      case 0x2b -> trapFrame(bugCheck.parameter(1), "trap frame of argument 1", lastFault());
      case 0x8e -> trapFrame(bugCheck.parameter(3), "trap frame of argument 3", exceptionAddress());
      case 0x139 -> trapFrame(bugCheck.parameter(2), "trap frame of argument 2", none());
      case 0x3b -> context(bugCheck.parameter(3), "context record of argument 3");
      case 0x7e -> context(bugCheck.parameter(4), "context record of argument 4");
      case 0x24, 0x23 -> context(bugCheck.parameter(3), "context record of argument 3");
      case 0x1aa, 0x1ab -> context(bugCheck.parameter(3), "context record of argument 3");
      default -> {}
    }
    CpuContext header = target.context();
    if (header.knows(Register.RSP) && header.sp() != 0) {
      found.add(new FaultContext(header, "context of the dump header", referenced(bugCheck)));
    }
    return List.copyOf(found);
  }

  private void trap(BugCheck bugCheck) {
    if (bugCheck.parameter(1) != DOUBLE_FAULT) {
      return;
    }
    if (target.arch() == Arch.X86) {
      target
          .taskState(MAIN_TASK)
          .ifPresent(t -> found.add(new FaultContext(t.context(), "TSS 28", lastFault())));
      return;
    }
    trapFrame(bugCheck.parameter(2), "trap frame of argument 2", lastFault());
    for (StackClass stack : target.stacks()) {
      if (stack.kind() == StackClass.Kind.DOUBLE_FAULT && found.isEmpty()) {
        trapFrame(
            stack.base() - MACHINE_FRAME - X64_RIP,
            "machine frame on the double fault stack",
            lastFault());
      }
    }
    if (found.isEmpty()) {
      machineFrame(bugCheck.parameter(4));
    }
    // Newer systems give the stack and instruction pointers themselves; older ones CR4 and RIP.
    long sp = bugCheck.parameter(3);
    if (found.isEmpty() && sp < 0 && target.moduleAt(bugCheck.parameter(4)).isPresent()) {
      CpuContext arguments =
          CpuContext.unknown(target.arch())
              .with(Register.RSP, sp)
              .with(Register.RIP, bugCheck.parameter(4));
      found.add(new FaultContext(arguments, "arguments 3 and 4", lastFault()));
    }
  }

  /** Small dumps may not say where the double fault stack is; the header's stack pointer does. */
  private void machineFrame(long rip) {
    MemoryReader memory = new MemoryReader(target.memory(), target.arch().pointerSize());
    long from = target.context().sp() & -8;
    for (long at = from; target.moduleAt(rip).isPresent() && at - from < HANDLER_BYTES; at += 8) {
      if (found.isEmpty() && memory.pointer(at).equals(OptionalLong.of(rip))) {
        trapFrame(at - X64_RIP, "machine frame above the handler's stack pointer", lastFault());
      }
    }
  }

  private void trapFrame(long address, String source, OptionalLong faultAddress) {
    Optional<TrapFrame> frame = target.trapFrame(address);
    if (frame.isPresent() && plausible(frame.get())) {
      found.add(new FaultContext(frame.get().context(), source, faultAddress));
    }
  }

  /** Kernel code selector, flags that a processor can have, and an instruction pointer in code. */
  private boolean plausible(TrapFrame frame) {
    CpuContext c = frame.context();
    long cs = c.get(Register.CS) & 0xffff;
    long flags = c.get(Register.EFLAGS);
    boolean selector = target.arch() == Arch.X86 ? cs == 8 || cs == 0x1b : cs == 0x10 || cs == 0x33;
    return selector && (flags & 2) != 0 && (flags & 0x28) == 0 && c.ip() != 0;
  }

  private void context(long address, String source) {
    ContextRecord.read(target.arch(), target.memory(), address)
        .filter(c -> c.knows(Register.RSP) && c.sp() != 0)
        .ifPresent(c -> found.add(new FaultContext(c, source, exceptionAddress())));
  }

  /** CR2 of the processor that stopped the system. */
  private OptionalLong lastFault() {
    Optional<SpecialRegisters> special = target.currentProcessor().flatMap(Processor::special);
    return special.isPresent() && special.get().cr2() != 0
        ? OptionalLong.of(special.get().cr2())
        : none();
  }

  /** The address that an access violation names, or the last page fault's. */
  private OptionalLong exceptionAddress() {
    Optional<ExceptionRecord> exception = target.header().exception();
    if (exception.isPresent()
        && exception.get().code() == ACCESS_VIOLATION
        && exception.get().parameters().size() >= 2) {
      return OptionalLong.of(target.arch().address(exception.get().parameters().get(1)));
    }
    return lastFault();
  }

  /** Bug checks whose first argument is the address that was referenced. */
  private static OptionalLong referenced(BugCheck bugCheck) {
    return switch ((int) bugCheck.plainCode()) {
      case 0x50, 0x0a, 0xd1, 0xc5, 0xcc, 0xcd, 0xd5, 0xd6, 0xbe, 0xfc ->
          OptionalLong.of(bugCheck.parameter(1));
      default -> none();
    };
  }

  private static OptionalLong none() {
    return OptionalLong.empty();
  }
}
