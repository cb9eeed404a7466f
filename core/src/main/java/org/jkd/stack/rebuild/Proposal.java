// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.cpu.CpuContext;

/** A slot that one or more rules predict for the next frame, before its word is judged. */
final class Proposal {
  /** The independent ways to predict a slot. Ways that use the same fact share a constant. */
  enum Way {
    /** Static facts of the image: depth of the code, unwind information. */
    STATIC,
    /** What symbols say: FrameData, FPO, sizes of frames. The compiler counted for itself. */
    RECORD,
    /** The frame pointer register. */
    LINK,
    /** Arguments of a call that are known. */
    ARGUMENTS,
    /** Where the function keeps its exception registration record. */
    EXCEPTION,
    /** The processor's own list of return addresses. */
    SHADOW,
    /** Another frame of the same call site. */
    RECURRENCE,
    /** A trap frame recognised by itself. */
    TRAP,
    /** Looking for it. */
    SEARCH
  }

  final long slot;
  final List<Evidence> evidence = new ArrayList<>();
  final Set<Way> ways = EnumSet.noneOf(Way.class);
  boolean pinned;
  Optional<TrapFrame> trap = Optional.empty();

  /** What the slot held before it was overwritten. */
  OptionalLong original = OptionalLong.empty();

  /** True when it may have held something else as well. */
  boolean guessed;

  /** The caller's registers when the rule itself computes them. */
  Optional<CpuContext> context = Optional.empty();

  Proposal(long slot) {
    this.slot = slot;
  }

  /** The same slot as if it had not been overwritten. */
  Proposal restored(long word, boolean only) {
    Proposal p = new Proposal(slot);
    p.evidence.addAll(evidence);
    p.ways.addAll(ways);
    p.pinned = pinned;
    p.context = context;
    p.original = OptionalLong.of(word);
    p.guessed = !only;
    return p;
  }

  Proposal add(Way way, Evidence e) {
    if (!ways.isEmpty() && !ways.contains(way)) {
      evidence.add(Sign.AGREEMENT.evidence());
    }
    ways.add(way);
    evidence.add(e);
    return this;
  }

  static double sum(List<Evidence> evidence) {
    double bits = 0;
    for (Evidence e : evidence) {
      bits += e.bits();
    }
    return bits;
  }

  static Proposal propose(Map<Long, Proposal> proposals, long slot, Way way, Evidence evidence) {
    return proposals.computeIfAbsent(slot, Proposal::new).add(way, evidence);
  }

  static boolean has(Map<Long, Proposal> proposals, Sign sign) {
    return proposals.values().stream().anyMatch(p -> has(p.evidence, sign));
  }

  static boolean has(List<Evidence> evidence, Sign sign) {
    for (Evidence e : evidence) {
      if (e.name().equals(sign.text())) {
        return true;
      }
    }
    return false;
  }
}
