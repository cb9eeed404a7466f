// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.crash;

import java.io.IOException;
import java.nio.file.Path;
import org.jkd.sample.crash.SmallModule.Function;

/**
 * Crashes whose like was read wrongly in public, each built so that the same mistake is possible.
 * The numbers that decided the real case are kept; the drivers' names are not.
 */
public enum Misdiagnosis {
  /**
   * The stack pointer stood 0x40 bytes below the limit; a maintainer denied the overflow because a
   * walk that ended early had summed 0x14c0 bytes only.
   */
  SHORT_WALK {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      Kernel64 nt = new Kernel64(machine);
      SmallModule filter = machine.module("sealflt", "sealflt.sys", 0xfffff880_04a10000L);
      SmallModule files = machine.module("otterfs", "otterfs.sys", 0xfffff880_05c30000L);
      Function scan = filter.function("ScanCreate", 0x508);
      Function create = files.function("OtterCreate", 0x1c8);
      Function lookup = nt.function("ObpLookupObjectName", 0x1c8);
      CallStack stack = machine.stack(0xffff8402_8b90a000L, 0xffff8402_8b910000L);
      stack.call(nt.startup);
      while (stack.left() > 0x900) {
        stack.call(lookup).call(nt.callDriver).call(scan).call(nt.callDriver).call(create);
      }
      stack.call(nt.callDriver);
      // The heap's last function is entered just so deep that its own pushes go below the limit.
      Function split = nt.function("RtlpHpVsChunkSplit", frame(stack.left() + 0x38));
      stack.call(split);
      // A pager has taken the file system's code: a walk by unwind records ends there.
      files.notResident();
      nt.doubleFault(stack, file, true);
    }
  },

  /**
   * Completion recursed on a storage stack; a column that ran on from the fault handler's stack to
   * the thread's showed 0x984c660 bytes, and the function of that row was blamed for 160 MB.
   */
  STACK_SWITCH {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      Kernel64 nt = new Kernel64(machine);
      SmallModule bus = machine.module("heronbus", "heronbus.sys", 0xfffff880_01280000L);
      SmallModule miniport = machine.module("gullport", "gullport.sys", 0xfffff880_012d0000L);
      SmallModule multipath = machine.module("multidsm", "multidsm.sys", 0xfffff880_01310000L);
      SmallModule disk = machine.module("CLASSPNP", "CLASSPNP.SYS", 0xfffff880_01360000L);
      Function write = multipath.function("DsmWriteEvent", 0xd8);
      Function completed = disk.function("TransferPktComplete", 0x88);
      Function start = miniport.function("GullStartIo", 0x68);
      Function poll = bus.function("HeronPoll", 0x28);
      CallStack stack = machine.stack(0xfffff880_0b9c1000L, 0xfffff880_0b9c7000L);
      stack.call(nt.startup).call(poll).call(start).call(nt.completeRequest);
      while (stack.left() > 0x1c0) {
        stack.call(completed).call(write).call(nt.completeRequest);
      }
      Function log = multipath.function("DsmFormatEvent", frame(stack.left() + 0xe8));
      stack.call(log);
      nt.doubleFault(stack, file, false);
    }
  },

  /**
   * A driver passed its request to itself, 0x80 bytes at a time, 192 times; the debugger showed
   * three frames and 0x70 bytes. Neither the driver's code nor its symbols are there.
   */
  RAW_RECURSION {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      Kernel64 nt = new Kernel64(machine);
      SmallModule driver = machine.module("molelo", "molelo.sys", 0xfffff880_01a00000L);
      Function pass = driver.function("Pass", 0x78);
      driver.notResident();
      CallStack stack = machine.stack(0xfffff880_0311a000L, 0xfffff880_03121000L);
      stack.call(nt.startup);
      // The last of 193 calls goes 0x40 bytes below the limit.
      stack.allocate(stack.left() - 193 * 0x80 + 0x40);
      for (int turn = 0; turn < 193; turn++) {
        stack.call(pass);
      }
      nt.doubleFault(stack, file, false);
    }
  },

  /** One bit of ESP was wrong; a double fault, but neither an overflow nor a driver's doing. */
  ONE_BIT {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      SmallModule nt = machine.kernel();
      Function startup = nt.function("PspSystemThreadStartup", 0x40);
      Function wait = nt.function("KeWaitForSingleObject", 0x41c);
      Function swap = nt.function("KiSwapThread", 0x34);
      CallStack stack = machine.stack(0xf5d27000L, 0xf5d2a000L);
      stack.call(startup).call(wait).call(swap);
      long esp = stack.sp() ^ 0x80000;
      machine.bugCheck(0x7f, 8, 0x80042000L, 0, 0).cr2(esp - 4);
      machine.task(swap.body(), esp, stack.bp());
      machine.write(file, startup.body(), machine.interruptStack() - 0x40, 0);
    }
  },

  /** The kernel was entered with user mode's stack pointer still loaded. */
  USER_POINTER {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      strayPointer(machine, file, 0x66_7b97dfc0L);
    }
  },

  /** The kernel ran with 1 in the stack pointer. */
  NO_POINTER {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      strayPointer(machine, file, 1);
    }
  },

  /**
   * A driver's bad access was dispatched as an exception; the dispatcher faulted, and that was
   * dispatched again until the stack ran out. Only the oldest trap frame tells whose fault it was.
   */
  DISPATCH_LOOP {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      Kernel64 nt = new Kernel64(machine);
      SmallModule driver = machine.module("stoat", "stoat.sys", 0xfffff880_06420000L);
      Function parse = driver.function("StoatParse", 0x98);
      Function touch = driver.function("StoatTouch", 0x48);
      CallStack stack = machine.stack(0xfffff880_05632000L, 0xfffff880_05638000L);
      stack.call(nt.startup).call(parse).call(touch);
      stack.fault(nt.pageFault, 2, 0x18);
      while (stack.left() > 0x1400) {
        stack.call(nt.exceptionDispatch).call(nt.dispatchException).call(nt.rtlDispatch);
        stack.fault(nt.pageFault, 0, 0x20);
      }
      stack.call(nt.exceptionDispatch).call(nt.dispatchException);
      Function last = nt.function("RtlpCopyContext", frame(stack.left() + 0x28));
      stack.call(last);
      nt.doubleFault(stack, file, false);
    }
  },

  /** The trap handler found no room by itself and changed stacks: bug check 2B. */
  PANIC {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      SmallModule nt = machine.kernel();
      Function startup = nt.function("PspSystemThreadStartup", 0x40);
      Function call = nt.function("IofCallDriver", 0x14);
      Function panic = nt.function("KiPanicStackSwitch", 0x20);
      Function trap = nt.trapHandler("KiTrap0E");
      SmallModule driver = machine.module("vole", "vole.sys", 0xb8e10000L);
      Function forward = driver.function("VoleForward", 0x2c);
      CallStack stack = machine.stack(0xb9f10000L, 0xb9f13000L);
      stack.call(startup);
      while (stack.left() > 0xa0) {
        stack.call(call).call(forward);
      }
      long trapFrame = stack.fault(trap, 2, 0xe1200000L);
      machine.bugCheck(0x2b, trapFrame, 0, 0, 0).cr2(0xe1200000L);
      machine.write(file, panic.body(), machine.interruptStack() - 0x40, 0);
    }
  },

  /** Exception dispatch met a stack pointer outside every stack that it knows: 1AA. */
  INVALID_STACK {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      Kernel64 nt = new Kernel64(machine);
      CallStack stack = recursion(machine, nt);
      long context = machine.contextRecord(stack.ip(), stack.sp(), stack.bp());
      machine.bugCheck(0x1aa, stack.sp(), 3, context, 0).cr2(stack.sp());
      machine.write(file, nt.bugCheck.body(), machine.interruptStack() - 0x100, 0);
    }
  },

  /** A thread ran out of stack where an exception handler took it: 7E, access below the limit. */
  THREAD_EXCEPTION {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      Kernel64 nt = new Kernel64(machine);
      CallStack stack = recursion(machine, nt);
      long context = machine.contextRecord(stack.ip(), stack.sp(), stack.bp());
      machine.bugCheck(0x7e, 0xffff_ffff_c000_0005L, stack.ip(), stack.sp() - 0x100, context);
      machine.cr2(stack.sp()).write(file, nt.bugCheck.body(), machine.interruptStack() - 0x100, 0);
    }
  },

  /** The same bug check for a null pointer, with most of the stack free: no overflow. */
  NULL_POINTER {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      Kernel64 nt = new Kernel64(machine);
      SmallModule driver = machine.module("stoat", "stoat.sys", 0xfffff880_06420000L);
      Function touch = driver.function("StoatTouch", 0x48);
      CallStack stack = machine.stack(0xfffff880_0a55c000L, 0xfffff880_0a562000L);
      stack.call(nt.startup).call(touch);
      long context = machine.contextRecord(stack.ip(), stack.sp(), stack.bp());
      machine.bugCheck(0x7e, 0xffff_ffff_c000_0005L, stack.ip(), stack.sp() - 0x100, context);
      stack.fault(nt.pageFault, 2, 0x18);
      stack.call(nt.exceptionDispatch).call(nt.dispatchException).call(nt.rtlDispatch);
      stack.call(nt.bugCheck);
      machine.cr2(0x18).write(file, stack.ip(), stack.sp(), stack.bp());
    }
  },

  /**
   * 8E on x86: a frame of more than a page was reserved without a probe, the stack pointer jumped
   * over the guard page into somebody else's memory, and only there a bad access was made.
   */
  UNPROBED_JUMP {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      SmallModule nt = machine.kernel();
      Function startup = nt.function("PspSystemThreadStartup", 0x40);
      Function dispatch = nt.function("KiDispatchException", 0x200);
      Function bugCheck = nt.function("KeBugCheckEx", 0x20);
      Function trap = nt.trapHandler("KiTrap0E");
      SmallModule driver = machine.module("vole", "vole.sys", 0xb8e10000L);
      Function call = driver.function("VoleForward", 0xa00);
      Function big = driver.function("VoleBuildList", 0x1a00);
      CallStack stack = machine.stack(0xb9f10000L, 0xb9f13000L);
      machine.memory().commit(stack.limit() - 0x2000, 0x1000);
      stack.call(startup).call(call).call(call).call(call).call(call).call(big);
      long trapFrame = stack.fault(trap, 2, 0x24);
      stack.call(dispatch).call(bugCheck);
      machine.bugCheck(0x8e, 0xc0000005L, big.body(), trapFrame, 0).cr2(0x24);
      machine.write(file, stack.ip(), stack.sp(), stack.bp());
    }
  },

  /** 50: somebody read the guard page through a pointer while his own stack was nearly empty. */
  GUARD_PAGE_READ {
    @Override
    void build(SmallMachine machine, Path file) throws IOException {
      Kernel64 nt = new Kernel64(machine);
      SmallModule driver = machine.module("lynxmon", "lynxmon.sys", 0xfffff880_07770000L);
      Function walk = driver.function("LynxWalkStack", 0x98);
      CallStack stack = machine.stack(0xfffff880_0a55c000L, 0xfffff880_0a562000L);
      stack.call(nt.startup).call(walk);
      stack.fault(nt.pageFault, 0, 0xfffff880_0a55bff8L);
      stack.call(nt.accessFault).call(nt.bugCheck);
      machine.bugCheck(0x50, 0xfffff880_0a55bff8L, 0, walk.body(), 0).cr2(0xfffff880_0a55bff8L);
      machine.write(file, stack.ip(), stack.sp(), stack.bp());
    }
  };

  /** Lays out the machine of the case and writes its dump. */
  abstract void build(SmallMachine machine, Path file) throws IOException;

  /** True for cases of x64 systems. */
  boolean wide() {
    return this != ONE_BIT && this != PANIC && this != UNPROBED_JUMP;
  }

  /** Writes the dump of the case. */
  public void write(Path file) throws IOException {
    build(new SmallMachine(wide()), file);
  }

  /** The largest frame of at most {@code bytes} that keeps an x64 stack aligned. */
  private static int frame(long bytes) {
    return (int) ((bytes - 8) / 16 * 16 + 8);
  }

  /** A driver calls itself until its stack has run out. */
  private static CallStack recursion(SmallMachine machine, Kernel64 nt) {
    SmallModule driver = machine.module("shrew", "shrew.sys", 0xfffff880_04420000L);
    Function recurse = driver.function("ShrewRecurse", 0x1c8);
    CallStack stack = machine.stack(0xfffff880_0a55c000L, 0xfffff880_0a562000L).call(nt.startup);
    while (stack.left() >= 0) {
      stack.call(recurse);
    }
    return stack;
  }

  private static void strayPointer(SmallMachine machine, Path file, long sp) throws IOException {
    Kernel64 nt = new Kernel64(machine);
    SmallModule monitor = machine.module("hvmon", "hvmon.sys", 0xfffff801_3cc90000L);
    Function exit = monitor.function("HvExit", 0x28);
    machine.stack(0xfffff880_0a55c000L, 0xfffff880_0a562000L).call(nt.startup);
    nt.doubleFault(exit.body(), sp, 0, file, true);
  }

  /** The functions of an x64 kernel that the cases run through. */
  private static final class Kernel64 {
    private final SmallMachine machine;
    private final SmallModule nt;
    private final Function startup;
    private final Function callDriver;
    private final Function completeRequest;
    private final Function pageFault;
    private final Function exceptionDispatch;
    private final Function dispatchException;
    private final Function rtlDispatch;
    private final Function accessFault;
    private final Function bugCheck;
    private final Function doubleFaultAbort;
    private final Function bugCheckDispatch;

    Kernel64(SmallMachine machine) {
      this.machine = machine;
      nt = machine.kernel();
      startup = nt.function("PspSystemThreadStartup", 0x58);
      callDriver = nt.function("IofCallDriver", 0x28);
      completeRequest = nt.function("IopfCompleteRequest", 0x88);
      pageFault = nt.trapHandler("KiPageFault");
      exceptionDispatch = nt.function("KiExceptionDispatch", 0x178);
      dispatchException = nt.function("KiDispatchException", 0x698);
      rtlDispatch = nt.function("RtlDispatchException", 0x558);
      accessFault = nt.function("MmAccessFault", 0x118);
      bugCheck = nt.function("KeBugCheckEx", 0x28);
      doubleFaultAbort = nt.trapHandler("KiDoubleFaultAbort");
      bugCheckDispatch = nt.function("KiBugCheckDispatch", 0x138);
    }

    Function function(String name, int frame) {
      return nt.function(name, frame);
    }

    /**
     * The processor finds no room to push a frame for a fault and changes to the stack of double
     * faults.
     *
     * @param newer whether the arguments are those of systems since Windows 10
     */
    void doubleFault(CallStack stack, Path file, boolean newer) throws IOException {
      doubleFault(stack.ip(), stack.sp(), stack.bp(), file, newer);
    }

    void doubleFault(long rip, long rsp, long rbp, Path file, boolean newer) throws IOException {
      CallStack handling = machine.interruptStack64();
      long trapFrame = handling.interrupt(doubleFaultAbort, rip, rsp, rbp);
      handling.call(bugCheckDispatch).call(bugCheck);
      if (newer) {
        machine.bugCheck(0x7f, 8, trapFrame, rsp, rip);
      } else {
        machine.bugCheck(0x7f, 8, 0x80050031L, 0x6f8, rip);
      }
      machine.cr2(rsp - 8);
      machine.write(file, handling.ip(), handling.sp(), handling.bp());
    }
  }
}
