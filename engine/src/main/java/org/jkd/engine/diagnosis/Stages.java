// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;

/**
 * Cuts a stack where the kernel was entered anew.
 *
 * <p>A deep stack is rarely one deep call: it is one I/O path inside another, because a driver did
 * I/O from within I/O or a page fault had to be served on the way. The cuts are
 *
 * <ul>
 *   <li>a trap taken in kernel mode: the handler's frames are the inner stage;
 *   <li>a system service: the service's frames are the inner stage, the entry code is the outer;
 *   <li>a stretch of two or more kernel frames that lead from one driver into the I/O path again,
 *       such as {@code IoCreateFile} → {@code ObOpenObjectByName} → {@code IopParseDevice}; single
 *       frames such as {@code IofCallDriver} or {@code IopfCompleteRequest} only pass I/O along;
 *   <li>a switch to another stack, and a return from user mode.
 * </ul>
 */
public final class Stages {
  /** Fewer kernel frames between two drivers hand a request on; more start a new one. */
  private static final int KERNEL_RUN = 2;

  private final RebuiltStack stack;
  private final List<RebuiltFrame> frames;
  private final List<Stage> stages = new ArrayList<>();

  private Stages(RebuiltStack stack) {
    this.stack = stack;
    this.frames = stack.frames();
  }

  /** The stages of a stack, outermost (number 1) first. */
  public static List<Stage> of(RebuiltStack stack) {
    return new Stages(stack).cut();
  }

  /** In how many stages each module has frames, for modules other than the kernel. */
  public static Map<String, Integer> crossings(List<Stage> stages) {
    Map<String, Integer> crossings = new LinkedHashMap<>();
    for (Stage stage : stages) {
      for (StackUsage.Row row : stage.modules()) {
        if (!isKernel(row.name())) {
          crossings.merge(row.name(), 1, Integer::sum);
        }
      }
    }
    return crossings;
  }

  private List<Stage> cut() {
    int end = kernelFrames();
    int first = 0;
    for (int i = 0; i < end; i++) {
      Stage.Entry entry = entryAfter(i, end);
      if (entry != null) {
        add(first, i, entry);
        first = i + 1;
      }
    }
    if (first < end) {
      add(first, end - 1, first == 0 && end < frames.size() ? Stage.Entry.UNKNOWN : outermost(end));
    }
    List<Stage> outermostFirst = new ArrayList<>(stages);
    Collections.reverse(outermostFirst);
    List<Stage> numbered = new ArrayList<>();
    for (Stage stage : outermostFirst) {
      numbered.add(
          new Stage(
              numbered.size() + 1,
              stage.entry(),
              stage.title(),
              stage.first(),
              stage.last(),
              stage.bytes(),
              stage.modules(),
              stage.crossed(),
              stage.completions()));
    }
    return List.copyOf(numbered);
  }

  /** The frames before user mode begins. */
  private int kernelFrames() {
    int end = 0;
    while (end < frames.size() && frames.get(end).kind() != RebuiltFrame.Kind.USER) {
      end++;
    }
    // The frame that a user-mode system service returns to is no kernel frame either.
    if (end > 0 && isUserReturn(end - 1)) {
      end--;
    }
    // … and the entry code of that service owns only the trap frame, which every such stack has.
    if (end > 0 && end < frames.size() && isUserReturn(end)) {
      end--;
    }
    return end;
  }

  private boolean isUserReturn(int i) {
    RebuiltFrame frame = frames.get(i);
    return frame.kind() == RebuiltFrame.Kind.SYSCALL
        && i == frames.size() - 1
        && userAddress(frame);
  }

  /** True for a frame whose code lies in user mode; decided by the width of its slot's address. */
  static boolean userAddress(RebuiltFrame frame) {
    return frame.slot().isPresent() && userAddress(frame.ip(), frame.slot().getAsLong());
  }

  /**
   * True for an address of user mode.
   *
   * @param slot an address of the same machine, which tells its width
   */
  static boolean userAddress(long address, long slot) {
    return slot >>> 32 == 0 ? address < 0x8000_0000L : address >= 0 && address >>> 47 == 0;
  }

  /** How the stage that ends with frame {@code i} was entered, or null if it goes on. */
  private Stage.@org.jspecify.annotations.Nullable Entry entryAfter(int i, int end) {
    if (i + 1 >= frames.size()) {
      return null;
    }
    // The service's own entry code has a frame of no bytes of its own; it belongs to the outer
    // side.
    if (i + 2 < frames.size() && frames.get(i + 2).kind() == RebuiltFrame.Kind.SYSCALL) {
      return userAddress(frames.get(i + 2)) ? Stage.Entry.USER_SERVICE : Stage.Entry.KERNEL_SERVICE;
    }
    if (i + 1 >= end) {
      return null;
    }
    return switch (frames.get(i + 1).kind()) {
      case TRAP -> Stage.Entry.TRAP;
      case CALLOUT -> Stage.Entry.CALLOUT;
      case SWITCH -> Stage.Entry.STACK_SWITCH;
      case CALL, SYSCALL, USER -> kernelApi(i) ? Stage.Entry.KERNEL_API : null;
    };
  }

  /**
   * True where frame {@code i} is the kernel function by which a driver re-entered the I/O path.
   */
  private boolean kernelApi(int i) {
    if (!isKernel(frames.get(i).module()) || isKernel(frames.get(i + 1).module())) {
      return false;
    }
    int run = 0;
    int k = i;
    while (k >= 0 && isKernel(frames.get(k).module())) {
      if (k < i && frames.get(k + 1).kind() != RebuiltFrame.Kind.CALL) {
        return false; // a trap or service in between has made the cut already
      }
      run++;
      k--;
    }
    return k >= 0 && run > KERNEL_RUN && frames.get(k + 1).kind() == RebuiltFrame.Kind.CALL;
  }

  private Stage.Entry outermost(int end) {
    RebuiltFrame last = frames.get(end - 1);
    String name = last.function().toLowerCase(Locale.ROOT);
    return name.contains("threadstart") || name.contains("systemthread")
        ? Stage.Entry.THREAD_START
        : Stage.Entry.UNKNOWN;
  }

  private void add(int first, int last, Stage.Entry entry) {
    Map<String, StackUsage.Row> rows = new LinkedHashMap<>();
    List<String> crossed = new ArrayList<>();
    Set<String> completions = new LinkedHashSet<>();
    for (int i = last; i >= first; i--) {
      RebuiltFrame frame = frames.get(i);
      String module = StackUsage.moduleOf(frame);
      rows.merge(
          module,
          new StackUsage.Row(module, frame.bytes(), 1),
          (a, b) -> new StackUsage.Row(a.name(), a.bytes() + b.bytes(), a.frames() + b.frames()));
      if (!isKernel(module) && (crossed.isEmpty() || !crossed.getLast().equals(module))) {
        crossed.add(module);
      }
      if (isCompletion(frame) && i > 0 && !isKernel(frames.get(i - 1).module())) {
        completions.add(StackUsage.moduleOf(frames.get(i - 1)));
      }
    }
    stages.add(
        new Stage(
            0,
            entry,
            title(last, entry),
            first,
            last,
            bytes(first, last),
            rows.values().stream()
                .sorted(Comparator.comparingLong(StackUsage.Row::bytes).reversed())
                .toList(),
            List.copyOf(crossed),
            List.copyOf(completions)));
  }

  /**
   * The bytes of a stage, as kd's {@code kf} column adds up: from the frame pointer of the frame
   * inside it to that of its outermost frame, so that the sizes of all stages add up to the span.
   */
  private long bytes(int first, int last) {
    OptionalLong to = frames.get(last).childEbp();
    OptionalLong from = first == 0 ? frames.get(0).childEbp() : frames.get(first - 1).childEbp();
    if (to.isPresent()
        && from.isPresent()
        && StackUsage.belongs(stack, from.getAsLong())
        && Long.compareUnsigned(to.getAsLong(), from.getAsLong()) >= 0
        && Long.compareUnsigned(to.getAsLong(), stack.stackBase()) <= 0) {
      return to.getAsLong() - from.getAsLong();
    }
    long sum = 0;
    for (int i = first; i <= last; i++) {
      sum += frames.get(i).bytes();
    }
    return sum;
  }

  private String title(int last, Stage.Entry entry) {
    String inner = frames.get(last).function();
    return switch (entry) {
      case TRAP -> "trap in " + function(last + 1) + " (" + inner + ")";
      case USER_SERVICE -> "system service " + inner + " from user mode";
      case KERNEL_SERVICE -> serviceTitle(last, inner);
      case KERNEL_API -> inner + " called by " + function(last + 1);
      case CALLOUT -> "callout, entered again at " + inner;
      case STACK_SWITCH -> inner + " on another stack";
      case THREAD_START -> "system thread " + inner;
      case UNKNOWN -> "start not known, outermost frame " + inner;
    };
  }

  /** Frames last+1 and last+2 are the entry code and the Zw stub; the caller lies outside them. */
  private String serviceTitle(int last, String service) {
    String stub = function(last + 2);
    int caller = last + 3;
    return (stub.isEmpty() ? service : stub)
        + (caller < frames.size() ? " called by " + function(caller) : "");
  }

  private String function(int i) {
    return i < frames.size() ? frames.get(i).function() : "";
  }

  private static boolean isCompletion(RebuiltFrame frame) {
    return isKernel(frame.module()) && frame.function().contains("CompleteRequest");
  }

  static boolean isKernel(String module) {
    return module.equals("nt");
  }
}
