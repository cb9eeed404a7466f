// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.stack.rebuild.Trust;

/**
 * Who used the bytes of a stack, and how much of it that explains.
 *
 * <p>A frame is charged to the function that owns it, from its innermost word up to its return
 * address, on x86 and x64 alike: kd's x64 {@code kf} column shows a frame on the row of its caller,
 * and a sum over that column charges the wrong function. Nothing is ever summed across two stacks:
 * frames on other stacks than the one the report is about are counted in {@code elsewhere}.
 *
 * @param size bytes from the stack pointer (or the limit, where the pointer is unknown or lies
 *     below it) to the base: what there is to explain
 * @param functions by function, largest first
 * @param modules by module, largest first
 * @param attributed bytes that frames own on this stack
 * @param elsewhere bytes that frames own on other stacks of the same crash
 * @param firm the part of the attributed bytes whose frames rest on more than a search
 * @param trapFrames how many trap frames lie on this stack, and their bytes: the price of entering
 *     the kernel, contained in the rows of the handlers and owned by no driver
 */
public record StackUsage(
    long size,
    List<Row> functions,
    List<Row> modules,
    long attributed,
    long elsewhere,
    long firm,
    Row trapFrames) {

  /** KTRAP_FRAME of x64, to its last field. */
  private static final int X64_TRAP_FRAME = 0x190;

  /**
   * A line of the table.
   *
   * @param name a function as {@code module!name}, or a module
   * @param bytes owned by all its frames
   * @param frames how many there are
   */
  public record Row(String name, long bytes, int frames) {}

  /** Counts the bytes of a rebuilt stack. */
  public static StackUsage of(RebuiltStack stack) {
    List<RebuiltFrame> here = onThisStack(stack);
    long attributed = here.stream().mapToLong(RebuiltFrame::bytes).sum();
    long all = stack.frames().stream().mapToLong(RebuiltFrame::bytes).sum();
    return new StackUsage(
        stack.stackBase() - lowest(stack),
        table(here, RebuiltFrame::function),
        table(here, f -> moduleOf(f)),
        attributed,
        all - attributed,
        here.stream().filter(f -> !isWeak(f)).mapToLong(RebuiltFrame::bytes).sum(),
        trapFrames(here, stack.frames()));
  }

  /**
   * The trap frames inside the handlers' frames. On x86 the four words of virtual 8086 mode above
   * the saved stack segment are never written, and ESP and SS only when user mode was interrupted.
   */
  private static Row trapFrames(List<RebuiltFrame> here, List<RebuiltFrame> all) {
    long bytes = 0;
    int count = 0;
    for (RebuiltFrame handler : here) {
      if (handler.index() + 1 >= all.size()) {
        continue;
      }
      RebuiltFrame interrupted = all.get(handler.index() + 1);
      if (interrupted.trapFrame().isPresent()) {
        boolean x86 = interrupted.trapFrame().getAsLong() >>> 32 == 0;
        int size = !x86 ? X64_TRAP_FRAME : Stages.userAddress(interrupted) ? 0x7c : 0x74;
        bytes += Math.min(handler.bytes(), size);
        count++;
      }
    }
    return new Row("trap frames", bytes, count);
  }

  /** True for a frame that was found by search or by repetition only. */
  static boolean isWeak(RebuiltFrame frame) {
    return frame.trust() == Trust.SEARCH || frame.trust() == Trust.RECURRENCE;
  }

  /** Bytes that no frame explains: the top of the stack, gaps, and what lies below the chain. */
  public long unattributed() {
    return size - attributed;
  }

  /** The explained share of the stack, 0 to 1. */
  public double coverage() {
    return size == 0 ? 0 : (double) attributed / size;
  }

  /** The bytes of one module, 0 if it has no frame. */
  public long bytesOf(String module) {
    return modules.stream().filter(r -> r.name().equals(module)).mapToLong(Row::bytes).sum();
  }

  /**
   * The frames that lie on the stack the report is about; frame 0 lies where frame 1's slot does.
   */
  static List<RebuiltFrame> onThisStack(RebuiltStack stack) {
    List<RebuiltFrame> here = new ArrayList<>();
    List<RebuiltFrame> frames = stack.frames();
    boolean userStack = Stages.userAddress(stack.stackLimit(), stack.stackLimit());
    for (int i = 0; i < frames.size(); i++) {
      RebuiltFrame frame = frames.get(i);
      RebuiltFrame place =
          frame.slot().isPresent() || i + 1 == frames.size() ? frame : frames.get(i + 1);
      // Behind the trap frame from user mode nothing of a kernel stack is used any more.
      boolean left =
          !userStack && (frame.kind() == RebuiltFrame.Kind.USER || Stages.userAddress(frame));
      if (!left && place.slot().isPresent() && belongs(stack, place.slot().getAsLong())) {
        here.add(frame);
      }
    }
    return here;
  }

  /**
   * True for an address of the stack. A pointer that went below the limit took the frames below it
   * along: where no guard page stopped them, they are as much this stack's as those above.
   */
  static boolean belongs(RebuiltStack stack, long address) {
    return Long.compareUnsigned(address, lowest(stack)) >= 0
        && Long.compareUnsigned(address, stack.stackBase()) < 0;
  }

  /** The module's name, or a word for code outside all modules. */
  static String moduleOf(RebuiltFrame frame) {
    return frame.module().isEmpty() ? "(no module)" : frame.module();
  }

  /** Where the stack in use begins: its pointer, or its limit where that is not on it. */
  static long lowest(RebuiltStack stack) {
    long from = stack.stackLimit();
    if (stack.stackPointer().isPresent()) {
      long sp = stack.stackPointer().getAsLong();
      // A pointer just below the limit belongs to this stack: that is what an overflow looks like.
      boolean below =
          stack.stackLimit() - sp > 0 && stack.stackLimit() - sp <= OverflowRules.REACH_BELOW;
      from = stack.within(sp) || below ? sp : from;
    }
    return from;
  }

  private static List<Row> table(List<RebuiltFrame> frames, Function<RebuiltFrame, String> key) {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (RebuiltFrame frame : frames) {
      rows.merge(
          key.apply(frame),
          new Row(key.apply(frame), frame.bytes(), 1),
          (a, b) -> new Row(a.name(), a.bytes() + b.bytes(), a.frames() + b.frames()));
    }
    return rows.values().stream()
        .sorted(Comparator.comparingLong(Row::bytes).reversed().thenComparing(Row::name))
        .toList();
  }
}
