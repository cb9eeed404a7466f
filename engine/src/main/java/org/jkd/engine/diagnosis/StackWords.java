// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import org.jkd.cpu.Arch;

/**
 * What the raw words of a stack say of who filled it and how, where no chain of calls explains
 * them: without symbols and code, as in most small dumps.
 *
 * <p>Two things need neither. A return address stands right below the frame of the function it
 * leads into, so that the bytes up to the next code pointer are roughly that function's. And a
 * system service called from kernel mode leaves the machine frame that its stub built: an address
 * in the kernel, the kernel's code segment, flags without the resume flag (which the processor sets
 * in the frame of every fault, SDM volume 3, "Instruction-Breakpoint Exception Condition"), and the
 * stub's own return address into the driver. On x64 the saved stack pointer leads to that return
 * address; on x86 it is the next word. Seen on Windows XP and 7, where the stubs enter through
 * {@code KiSystemService} and {@code KiServiceLinkage}.
 *
 * <p>All of this may be left over from calls that have returned. It is good for a key under which
 * crashes fall together, not for blame.
 *
 * @param bytes by module, the kernel's and those of no module left out
 * @param services how many system services were called by drivers
 * @param room bytes from the lowest word to the first that points into a driver
 */
public record StackWords(Map<String, Long> bytes, int services, long room) {
  /** One service may be left over; a stack that is full of them has several. */
  private static final int SEVERAL = 2;

  /** A gap is charged no further than this: nobody knows what lies behind. */
  private static final long MAX_FRAME = 0x400;

  private static final long X86_KERNEL_CODE = 8;
  private static final long X64_KERNEL_CODE = 0x10;

  /** Flags that are always 0 outside virtual 8086 mode, and the resume flag. */
  private static final long FLAGS_CLEAR = ~0x0024_7fd7L;

  private static final long FLAGS_SET = 2;

  /** What words of memory that was not saved are given as; no code is there. */
  static final long MISSING = 0;

  /** Nothing known. */
  public static final StackWords NONE = new StackWords(Map.of(), 0, Long.MAX_VALUE);

  /**
   * Looks at the words of a stack.
   *
   * @param words the stack from its lowest address upwards, 0 for what is missing
   * @param base the address of the first word
   * @param moduleAt the module of an address, empty text for none
   */
  public static StackWords of(Arch arch, long[] words, long base, LongFunction<String> moduleAt) {
    String[] modules = new String[words.length];
    for (int i = 0; i < words.length; i++) {
      modules[i] = words[i] == MISSING ? "" : moduleAt.apply(words[i]);
    }
    int width = arch.pointerSize();
    Map<String, Long> bytes = new TreeMap<>();
    int services = 0;
    long room = Long.MAX_VALUE;
    long next = base + (long) words.length * width;
    for (int i = words.length - 1; i >= 0; i--) {
      if (modules[i].isEmpty()) {
        continue;
      }
      long here = base + (long) i * width;
      if (Stages.isKernel(modules[i])) {
        services += isService(arch, words, modules, base, i) ? 1 : 0;
      } else {
        room = here - base;
        bytes.merge(modules[i], Math.min(next - here, MAX_FRAME), Long::sum);
      }
      next = here;
    }
    return new StackWords(bytes, services, room);
  }

  private static boolean isService(Arch arch, long[] words, String[] modules, long base, int i) {
    boolean wide = arch.pointerSize() == 8;
    if (i + 3 >= words.length
        || words[i + 1] != (wide ? X64_KERNEL_CODE : X86_KERNEL_CODE)
        || (words[i + 2] & FLAGS_CLEAR) != 0
        || (words[i + 2] & FLAGS_SET) == 0) {
      return false;
    }
    long caller = i + 3;
    if (wide) {
      long above = words[i + 3] - base;
      caller = above % 8 == 0 ? above / 8 : -1;
    }
    return caller > i + 2
        && caller < words.length
        && !modules[(int) caller].isEmpty()
        && !Stages.isKernel(modules[(int) caller]);
  }

  /** True where drivers called system services again and again. */
  boolean enteredAgain() {
    return services >= SEVERAL;
  }

  /**
   * True where the words look like a stack that ran out: full of services called by drivers, the
   * innermost no further from the end than one frame. A stack that once was as deep looks the same.
   */
  boolean looksFull() {
    return enteredAgain() && room <= OverflowRules.LAST_FRAME;
  }

  /** The module with most bytes among those that are asked for; empty if none has any. */
  Optional<String> largest(Predicate<String> asked) {
    return bytes.entrySet().stream()
        .filter(e -> asked.test(e.getKey()))
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey);
  }
}
