// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.target.BugCheck;
import org.jkd.target.KernelTarget;
import org.jkd.target.LoadedModule;

/**
 * Finds the module to ask about a crash, from the best evidence down.
 *
 * <p>When a stack ran out it is whoever owns most of what could be given back; when something else
 * happened, the code that the bug check itself names, then the driver nearest to the fault on the
 * chain of calls. What merely lies on the stack is kept apart: leftovers of earlier calls look just
 * like it.
 */
public final class Suspects {
  /** Words of a stack that are looked at, at most. */
  private static final int MAX_WORDS = 1 << 14;

  private static final int MAX_SEEN = 5;

  /** Which argument of a bug check is the address of the instruction that failed. */
  private static final Map<Long, Integer> INSTRUCTION =
      Map.ofEntries(
          Map.entry(0x0aL, 4),
          Map.entry(0xd1L, 4),
          Map.entry(0x1eL, 2),
          Map.entry(0x3bL, 2),
          Map.entry(0x50L, 3),
          Map.entry(0x7eL, 2),
          Map.entry(0x8eL, 2),
          Map.entry(0xccL, 3),
          Map.entry(0xcdL, 3),
          Map.entry(0xd5L, 3),
          Map.entry(0xd6L, 3));

  private static final long DRIVER_POWER_STATE_FAILURE = 0x9f;
  private static final long BLOCKED_REQUEST = 3;

  /** What is known of addresses and modules. */
  public interface Directory {
    /** An address as text. */
    String symbol(long address);

    /** Whom a module comes from. */
    ModuleOwner owner(LoadedModule module);
  }

  private final KernelTarget target;
  private final Directory directory;

  /** Looks at one dump. */
  public Suspects(KernelTarget target, Directory directory) {
    this.target = target;
    this.directory = directory;
  }

  /** Whom to ask when a stack ran out. */
  public Optional<Suspect> ofOverflow(
      RebuiltStack stack,
      StackUsage usage,
      boolean covered,
      List<ModuleOwner.ProductUsage> products,
      Optional<RepeatedWords> repeated) {
    Optional<DispatchLoop> loop = DispatchLoop.in(stack);
    if (loop.isPresent()) {
      RebuiltFrame origin = loop.get().origin();
      return at(origin.ip(), Suspect.Proof.NAMED, "the first of the exceptions was raised there");
    }
    if (covered) {
      return products.stream()
          .filter(p -> p.origin() == ModuleOwner.Origin.THIRD_PARTY)
          .findFirst()
          .flatMap(p -> ofProduct(p, usage, stack));
    }
    if (repeated.isPresent() && repeated.get().period().bytes() * 2 >= usage.size()) {
      WordPeriods.Period period = repeated.get().period();
      return module(repeated.get().module())
          .map(m ->
              new Suspect(
                  m.name(),
                  directory.owner(m),
                  String.join(", ", repeated.get().symbols()),
                  Suspect.Proof.SEEN,
                  "its code addresses repeat every 0x"
                      + Long.toHexString(period.periodBytes())
                      + " bytes, "
                      + period.count()
                      + " times"));
    }
    return Optional.empty();
  }

  /** Where the stack ran out, when nothing says who used it. */
  public Optional<Suspect> ofVictim(FaultFacts facts) {
    return facts.instructionPointer().isEmpty()
        ? Optional.empty()
        : at(
                facts.instructionPointer().getAsLong(),
                Suspect.Proof.NEAREST,
                "the stack ran out here; who used most of it is not known")
            .filter(s -> !isCore(s.module()));
  }

  private Optional<Suspect> ofProduct(
      ModuleOwner.ProductUsage product, StackUsage usage, RebuiltStack stack) {
    long weak =
        stack.frames().stream()
            .filter(f -> product.modules().contains(f.module()) && StackUsage.isWeak(f))
            .mapToLong(RebuiltFrame::bytes)
            .sum();
    boolean firm = 2 * weak < product.bytes();
    String largest =
        product.modules().stream()
            .max(Comparator.comparingLong(usage::bytesOf))
            .orElse(product.name());
    return module(largest)
        .map(m ->
            new Suspect(
                m.name(),
                directory.owner(m),
                "",
                firm ? Suspect.Proof.NAMED : Suspect.Proof.SEEN,
                product.frames()
                    + (firm ? " frames of " : " frames, found by search only, of ")
                    + product.name()
                    + " own "
                    + product.bytes()
                    + " bytes of the stack, more than any other product that is not Windows"));
  }

  /** Whom to ask when the depth of the stack is not what failed. */
  public Optional<Suspect> ofFault(OverflowVerdict verdict, FaultFacts facts, RebuiltStack stack) {
    if (verdict.cause() == OverflowVerdict.Cause.BIT_FLIP) {
      return Optional.empty(); // memory or processor: no module is to blame
    }
    BugCheck bugCheck = target.bugCheck();
    Optional<Suspect> device = device(bugCheck);
    if (device.isPresent()) {
      return device;
    }
    Integer argument = INSTRUCTION.get(bugCheck.plainCode());
    if (argument != null && bugCheck.parameter(argument) != 0) {
      Optional<Suspect> named =
          at(
              bugCheck.parameter(argument),
              Suspect.Proof.NAMED,
              "argument " + argument + " of the bug check is an address in its code");
      if (named.isPresent() && !isCore(named.get().module())) {
        return named;
      }
    }
    if (facts.instructionPointer().isPresent()) {
      Optional<Suspect> running =
          at(
              facts.instructionPointer().getAsLong(),
              Suspect.Proof.NAMED,
              "it was running (" + facts.source() + ")");
      if (running.isPresent() && !isCore(running.get().module())) {
        return running;
      }
    }
    return nearest(stack);
  }

  /** The first driver on the chain, an interrupted one before all. */
  private Optional<Suspect> nearest(RebuiltStack stack) {
    for (RebuiltFrame frame : stack.frames()) {
      if (frame.kind() == RebuiltFrame.Kind.USER || Stages.userAddress(frame)) {
        break;
      }
      if (!frame.module().isEmpty() && !isCore(frame.module())) {
        return at(
            frame.ip(),
            Suspect.Proof.NEAREST,
            frame.kind() == RebuiltFrame.Kind.TRAP
                ? "it was interrupted by the fault (frame " + frame.index() + ")"
                : "the driver nearest to the fault (frame "
                    + frame.index()
                    + ", trust "
                    + frame.trust().text()
                    + ")");
      }
    }
    return Optional.empty();
  }

  /**
   * A power request that was not completed names the device that holds it. Device, driver and
   * request are laid out in wdm.h for all drivers to read, and have never changed.
   */
  private Optional<Suspect> device(BugCheck bugCheck) {
    if (bugCheck.plainCode() != DRIVER_POWER_STATE_FAILURE
        || bugCheck.parameter(1) != BLOCKED_REQUEST) {
      return Optional.empty();
    }
    boolean wide = target.arch().pointerSize() == 8;
    OptionalLong location = pointer(bugCheck.parameter(4) + (wide ? 0xb8 : 0x60));
    OptionalLong holder =
        location.isPresent()
            ? pointer(location.getAsLong() + (wide ? 0x28 : 0x14))
            : OptionalLong.empty();
    Optional<Suspect> holds =
        holder.isPresent()
            ? driver(
                holder.getAsLong(), "its device holds the power request that was not completed")
            : Optional.empty();
    String also = holds.map(h -> "; " + h.module() + " holds the request").orElse("");
    Optional<Suspect> maker =
        driver(
            bugCheck.parameter(2),
            "it made the device whose power request was not completed" + also);
    boolean foreign =
        maker.isPresent() && maker.get().owner().origin() == ModuleOwner.Origin.THIRD_PARTY;
    boolean inbox = holds.isEmpty() || holds.get().owner().origin() == ModuleOwner.Origin.MICROSOFT;
    return foreign && inbox ? maker : holds.or(() -> maker);
  }

  private Optional<Suspect> driver(long device, String reason) {
    boolean wide = target.arch().pointerSize() == 8;
    OptionalLong driver = pointer(device + 8);
    OptionalLong start =
        driver.isPresent()
            ? pointer(driver.getAsLong() + (wide ? 0x18 : 0xc))
            : OptionalLong.empty();
    return start.isPresent()
        ? at(start.getAsLong(), Suspect.Proof.NAMED, reason).filter(s -> !isCore(s.module()))
        : Optional.empty();
  }

  private OptionalLong pointer(long address) {
    return target.reader().pointer(target.arch().address(address));
  }

  /**
   * Drivers that do not come with Windows and have code addresses on the stack, most of them first.
   * Where no chain links them this is all that can be said, and they may be leftovers.
   */
  public List<Suspect> seen(RebuiltStack stack) {
    int width = target.arch().pointerSize();
    long from = StackUsage.lowest(stack);
    long count = Math.min((stack.stackBase() - from) / width, MAX_WORDS);
    Map<LoadedModule, Integer> words = new HashMap<>();
    for (long i = 0; i < count; i++) {
      OptionalLong word = target.reader().pointer(from + i * width);
      if (word.isPresent() && word.getAsLong() != 0) {
        target.moduleAt(word.getAsLong()).ifPresent(m -> words.merge(m, 1, Integer::sum));
      }
    }
    List<Suspect> seen = new ArrayList<>();
    words.entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<LoadedModule, Integer> e) -> -e.getValue())
                .thenComparing(e -> e.getKey().name()))
        .forEach(e -> {
          ModuleOwner owner = directory.owner(e.getKey());
          if (owner.origin() == ModuleOwner.Origin.THIRD_PARTY && seen.size() < MAX_SEEN) {
            seen.add(
                new Suspect(
                    e.getKey().name(),
                    owner,
                    "",
                    Suspect.Proof.SEEN,
                    e.getValue() + (e.getValue() == 1 ? " word" : " words") + " of the stack"));
          }
        });
    return List.copyOf(seen);
  }

  private Optional<Suspect> at(long address, Suspect.Proof proof, String reason) {
    return target
        .moduleAt(target.arch().address(address))
        .map(m ->
            new Suspect(m.name(), directory.owner(m), directory.symbol(address), proof, reason));
  }

  private Optional<LoadedModule> module(String name) {
    return target.modules().stream().filter(m -> m.name().equals(name)).findFirst();
  }

  /** The kernel and its hardware layer are in every path. */
  private static boolean isCore(String module) {
    return Stages.isKernel(module) || module.equals("hal");
  }
}
