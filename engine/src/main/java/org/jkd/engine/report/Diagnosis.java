// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jkd.engine.diagnosis.Advice;
import org.jkd.engine.diagnosis.BigFrame;
import org.jkd.engine.diagnosis.Buckets;
import org.jkd.engine.diagnosis.FaultFacts;
import org.jkd.engine.diagnosis.FaultFactsReader;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.engine.diagnosis.OverflowRules;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.diagnosis.RepeatedWords;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.engine.diagnosis.StackWords;
import org.jkd.engine.diagnosis.Stage;
import org.jkd.engine.diagnosis.Stages;
import org.jkd.engine.diagnosis.Subject;
import org.jkd.engine.diagnosis.Suspect;
import org.jkd.engine.diagnosis.Suspects;
import org.jkd.engine.diagnosis.VendorNote;
import org.jkd.engine.diagnosis.WordPeriods;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelTarget;
import org.jkd.target.KernelThread;
import org.jkd.target.LoadedModule;
import org.jkd.target.Processor;

/** Puts the parts of a report together. */
public final class Diagnosis {
  private static final int BIG_FRAMES = 8;

  /** A frame below this size is never called big. */
  private static final int BIG_FRAME_BYTES = 0x80;

  /** Stacks beyond this are not searched for repeated words; user stacks reach 1 MB. */
  private static final int MAX_WORDS = 1 << 16;

  /** For a key, which accuses nobody, half of the stack is enough. */
  private static final double HALF = 0.5;

  /** A repetition of words says something when it covers this part (a quarter) of a stack. */
  private static final int PERIOD_SHARE = 4;

  private Diagnosis() {}

  /**
   * The report on a crash.
   *
   * @param file the dump's file name
   * @param system the system in one line
   * @param stack the rebuilt stack; empty when the dump holds no stack to rebuild
   * @param owners whom each module that has frames comes from, by module name
   * @param explain what the code of a large frame says
   * @param directory names of addresses and owners of modules
   */
  public static StackReport of(
      String file,
      String system,
      KernelTarget target,
      Optional<RebuiltStack> stack,
      Map<String, ModuleOwner> owners,
      Function<RebuiltFrame, BigFrame> explain,
      Suspects.Directory directory) {
    FaultFacts facts = FaultFactsReader.read(target, stack);
    OverflowVerdict verdict = OverflowRules.decide(facts);
    RebuiltStack rebuilt = stack.map(s -> about(s, facts)).orElseGet(Diagnosis::none);
    StackUsage usage = StackUsage.of(rebuilt);
    List<ModuleOwner.ProductUsage> products = ModuleOwner.products(usage.modules(), owners);
    List<Stage> stages = Stages.of(rebuilt);
    List<BigFrame> big = bigFrames(rebuilt, explain);
    boolean covered = usage.coverage() >= StackReport.ENOUGH;
    boolean firm = usage.firm() >= StackReport.ENOUGH * usage.size();
    Optional<RepeatedWords> repeated =
        firm ? Optional.empty() : repeated(target, rebuilt, directory);
    Suspects suspects = new Suspects(target, directory);
    Optional<Suspect> suspect =
        verdict.isOverflow()
            ? suspects
                .ofOverflow(rebuilt, usage, covered, products, repeated)
                .or(() -> covered ? Optional.empty() : suspects.ofVictim(facts))
            : suspects.ofFault(verdict, facts, rebuilt);
    List<String> notes = new ArrayList<>(target.notes());
    notes.addAll(rebuilt.notes());
    if (rebuilt.frames().stream().anyMatch(Diagnosis::isVerifier)) {
      notes.add(
          "Driver Verifier is at work on this stack: its frames make every path longer than it is"
              + " on other machines");
    }
    return new StackReport(
        subject(file, system, target),
        verdict,
        rebuilt,
        usage,
        owners,
        products,
        stages,
        Stages.crossings(stages),
        big,
        repeated,
        suspect,
        covered ? List.of() : seen(suspects, rebuilt, suspect),
        Buckets.of(
            target,
            verdict,
            rebuilt,
            usage.coverage() >= HALF ? products : List.of(),
            repeated,
            suspect,
            usage.coverage() >= HALF ? StackWords.NONE : stackWords(target, facts, rebuilt),
            module -> isForeign(target, directory, module),
            victim(facts, directory)),
        covered ? Advice.of(verdict, rebuilt, stages, owners, big) : List.of(),
        covered && verdict.isOverflow() && verdict.cause() != OverflowVerdict.Cause.DISPATCH_LOOP
            ? VendorNote.lines(
                subject(file, system, target), rebuilt, products, stages, owners, big)
            : List.of(),
        notes.stream().distinct().toList());
  }

  /** The largest frames, one for each function. */
  public static List<BigFrame> bigFrames(
      RebuiltStack stack, Function<RebuiltFrame, BigFrame> explain) {
    List<RebuiltFrame> largest =
        stack.frames().stream()
            .filter(f -> f.bytes() >= BIG_FRAME_BYTES)
            .sorted(Comparator.comparingLong(RebuiltFrame::bytes).reversed())
            .toList();
    List<BigFrame> big = new ArrayList<>();
    for (RebuiltFrame frame : largest) {
      if (big.size() < BIG_FRAMES
          && big.stream().noneMatch(b -> b.frame().symbol().equals(frame.symbol()))) {
        big.add(explain.apply(frame));
      }
    }
    return List.copyOf(big);
  }

  /**
   * The same chain, told of the stack that the fault happened on: when the kernel changed stacks
   * before it stopped (bug check 2B), the chain begins on another one.
   */
  private static RebuiltStack about(RebuiltStack stack, FaultFacts facts) {
    Optional<FaultFacts.StackRange> range = OverflowRules.stack(facts);
    if (range.isEmpty() || range.get().limit() == stack.stackLimit()) {
      return stack;
    }
    return new RebuiltStack(
        stack.thread(),
        range.get().base(),
        range.get().limit(),
        facts.stackPointer(),
        stack.frames(),
        stack.gaps().stream()
            .filter(g ->
                Long.compareUnsigned(g.from(), range.get().base()) < 0
                    && Long.compareUnsigned(g.to(), range.get().limit()) > 0)
            .toList(),
        stack.cycles(),
        stack.notes());
  }

  private static Subject subject(String file, String system, KernelTarget target) {
    Optional<KernelThread> thread = target.currentThread();
    Optional<KernelProcess> process = target.currentProcess();
    return new Subject(
        file,
        system,
        target.arch(),
        target.bugCheck().code(),
        target.bugCheck().parameters(),
        process.map(KernelProcess::imageName).orElse(""),
        process.map(p -> OptionalLong.of(p.address())).orElse(OptionalLong.empty()),
        thread.map(t -> OptionalLong.of(t.address())).orElse(OptionalLong.empty()),
        target.currentProcessor().map(Processor::number).orElse(0));
  }

  /** Frames of Driver Verifier: its own modules, or its layer in the kernel's I/O manager. */
  private static boolean isVerifier(RebuiltFrame frame) {
    return frame.module().toLowerCase(Locale.ROOT).startsWith("verifier")
        || frame
            .function()
            .matches("nt!(IovCallDriver|IovpCompleteRequest|Vf[A-Z]\\w+|Vi[A-Z]\\w+)");
  }

  private static List<Suspect> seen(
      Suspects suspects, RebuiltStack stack, Optional<Suspect> suspect) {
    return suspects.seen(stack).stream()
        .filter(s -> suspect.isEmpty() || !suspect.get().module().equals(s.module()))
        .toList();
  }

  /** The place where it happened, as text; empty if it is not known. */
  private static String victim(FaultFacts facts, Suspects.Directory directory) {
    return facts.instructionPointer().isPresent()
        ? directory.symbol(facts.instructionPointer().getAsLong())
        : "";
  }

  private static boolean isForeign(
      KernelTarget target, Suspects.Directory directory, String module) {
    return target.modules().stream()
        .filter(m -> m.name().equals(module))
        .anyMatch(m -> directory.owner(m).origin() == ModuleOwner.Origin.THIRD_PARTY);
  }

  /** The words of the stack that the fault happened on, whether or not anything was rebuilt. */
  private static StackWords stackWords(KernelTarget target, FaultFacts facts, RebuiltStack stack) {
    FaultFacts.StackRange range =
        OverflowRules.stack(facts)
            .or(() -> facts.stacks().stream().findFirst())
            .orElse(new FaultFacts.StackRange("", stack.stackLimit(), stack.stackBase()));
    return StackWords.of(
        target.arch(),
        words(target, range.limit(), range.base()),
        range.limit(),
        w -> target.moduleAt(w).map(LoadedModule::name).orElse(""));
  }

  /** The words from an address to another, 0 for what cannot be read; none if they are too many. */
  private static long[] words(KernelTarget target, long limit, long base) {
    int width = target.arch().pointerSize();
    long count = (base - limit) / width;
    long[] words = new long[count < 0 || count > MAX_WORDS ? 0 : (int) count];
    for (int i = 0; i < words.length; i++) {
      words[i] = target.reader().pointer(limit + (long) i * width).orElse(0);
    }
    return words;
  }

  /** Repetition on the raw words, with the code that repeats. */
  private static Optional<RepeatedWords> repeated(
      KernelTarget target, RebuiltStack stack, Suspects.Directory directory) {
    int width = target.arch().pointerSize();
    long[] words = words(target, stack.stackLimit(), stack.stackBase());
    return WordPeriods.find(
            words, stack.stackLimit(), width, w -> w != 0 && target.moduleAt(w).isPresent())
        .filter(p -> p.bytes() * PERIOD_SHARE >= stack.stackBase() - stack.stackLimit())
        .map(p -> {
          int first = (int) ((p.from() - stack.stackLimit()) / width);
          List<RepeatedWords.Word> code = new ArrayList<>();
          for (int i = first; i < first + p.periodBytes() / width; i++) {
            long word = words[i];
            target
                .moduleAt(word)
                .ifPresent(m -> code.add(new RepeatedWords.Word(directory.symbol(word), m.name())));
          }
          return RepeatedWords.of(p, code);
        });
  }

  private static RebuiltStack none() {
    return new RebuiltStack(
        OptionalLong.empty(),
        0,
        0,
        OptionalLong.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of("no kernel stack was found that could be rebuilt"));
  }
}
