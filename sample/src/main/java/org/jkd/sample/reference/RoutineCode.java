// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;
import org.jkd.sample.code.Assembler;

/**
 * Plans and writes the code of one function: prologue, calls at their places, arguments pushed for
 * them, epilogue, and between them instructions that leave the stack alone.
 */
final class RoutineCode {
  private static final int JUMP = 5;

  /** Steps to the next location of a request packet and loads its major function. */
  private static final String NEXT_LOCATION = "fe4a23 8b4260 83e824 894260 894814 0fb600";

  private static final int NEXT_LOCATION_SIZE = 18;
  private static final long SCOPE_TABLE = 0xb8d9e240L;
  private static final long HANDLER = 0xb8d9b208L;

  private final Routine routine;
  private final Random random;
  private final Map<Long, List<Push>> pushes = new HashMap<>();
  private final boolean loadsRegisters;
  private final List<Routine.Block> written = new ArrayList<>();
  private long blockStart;

  RoutineCode(Routine routine) {
    this.routine = routine;
    random = new Random(routine.start());
    long from = routine.start() + prologue();
    boolean room = true;
    for (Routine.Site site : routine.sites()) {
      long call = site.resume() - callLength(site.target());
      int gap = (int) (call - Math.max(from, pushStart(site)));
      List<Push> plan = plan(site, gap);
      pushes.put(site.resume(), plan);
      room &= from != routine.start() + prologue() || gap - length(plan) >= 9;
      from = site.resume();
    }
    loadsRegisters = room && routine.blocks().size() == 1;
  }

  Routine routine() {
    return routine;
  }

  /** The ranges of code that {@link #write} stored, in order of execution. */
  List<Routine.Block> written() {
    return written;
  }

  /** What is pushed for a call, first argument first. */
  List<Push> pushes(Routine.Site site) {
    List<Push> plan = pushes.get(site.resume());
    if (plan == null) {
      throw new IllegalArgumentException(Long.toHexString(site.resume()));
    }
    return plan;
  }

  /**
   * True if the function loads its saved registers at its start: edi with its first argument, esi
   * with its second or, for register arguments, with edx; ebx with zero.
   */
  boolean loadsRegisters() {
    return loadsRegisters;
  }

  /**
   * Writes the code.
   *
   * @param limit the first address that belongs to something else
   * @param slot where the import of a function lies
   * @return the address after the last instruction
   */
  long write(Assembler out, long limit, ToLongFunction<String> slot) {
    out.moveTo(routine.start());
    blockStart = routine.start();
    int block = 0;
    if (routine.handler()) {
      out.hex("55 8bec 6aff 68").address(SCOPE_TABLE).hex("68").address(HANDLER);
      out.hex("64a100000000 50 64892500000000 81c4").imm32(16L - routine.locals());
    } else {
      out.hex("55 8bec");
      allocate(out);
    }
    if (routine.blocks().getFirst().end() != 0
        && out.at() + routine.savedRegisters() + JUMP > routine.blocks().getFirst().end()) {
      block = next(out, block);
    }
    out.hex(new String[] {"", "56", "5657", "535657"}[routine.savedRegisters()]);
    if (loadsRegisters) {
      loadRegisters(out);
    }
    for (Routine.Site site : routine.sites()) {
      block = call(out, block, site, slot);
    }
    long spare = limit - out.at() - epilogue();
    out.filler(random, Math.min(spare, random.nextInt(24)), reserved(), locals());
    if (routine.handler()) {
      out.hex("8b4df0 64890d00000000");
    }
    out.hex(new String[] {"", "5e", "5f5e", "5f5e5b"}[routine.savedRegisters()]);
    out.hex(routine.locals() > 0 ? "c9" : "5d");
    if (routine.stackArguments() == 0) {
      out.hex("c3");
    } else {
      out.hex("c2").imm8(4 * routine.stackArguments()).imm8(0);
    }
    written.add(new Routine.Block(blockStart, out.at()));
    return out.at();
  }

  private int call(Assembler out, int from, Routine.Site site, ToLongFunction<String> slot) {
    List<Push> plan = pushes(site);
    long call = site.resume() - callLength(site.target());
    int block = from;
    int home = block;
    while (routine.blocks().get(home).end() != 0 && routine.blocks().get(home).end() <= call) {
      home++;
    }
    if (home > block && call - routine.blocks().get(home).start() < length(plan)) {
      fill(out, routine.blocks().get(block).end() - JUMP - length(plan) - out.at());
      push(out, plan);
      block = next(out, block);
      fill(out, call - out.at());
    } else {
      while (home > block) {
        fill(out, routine.blocks().get(block).end() - JUMP - out.at());
        block = next(out, block);
      }
      boolean dispatch = site.target() instanceof Routine.Target.Dispatch;
      fill(out, call - length(plan) - (dispatch ? NEXT_LOCATION_SIZE : 0) - out.at());
      if (dispatch) {
        out.hex(NEXT_LOCATION);
      }
      push(out, plan);
    }
    switch (site.target()) {
      case Routine.Target.Direct direct -> out.call(direct.address());
      case Routine.Target.Import imported -> out.callThrough(slot.applyAsLong(imported.function()));
      case Routine.Target.Pointer pointer -> out.callThrough(pointer.slot());
      case Routine.Target.Dispatch dispatch -> out.hex("8b4908 ff548138");
      case Routine.Target.Member member -> out.hex("ff5228");
      case Routine.Target.Fault fault -> out.hex("8a09");
    }
    return block;
  }

  private void fill(Assembler out, long length) {
    if (length < 0) {
      throw new IllegalStateException(
          "no room at " + Long.toHexString(out.at()) + " for " + -length + " bytes");
    }
    out.filler(random, length, reserved(), locals());
  }

  private int next(Assembler out, int block) {
    long target = routine.blocks().get(block + 1).start();
    out.jump(target);
    written.add(new Routine.Block(blockStart, out.at()));
    blockStart = target;
    out.moveTo(target);
    return block + 1;
  }

  private void allocate(Assembler out) {
    int locals = routine.locals();
    if (locals == 4) {
      out.hex("51");
    } else if (locals > 0 && locals < 128) {
      out.hex("83ec").imm8(locals);
    } else if (locals > 0) {
      out.hex("81ec").imm32(locals);
    }
  }

  private void loadRegisters(Assembler out) {
    int saved = routine.savedRegisters();
    if (saved >= 1) {
      if (routine.registerArguments() > 0) {
        out.hex("8bf2");
      } else if (routine.stackArguments() >= 2 && !routine.keepsResults()) {
        out.hex("8b750c");
      } else {
        out.hex("8bf0");
      }
    }
    if (saved >= 2) {
      out.hex(routine.stackArguments() >= 1 && !routine.keepsResults() ? "8b7d08" : "8bf9");
    }
    if (saved >= 3) {
      out.hex("33db");
    }
  }

  private static void push(Assembler out, List<Push> plan) {
    for (int i = plan.size() - 1; i >= 0; i--) {
      switch (plan.get(i)) {
        case Push.Parameter parameter -> out.frame("ff", 6, 8 + 4 * parameter.index());
        case Push.Saved saved -> out.imm8(0x50 | saved.register());
        case Push.Constant constant -> out.hex("6a").imm8(constant.value());
        case Push.Local local -> out.frame("ff", 6, local.displacement());
        case Push.LocalAddress address -> out.frame("8d", 0, address.displacement()).hex("50");
        case Push.Scratch scratch -> out.imm8(0x50 | scratch.register());
      }
    }
  }

  private List<Push> plan(Routine.Site site, int gap) {
    List<Push> plan = new ArrayList<>();
    if (site.target() instanceof Routine.Target.Dispatch) {
      return List.of(new Push.Scratch(1), new Push.Scratch(2));
    }
    boolean passesOn =
        site.arguments() == 2
            && routine.stackArguments() == 2
            && !routine.module().startsWith("nt")
            && !routine.module().equals("Ntfs");
    for (int i = 0; i < site.arguments(); i++) {
      plan.add(passesOn ? new Push.Parameter(i) : any());
    }
    for (int i = plan.size() - 1; i >= 0 && length(plan) > gap; i--) {
      plan.set(i, new Push.Scratch(i % 3));
    }
    return List.copyOf(plan);
  }

  private Push any() {
    int kind = random.nextInt(10);
    int locals = locals();
    int displacement = locals < 8 ? 0 : -4 - reserved() - 4 * random.nextInt(locals / 4);
    if (kind < 3 && routine.stackArguments() > 0) {
      return new Push.Parameter(random.nextInt(routine.stackArguments()));
    }
    if (kind < 5 && routine.savedRegisters() > 0) {
      int[] registers = {6, 7, 3};
      return new Push.Saved(registers[random.nextInt(routine.savedRegisters())]);
    }
    if (kind < 7 && displacement != 0) {
      return kind == 5 ? new Push.Local(displacement) : new Push.LocalAddress(displacement);
    }
    return kind == 9 ? new Push.Scratch(0) : new Push.Constant(random.nextInt(9));
  }

  /** Bytes of locals that ordinary instructions may use. */
  private int locals() {
    return routine.locals() - reserved();
  }

  /** Bytes of the registration of an exception handler, the first locals. */
  private int reserved() {
    return routine.handler() ? 16 : 0;
  }

  private int prologue() {
    if (routine.handler()) {
      return 35 + routine.savedRegisters();
    }
    int locals = routine.locals();
    int allocation = locals == 0 ? 0 : locals == 4 ? 1 : locals < 128 ? 3 : 6;
    return 3 + allocation + routine.savedRegisters();
  }

  private int epilogue() {
    return routine.savedRegisters()
        + 1
        + (routine.stackArguments() == 0 ? 1 : 3)
        + (routine.handler() ? 10 : 0);
  }

  /** Where the pushes for a call may begin at the earliest. */
  private long pushStart(Routine.Site site) {
    if (routine.blocks().size() == 1) {
      return routine.start();
    }
    Routine.Block home = routine.blocks().getLast();
    long room = site.resume() - callLength(site.target()) - home.start();
    return room > 0 ? home.start() : routine.start();
  }

  private static int length(List<Push> plan) {
    return plan.stream().mapToInt(Push::length).sum();
  }

  private static int callLength(Routine.Target target) {
    return switch (target) {
      case Routine.Target.Direct direct -> 5;
      case Routine.Target.Import imported -> 6;
      case Routine.Target.Pointer pointer -> 6;
      case Routine.Target.Dispatch dispatch -> 7;
      case Routine.Target.Member member -> 3;
      case Routine.Target.Fault fault -> 0;
    };
  }
}
