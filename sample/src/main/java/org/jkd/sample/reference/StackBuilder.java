// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jkd.sample.format.VirtualMemory;

/**
 * Leaves the stack behind that the calls of {@link Routines#chain} leave, from the system call down
 * to the instruction that found no stack any more.
 */
final class StackBuilder {
  /** The end of the stack: the first address above it. */
  static final long BASE = 0xb8ae9000L;

  /** The lowest address of the stack; the page below it is the guard page. */
  static final long LIMIT = 0xb8ae6000L;

  /** The trap frame of the system call; above it lies the floating-point area. */
  static final long SERVICE_FRAME = BASE - 0x210 - TrapFrame.USER_SIZE;

  /** The frame pointer of user mode at the system call. */
  static final long USER_EBP = 0x0335e534L;

  /** The function in whose prologue the stack ended. */
  static final long LAST_FUNCTION = 0xbae1afb6L;

  /** What esp counted down to before the first store below the limit: bytes below ebp. */
  private static final int LAST_FRAME = 0x18c;

  private static final long NO_HANDLER = 0xffff_ffffL;
  private static final long PAGE_READ = 0x8081e4edL;
  private static final long COMPLETION = 0x8081e103L;

  /** What a request works with: the request packet, and two results the filters keep. */
  record Stage(long irp, long fileObject, long extension) {}

  static final List<Stage> STAGES =
      List.of(
          new Stage(0x8712a008L, 0x8a0d6028L, 0x896f2350L),
          new Stage(0x88b3be48L, 0x88c01f28L, 0x89751350L),
          new Stage(0x8791d6d0L, 0x88c01f28L, 0x89751350L),
          new Stage(0x88f02bd8L, 0x8b4ac4d0L, 0x89751350L),
          new Stage(0x87758bd8L, 0x8b4abb00L, 0x89751350L));

  /** The device that a dispatch function serves. */
  static final Map<Long, Long> DEVICES =
      Map.of(
          0xb7709aeeL, 0x8743c5d0L,
          0xb770a864L, 0x8743c5d0L,
          0xb80cf36fL, 0x87544ac8L,
          0xb958f3e0L, 0x87689020L,
          0xb958f690L, 0x87689020L,
          0xf7a2ebd6L, 0x8765b6a8L,
          0xf7a3c374L, 0x8765b6a8L,
          0xbae1afb6L, 0x8763f718L,
          0xbae5c80aL, 0x8763f718L,
          0xbae5bb7eL, 0x8763f718L);

  /** Words that are known to the bit although nothing on the stack determines them. */
  private static final Map<Long, Long> KNOWN =
      Map.of(
          0xb8ae6114L, 0x89751350L,
          0xb8ae6118L, 0x80L,
          0xb8ae611cL, 0L,
          0xb8ae6120L, 0xb8ae6130L,
          0xb8ae6124L, 0x8084cff9L);

  /** The words that are pushed at the system call: its ten arguments. */
  private static final long[] IO_CONTROL = {
    0x234, 0x240, 0, 0, 0x0335e584L, 0x0022e00cL, 0x0335e5c8L, 0x428, 0x0335e9f8L, 0x18
  };

  /** The processor at the double fault. */
  record Registers(
      long eip, long esp, long ebp, long eax, long ebx, long ecx, long edx, long esi, long edi) {}

  private final VirtualMemory memory;
  private final Routines routines;
  private final Map<Long, RoutineCode> codes;
  private final Residue residue;
  private final List<Long> trapFrames = new ArrayList<>();
  private long esp;
  private long ebp;
  private long ebx = 0x7ffd8000L;
  private long esi = 0x0335e640L;
  private long edi;
  private long exceptionList = NO_HANDLER;
  private int stage;

  StackBuilder(
      VirtualMemory memory, Routines routines, Map<Long, RoutineCode> codes, Residue residue) {
    this.memory = memory;
    this.routines = routines;
    this.codes = codes;
    this.residue = residue;
  }

  /** Stores the stack and returns the registers at its end. */
  Registers build() {
    for (long at = LIMIT; at < BASE; at += 4) {
      memory.u32(at, residue.word(at));
    }
    floatingPoint();
    List<Long> chain = Routines.chain().reversed();
    for (int i = 0; i < chain.size(); i++) {
      long next = i + 1 < chain.size() ? chain.get(i + 1) : 0;
      long callee = i + 1 < chain.size() ? start(next) : LAST_FUNCTION;
      step(chain.get(i), callee);
    }
    push(ebp);
    ebp = esp;
    KNOWN.forEach(memory::u32);
    return new Registers(
        LAST_FUNCTION + 9,
        ebp - LAST_FRAME,
        ebp,
        3,
        ebx,
        Requests.NTFS_DRIVER,
        STAGES.get(stage).irp(),
        esi,
        edi);
  }

  /** The trap frames on the stack, from the outermost. */
  List<Long> trapFrames() {
    return trapFrames;
  }

  private long start(long resume) {
    boolean entry =
        resume == Routines.SERVICE || resume == Routines.PAGE_FAULT || resume == Routines.ZW_CLOSE;
    return entry ? 0 : routines.caller(resume).start();
  }

  private void step(long resume, long callee) {
    if (resume == Routines.USER) {
      esp = SERVICE_FRAME + TrapFrame.KERNEL_SIZE;
      trap(true, resume, USER_EBP, 0x3b, 0, 0x0335e51cL);
    } else if (resume == Routines.ZW_CLOSE) {
      trap(false, resume, ebp, 0x1b, 0, esp + 4);
      exceptionList = NO_HANDLER;
    } else if (resume == Routines.SERVICE) {
      if (trapFrames.size() == 1) {
        pushAll(IO_CONTROL);
      } else {
        pushAll(memory.u32(ebp + TrapFrame.KERNEL_SIZE + 4));
      }
      push(resume);
    } else if (resume == Routines.PAGE_FAULT) {
      pushAll(0, memory.u32(ebp + 0x40), 0, ebp);
      push(resume);
    } else {
      call(routines.caller(resume), resume, callee);
    }
  }

  private void call(Routine routine, long resume, long callee) {
    RoutineCode code = codes.get(routine.start());
    if (code == null) {
      throw new IllegalStateException("no code at " + Long.toHexString(routine.start()));
    }
    enter(routine, code);
    Routine.Site site = routine.site(resume);
    if (site.target() instanceof Routine.Target.Fault) {
      long cacheView = trapFrames.size() == 2 ? 0xd5d40000L : 0xd1c82000L;
      trap(false, resume, ebp, 0, cacheView, 0);
      return;
    }
    if (resume == 0x808f8f71L || resume == 0x808f9732L || resume == PAGE_READ) {
      stage++;
    }
    List<Push> plan = code.pushes(site);
    long[] values = new long[plan.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(plan.get(i), site, i, callee);
    }
    if (resume == COMPLETION) {
      values = new long[] {0x8763f718L, STAGES.get(stage).irp(), 0x88e5a3b0L};
    }
    pushAll(values);
    push(resume);
  }

  private void enter(Routine routine, RoutineCode code) {
    push(ebp);
    ebp = esp;
    if (routine.handler()) {
      memory.u32(ebp - 4, 0);
      memory.u32(ebp - 8, 0xb8d9e240L);
      memory.u32(ebp - 0xc, 0xb8d9b208L);
      memory.u32(ebp - 0x10, exceptionList);
      exceptionList = ebp - 0x10;
    }
    esp -= routine.locals();
    int saved = routine.savedRegisters();
    if (saved == 3) {
      push(ebx);
    }
    if (saved >= 1) {
      push(esi);
    }
    if (saved >= 2) {
      push(edi);
    }
    if (code.loadsRegisters()) {
      load(routine, saved);
    }
  }

  private void load(Routine routine, int saved) {
    Stage now = STAGES.get(stage);
    if (saved >= 1) {
      if (routine.registerArguments() > 0) {
        esi = now.irp();
      } else if (routine.keepsResults()) {
        esi = routine.module().equals("fltmgr") ? now.fileObject() : now.extension();
      } else {
        esi = routine.stackArguments() >= 2 ? memory.u32(ebp + 0xc) : residue.pool();
      }
    }
    if (saved >= 2) {
      if (routine.keepsResults()) {
        edi = now.fileObject();
      } else {
        edi = routine.stackArguments() >= 1 ? memory.u32(ebp + 8) : residue.pool();
      }
    }
    if (saved == 3) {
      ebx = 0;
    }
  }

  private long value(Push push, Routine.Site site, int index, long callee) {
    if (site.target() instanceof Routine.Target.Dispatch) {
      Long device = DEVICES.get(callee);
      return index == 1 ? STAGES.get(stage).irp() : device == null ? residue.pool() : device;
    }
    return switch (push) {
      case Push.Parameter parameter -> memory.u32(ebp + 8 + 4L * parameter.index());
      case Push.Saved saved -> saved.register() == 3 ? ebx : saved.register() == 6 ? esi : edi;
      case Push.Constant constant -> constant.value();
      case Push.Local local -> memory.u32(ebp + local.displacement());
      case Push.LocalAddress address -> ebp + address.displacement();
      case Push.Scratch scratch -> residue.pool();
    };
  }

  private void trap(
      boolean user, long eip, long interruptedEbp, long eax, long ecx, long arguments) {
    long address = esp - TrapFrame.KERNEL_SIZE;
    new TrapFrame(
            address,
            user,
            eip,
            interruptedEbp,
            ebx,
            esi,
            edi,
            eax,
            ecx,
            arguments,
            exceptionList,
            arguments,
            0x0335e51cL)
        .store(memory);
    trapFrames.add(address);
    esp = address;
    ebp = address;
  }

  private void floatingPoint() {
    long area = BASE - 0x210;
    for (long at = area; at < BASE; at += 4) {
      memory.u32(at, 0);
    }
    memory.u32(area, 0x27f);
    memory.u32(area + 0x18, 0x1f80);
    memory.u32(area + 0x1c, 0xffff);
  }

  private void pushAll(long... words) {
    for (int i = words.length - 1; i >= 0; i--) {
      push(words[i]);
    }
  }

  private void push(long word) {
    esp -= 4;
    memory.u32(esp, word);
  }
}
