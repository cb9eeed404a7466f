// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jkd.code.CodeSpace;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.image.Memory;
import org.jkd.stack.CodeSource;
import org.jkd.stack.RecordUnwind;
import org.jkd.stack.VirtualUnwind;
import org.jkd.target.StackClass;

/**
 * Rebuilds stacks. One instance serves one target; what was learned about code is kept between
 * stacks.
 */
public final class Reconstructor {
  private static final int PAGE = 0x1000;

  /** Pages below a stack's limit that are looked at when they can be read. */
  private static final int PAGES_BELOW = 4;

  /** A stack that the system does not list is taken to be at most this large. */
  private static final int UNLISTED_STACK = 0x6000;

  /** How often the search is repeated with distances that it learned itself. */
  private static final int ROUNDS = 2;

  private final Arch arch;
  private final Memory memory;
  private final CodeFacts code;
  private final Names names;

  /** A reconstructor over a target's memory and its analysed code. */
  public static Reconstructor of(Memory memory, CodeSpace code) {
    CodeSource modules = new SpaceModules(code);
    return new Reconstructor(
        code.arch(),
        memory,
        new AnalysedCode(
            code, new VirtualUnwind(memory, modules), new RecordUnwind(memory, modules)),
        modules);
  }

  /**
   * @param code what the machine code says
   * @param modules what addresses are called
   */
  Reconstructor(Arch arch, Memory memory, CodeFacts code, CodeSource modules) {
    this.arch = arch;
    this.memory = memory;
    this.code = code;
    this.names = new Names(modules);
  }

  /** Rebuilds one stack. Never fails for what the target holds; what is missing is in the notes. */
  public RebuiltStack rebuild(StackRequest request) {
    List<String> notes = new ArrayList<>();
    List<Segment> segments = new ArrayList<>();
    segments.add(read(request.stack(), lowest(request)));
    for (StackRequest.Area area : request.others()) {
      if (!area.equals(request.stack())) {
        segments.add(read(area, area.limit()));
      }
    }
    for (CpuContext context : request.free() ? List.<CpuContext>of() : request.contexts()) {
      unlisted(context, segments).ifPresent(a -> segments.add(read(a, a.limit())));
    }
    Stacks stacks = new Stacks(segments, code, arch, request.hints());
    WordJudge judge = new WordJudge(code);
    Segment own = segments.getFirst();
    Optional<ChainFinder.Chain> chain = Optional.empty();
    Distances distances = new Distances();
    ShadowStack shadow =
        request
            .hints()
            .shadowStack()
            .map(a -> new ShadowStack(memory, a, code))
            .orElseGet(ShadowStack::new);
    Steps steps =
        new Steps(code, stacks, judge, distances, shadow, request.trapFrame(), request.bugCheck());
    Map<Point, Double> starts =
        request.free() ? freeStart(steps, own, notes) : starts(request, stacks, steps, notes);
    for (int round = 0; round < ROUNDS; round++) {
      chain =
          new ChainFinder(stacks, steps, judge, code, request.initialStack())
              .find(starts, starts.isEmpty() ? freeStacks(segments) : Set.of(), own);
      if (chain.isEmpty() || !learn(chain.get(), distances)) {
        break;
      }
    }
    if (starts.isEmpty() && !request.free()) {
      notes.add("no register leads to a known stack: the chain was found from memory alone");
    }
    visited(chain, stacks, own).forEach(s -> missing(s, notes));
    FrameBuilder builder = new FrameBuilder(arch, stacks, code, names, steps, judge);
    return builder.build(request, chain, own, notes);
  }

  /** The readable memory around a stack pointer that lies on no stack that the system lists. */
  private Optional<StackRequest.Area> unlisted(CpuContext context, List<Segment> segments) {
    byte[] one = new byte[1];
    long sp = context.sp();
    if (!context.knows(Register.RSP) || onAny(segments, sp) || memory.read(sp, one, 0, 1) != 1) {
      return Optional.empty();
    }
    long end = (sp & -PAGE) + PAGE;
    while (end - sp < UNLISTED_STACK && memory.read(end, one, 0, 1) == 1 && !onAny(segments, end)) {
      end += PAGE;
    }
    return Optional.of(new StackRequest.Area("unlisted", sp & -PAGE, end));
  }

  private static boolean onAny(List<Segment> segments, long address) {
    return segments.stream().anyMatch(s -> s.contains(address));
  }

  /** What each word of a rebuilt stack is, from the lowest address up. */
  public List<WordNote> words(RebuiltStack stack) {
    StackRequest.Area area = new StackRequest.Area("thread", stack.stackLimit(), stack.stackBase());
    Segment segment =
        Segment.read(
            area.name(), memory, area.limit(), area.limit(), area.base(), arch.pointerSize());
    return new WordNotes(segment, code, new WordJudge(code), names, arch).of(stack);
  }

  /**
   * Why a word is no frame, or which one it is. For a word that could be a saved frame pointer, the
   * chain of frame pointers from there is followed as kd would.
   *
   * @param address of a word on the stack
   */
  public List<String> explain(RebuiltStack stack, long address) {
    Segment segment =
        Segment.read(
            "thread",
            memory,
            stack.stackLimit(),
            stack.stackLimit(),
            stack.stackBase(),
            arch.pointerSize());
    WordJudge judge = new WordJudge(code);
    return new Explanation(segment, judge, names, stack).of(words(stack), address);
  }

  /** True when something was learned about call sites from which the chain had to search. */
  private static boolean learn(ChainFinder.Chain chain, Distances distances) {
    List<Long> weak = new ArrayList<>();
    weak.add(chain.last().point.ip());
    for (ChainFinder.Hypothesis h = chain.last(); h != null && h.inner != null; h = h.inner) {
      if (h.step == null || !h.step.strong()) {
        weak.add(h.inner.point.ip());
      } else if (h.step.kind() == RebuiltFrame.Kind.CALL
          && h.inner.point.returned()
          && h.inner.slot != 0) {
        distances.learn(h.inner.point.ip(), h.slot - h.inner.slot);
      }
    }
    return weak.stream().anyMatch(ip -> distances.of(ip).isPresent());
  }

  /** Without registers: where the system was stopped, if it was on this stack. */
  private static Map<Point, Double> freeStart(Steps steps, Segment own, List<String> notes) {
    Optional<Point> stop = steps.stop(own);
    if (stop.isPresent()) {
      notes.add("the innermost frame is the one that the arguments of the bug check lie above");
      return Map.of(stop.get(), Sign.CONTEXT.bits());
    }
    notes.add(
        "no register was used and nothing tells where the stack pointer stood: the innermost frames"
            + " may be left from calls that had returned");
    return Map.of();
  }

  /** Where a chain may start anywhere: the thread's own stack, and one for deferred calls. */
  private static Set<Segment> freeStacks(List<Segment> segments) {
    Set<Segment> free = new LinkedHashSet<>();
    for (Segment s : segments) {
      if (s.name().equals(StackClass.Kind.DPC.text())) {
        free.add(s);
      }
    }
    free.add(segments.getFirst());
    return free;
  }

  private Segment read(StackRequest.Area area, long low) {
    return Segment.read(area.name(), memory, low, area.limit(), area.base(), arch.pointerSize());
  }

  /** The stacks that a chain runs through, and the thread's own. */
  private static Set<Segment> visited(
      Optional<ChainFinder.Chain> chain, Stacks stacks, Segment own) {
    Set<Segment> visited = new LinkedHashSet<>(List.of(own));
    for (ChainFinder.Hypothesis h = chain.map(ChainFinder.Chain::last).orElse(null);
        h != null;
        h = h.inner) {
      stacks.near(h.slot).ifPresent(visited::add);
    }
    return visited;
  }

  /** Says what of a stack is not in the dump. */
  private void missing(Segment s, List<String> notes) {
    int missing = s.count() - s.knownCount();
    if (missing > 0) {
      notes.add(
          String.format(
              "%s stack: %d of %d bytes cannot be read, the first readable address is %s",
              s.name(),
              missing * arch.pointerSize(),
              s.count() * arch.pointerSize(),
              s.firstKnown(0) < 0 ? "none" : Long.toHexString(s.address(s.firstKnown(0)))));
    }
  }

  /** Frames may lie below the limit, where the next page happened to be mapped. */
  private long lowest(StackRequest request) {
    byte[] one = new byte[1];
    long low = request.stack().limit();
    for (int i = 0; i < PAGES_BELOW; i++) {
      long page = low - PAGE;
      boolean other = request.others().stream().anyMatch(a -> a.contains(page));
      if (other || memory.read(page, one, 0, 1) != 1) {
        break;
      }
      low = page;
    }
    return low;
  }

  /** True when the rules lead from registers to a word that fits. */
  private static boolean convincing(Steps steps, CpuContext context) {
    return steps.from(new Point(context, false)).stream().anyMatch(Step::strong);
  }

  private Map<Point, Double> starts(
      StackRequest request, Stacks stacks, Steps steps, List<String> notes) {
    Map<Point, Double> starts = new LinkedHashMap<>();
    double rank = 0;
    for (CpuContext context : request.contexts()) {
      rank += Sign.LATER_CONTEXT.bits();
      if (!context.knows(Register.RIP)) {
        continue;
      }
      long sp = context.sp();
      double bits = Sign.CONTEXT.bits() + rank - Sign.LATER_CONTEXT.bits();
      boolean near = context.knows(Register.RSP) && stacks.near(sp).isPresent();
      if (near) {
        starts.put(new Point(context, false), bits);
        if (convincing(steps, context)) {
          continue;
        }
      }
      for (int bit = 2; bit < (arch == Arch.X86 ? 32 : 48); bit++) {
        CpuContext repaired = context.with(Register.RSP, sp ^ 1L << bit);
        if (request.stack().contains(repaired.sp()) && (!near || convincing(steps, repaired))) {
          starts.put(new Point(repaired, false), bits + Sign.REPAIRED.bits());
          notes.add(
              "the stack pointer "
                  + Long.toHexString(sp)
                  + (near ? " does not fit the code" : " lies on no stack")
                  + "; with bit "
                  + bit
                  + " flipped it would");
        }
      }
      if (!near && context.knows(Register.RBP) && stacks.at(context.bp()).isPresent()) {
        starts.put(
            new Point(context.without(Register.RSP), false), bits + 2 * Sign.REPAIRED.bits());
      }
    }
    return starts;
  }
}
