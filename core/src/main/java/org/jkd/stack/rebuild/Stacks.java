// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Arch;

/** The stacks that a chain may run through, with their trap frames and candidate words. */
final class Stacks {
  /** A stack pointer can be this far below the stack that it ran out of, bytes. */
  static final long OVERRUN = 0x4000;

  private final List<Segment> segments;
  private final IdentityHashMap<Segment, TrapFrames> traps = new IdentityHashMap<>();
  private final IdentityHashMap<Segment, ExceptionRecords> exceptions = new IdentityHashMap<>();
  private final CodeFacts code;
  private final StackRequest.Hints hints;
  private final Arch arch;

  Stacks(List<Segment> segments, CodeFacts code, Arch arch, StackRequest.Hints hints) {
    this.code = code;
    this.hints = hints;
    this.segments = new ArrayList<>(segments);
    this.arch = arch;
    for (Segment segment : segments) {
      traps.put(segment, new TrapFrames(segment, code, arch));
    }
  }

  Arch arch() {
    return arch;
  }

  List<Segment> segments() {
    return segments;
  }

  /** The stack that contains an address. */
  Optional<Segment> at(long address) {
    for (Segment segment : segments) {
      if (segment.contains(address)) {
        return Optional.of(segment);
      }
    }
    return Optional.empty();
  }

  /** The stack that contains an address, or that a stack pointer has just run out of. */
  Optional<Segment> near(long address) {
    Optional<Segment> inside = at(address);
    if (inside.isPresent()) {
      return inside;
    }
    for (Segment segment : segments) {
      if (Long.compareUnsigned(segment.low() - 1 - address, OVERRUN) < 0) {
        return Optional.of(segment);
      }
    }
    return inside;
  }

  /** The word at an address of any stack, if it is known. */
  boolean knows(long address) {
    for (Segment segment : segments) {
      if (segment.contains(address)) {
        return segment.knows(address);
      }
    }
    return false;
  }

  /** The word at an address of any stack; 0 when unknown. */
  long wordAt(long address) {
    for (Segment segment : segments) {
      if (segment.contains(address)) {
        return segment.wordAt(address);
      }
    }
    return 0;
  }

  /** The recogniser of a stack. */
  TrapFrames traps(Segment segment) {
    TrapFrames known = traps.get(segment);
    if (known == null) {
      throw new IllegalArgumentException("not one of these stacks: " + segment.name());
    }
    return known;
  }

  /** The exception registration records of an x86 stack. */
  ExceptionRecords exceptions(Segment segment) {
    return exceptions.computeIfAbsent(
        segment, s -> new ExceptionRecords(s, code, traps(s), hints.exceptionLists()));
  }

  /** The exception registration record of the x86 function whose return address is in a slot. */
  Optional<ExceptionRecords.Found> exceptionRecordOf(long slot) {
    return arch == Arch.X86 ? at(slot).flatMap(s -> exceptions(s).ofFrame(slot)) : Optional.empty();
  }

  /** The trap frame at an address on any stack. */
  Optional<TrapFrame> trapFrameAt(long address) {
    for (Segment segment : segments) {
      if (segment.contains(address)) {
        return traps(segment).at(address);
      }
    }
    return Optional.empty();
  }

  /** The trap frame whose instruction pointer lies in a slot of any stack. */
  Optional<TrapFrame> trapFrameWithIpAt(long slot) {
    for (Segment segment : segments) {
      if (segment.contains(slot)) {
        return traps(segment).withIpAt(slot);
      }
    }
    return Optional.empty();
  }
}
