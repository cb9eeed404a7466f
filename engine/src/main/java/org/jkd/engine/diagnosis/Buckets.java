// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.CRC32;
import org.jkd.cpu.Arch;
import org.jkd.stack.rebuild.Cycle;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.target.BugCheck;
import org.jkd.target.KernelTarget;

/**
 * The keys under which crashes of one cause fall together.
 *
 * @param failure kd's way: bug check, what tells its kinds apart, and the function that was hit,
 *     which for an overflow is the victim
 * @param overflow ours: the product with most of the bytes that could be given back, and how it
 *     filled the stack ({@code reentry} into the kernel, {@code recursion}, {@code
 *     exception-dispatch}, a {@code period} on raw words, just {@code deep}, or {@code unknown}
 *     where neither frames nor words tell), in words that do not depend on symbols; empty unless
 *     the stack ran out, or looks like it under a double fault whose registers are lost
 */
public record Buckets(String failure, String overflow) {
  /** Bug checks whose first argument is an exception code, and 9F's and 7F's kinds. */
  private static final Set<Long> FIRST_ARGUMENT = Set.of(0x7fL, 0x1eL, 0x3bL, 0x7eL, 0x8eL, 0x9fL);

  private static final long UNEXPECTED_TRAP = 0x7f;
  private static final long DOUBLE_FAULT = 8;

  /**
   * The keys of a crash.
   *
   * @param products who has bytes of the stack; none where its frames explain too little
   * @param words what the raw words say, for where there are no products
   * @param foreign tells whether a module does not come with Windows
   * @param victim the place where the stack ran out, as text
   */
  public static Buckets of(
      KernelTarget target,
      OverflowVerdict verdict,
      RebuiltStack stack,
      List<ModuleOwner.ProductUsage> products,
      Optional<RepeatedWords> repeated,
      Optional<Suspect> suspect,
      StackWords words,
      Predicate<String> foreign,
      String victim) {
    return new Buckets(
        failure(target, verdict, stack, suspect, victim),
        verdict.isOverflow() || looksLikeIt(target.bugCheck(), verdict, words)
            ? overflow(verdict, stack, products, repeated, suspect, words, foreign)
            : "");
  }

  /**
   * A double fault whose registers were not saved cannot be decided; it still belongs with those of
   * the same driver, where the words of the stack are like theirs.
   */
  private static boolean looksLikeIt(BugCheck bugCheck, OverflowVerdict verdict, StackWords words) {
    return verdict.outcome() == OverflowVerdict.Outcome.UNDECIDABLE
        && bugCheck.plainCode() == UNEXPECTED_TRAP
        && bugCheck.parameter(1) == DOUBLE_FAULT
        && words.looksFull();
  }

  private static String failure(
      KernelTarget target,
      OverflowVerdict verdict,
      RebuiltStack stack,
      Optional<Suspect> suspect,
      String victim) {
    BugCheck bugCheck = target.bugCheck();
    StringBuilder key = new StringBuilder("0x").append(hex(bugCheck.plainCode()));
    if (FIRST_ARGUMENT.contains(bugCheck.plainCode())) {
      key.append('_').append(hex(bugCheck.parameter(1) & 0xffff_ffffL));
    }
    if (verdict.cause() == OverflowVerdict.Cause.WILD_STACK_POINTER
        || verdict.cause() == OverflowVerdict.Cause.USER_STACK_POINTER
        || verdict.cause() == OverflowVerdict.Cause.BIT_FLIP) {
      key.append("_STACKPTR_ERROR");
    }
    key.append('_');
    if (!verdict.isOverflow() && suspect.isPresent()) {
      return key.append(function(suspect.get().module(), suspect.get().symbol())).toString();
    }
    if (verdict.isOverflow() && victim.contains("!")) {
      return key.append(function("", victim)).toString();
    }
    return stack.frames().isEmpty()
        ? key.append("unknown!unknown_function").toString()
        : key.append(victim(stack.frames().getFirst())).toString();
  }

  private static String victim(RebuiltFrame frame) {
    return frame.module().isEmpty()
        ? "unknown!unknown_function"
        : function(frame.module(), frame.function());
  }

  private static String function(String module, String symbol) {
    return symbol.contains("!")
        ? symbol.replaceAll("\\+0x[0-9a-f]+$", "")
        : module + "!unknown_function";
  }

  /**
   * What stays the same when the same product runs out of stack again: not where it happened to
   * stop, how many rounds it took, whether a page had to be read in, or for which processor it was
   * compiled.
   */
  private static String overflow(
      OverflowVerdict verdict,
      RebuiltStack stack,
      List<ModuleOwner.ProductUsage> products,
      Optional<RepeatedWords> repeated,
      Optional<Suspect> suspect,
      StackWords words,
      Predicate<String> foreign) {
    Optional<String> named = suspect.map(Suspect::module);
    if (verdict.cause() == OverflowVerdict.Cause.DISPATCH_LOOP) {
      return overflow(named.orElse("inbox"), "exception-dispatch");
    }
    if (products.isEmpty()) {
      return overflow(
          words.largest(foreign).or(() -> named).orElse("unknown"), how(words, repeated, foreign));
    }
    Optional<ModuleOwner.ProductUsage> product =
        products.stream().filter(p -> p.origin() == ModuleOwner.Origin.THIRD_PARTY).findFirst();
    return overflow(
        product.map(ModuleOwner.ProductUsage::name).or(() -> named).orElse("inbox"),
        how(stack, product.map(ModuleOwner.ProductUsage::modules).orElse(List.of())));
  }

  private static String overflow(String who, String how) {
    return "overflow_" + who.replace(' ', '-') + "_" + how;
  }

  /** By which way the stack was filled, as far as its raw words tell. */
  private static String how(
      StackWords words, Optional<RepeatedWords> repeated, Predicate<String> foreign) {
    if (words.enteredAgain()) {
      return "reentry";
    }
    if (repeated.isEmpty()) {
      return "unknown";
    }
    return foreign.test(repeated.get().module())
        ? "recursion"
        : "period-" + hex(repeated.get().period().periodBytes());
  }

  /** By which way the stack was filled. */
  private static String how(RebuiltStack stack, List<String> modules) {
    List<Stage> stages = Stages.of(stack);
    long entered =
        stages.stream()
            .filter(
                s -> s.entry() == Stage.Entry.KERNEL_API || s.entry() == Stage.Entry.KERNEL_SERVICE)
            .count();
    if (entered > 0) {
      return "reentry";
    }
    for (Cycle cycle : stack.cycles()) {
      List<RebuiltFrame> turn =
          stack.frames().subList(cycle.first(), cycle.first() + cycle.period());
      boolean ours = modules.isEmpty() || turn.stream().anyMatch(f -> modules.contains(f.module()));
      if (ours && cycle.count() > 1) {
        return "recursion";
      }
    }
    return "deep";
  }

  /** The functions of the largest cycle in one word, wherever it is cut; empty without a cycle. */
  public static String cycle(RebuiltStack stack) {
    if (stack.cycles().isEmpty()) {
      return "";
    }
    Cycle cycle = stack.cycles().getFirst();
    CRC32 crc = new CRC32();
    stack.frames().stream()
        .skip(cycle.first())
        .limit(cycle.period())
        .map(RebuiltFrame::function)
        .distinct()
        .sorted()
        .forEach(s -> crc.update(s.getBytes(StandardCharsets.UTF_8)));
    return "cycle-" + hex(crc.getValue());
  }

  /**
   * The keys of a process that stopped.
   *
   * @param code of its exception
   * @param overflow whether its stack ran out
   */
  public static Buckets ofProcess(Arch arch, long code, boolean overflow, RebuiltStack stack) {
    String at =
        stack.frames().isEmpty() ? "unknown!unknown_function" : victim(stack.frames().getFirst());
    String repeats = cycle(stack);
    String innermost = stack.frames().isEmpty() ? "unknown" : module(stack.frames().getFirst());
    return new Buckets(
        "0x" + hex(code) + "_" + at,
        overflow
            ? "overflow_"
                + arch.name().toLowerCase(Locale.ROOT)
                + "_user_"
                + innermost
                + (repeats.isEmpty() ? "" : "_" + repeats)
            : "");
  }

  private static String module(RebuiltFrame frame) {
    return frame.module().isEmpty() ? "unknown" : frame.module();
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }
}
