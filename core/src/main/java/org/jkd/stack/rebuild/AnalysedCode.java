// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.jkd.code.CallSite;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.code.Depth;
import org.jkd.code.FunctionCode;
import org.jkd.code.StackState;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.stack.AddressMap;
import org.jkd.stack.RecordUnwind;
import org.jkd.stack.VirtualUnwind;

/** Facts about code from its analysis. Answers are kept: the same call sites come up again. */
final class AnalysedCode implements CodeFacts {
  /** A target this far below an address whose code is missing may be its function. */
  private static final long NEAR = 0x1000;

  private final CodeSpace space;
  private final AddressMap<Optional<CallSite>> calls = new AddressMap<>();
  private final AddressMap<Optional<StackState>> states = new AddressMap<>();
  private final AddressMap<AddressMap<Reach>> reaches = new AddressMap<>();

  private final VirtualUnwind unwinder;

  private final RecordUnwind records;

  AnalysedCode(CodeSpace space, VirtualUnwind unwinder, RecordUnwind records) {
    this.space = space;
    this.unwinder = unwinder;
    this.records = records;
  }

  @Override
  public Place place(long address) {
    Optional<CodeImage> image = space.imageAt(address);
    if (image.isEmpty()) {
      return Place.NONE;
    }
    if (!image.get().sectionsKnown()) {
      return switch (records.content(address)) {
        case UNKNOWN -> Place.POSSIBLE;
        case NO_CODE -> Place.NONE;
        case FUNCTION_START, INSIDE_FUNCTION -> Place.CODE;
      };
    }
    return image.get().isExecutable(address) ? Place.CODE : Place.NONE;
  }

  @Override
  public boolean readable(long address) {
    byte[] one = new byte[1];
    return space.imageAt(address).filter(i -> i.read(address, one, 0, 1) == 1).isPresent();
  }

  @Override
  public OptionalLong functionStart(long address) {
    return space
        .functionAt(address)
        .map(f -> OptionalLong.of(f.start()))
        .orElseGet(() -> records.functionStart(address));
  }

  @Override
  public boolean startsFunction(long address) {
    return records.content(address) == RecordUnwind.Content.FUNCTION_START;
  }

  @Override
  public Optional<CallSite> callBefore(long returnAddress) {
    Optional<CallSite> known = calls.get(returnAddress);
    return known != null ? known : calls.put(returnAddress, space.callSite(returnAddress));
  }

  @Override
  public Optional<StackState> layout(long ip, boolean returned) {
    if (returned) {
      return callBefore(ip).filter(CallSite::isInFlow).map(CallSite::state);
    }
    Optional<StackState> known = states.get(ip);
    return known != null ? known : states.put(ip, space.stateAt(ip));
  }

  @Override
  public Reach reach(CallSite call, long ip) {
    AddressMap<Reach> known = reaches.get(call.target());
    AddressMap<Reach> from = known != null ? known : reaches.put(call.target(), new AddressMap<>());
    Reach reach = from.get(ip);
    return reach != null ? reach : from.put(ip, look(call, ip));
  }

  private Reach look(CallSite call, long ip) {
    Optional<FunctionCode> target = space.functionStartingAt(call.target());
    if (target.isPresent() && target.get().hasInstruction(ip)) {
      return Reach.YES;
    }
    Optional<FunctionCode> inner = space.functionAt(ip);
    if (inner.isEmpty()) {
      long distance = ip - call.target();
      if (distance >= 0 && distance < NEAR && !readable(ip)) {
        return Reach.NEAR;
      }
      return space.agreement(call, ip) == CodeSpace.Agreement.CONTRADICTED
          ? Reach.NO
          : Reach.UNKNOWN;
    }
    return switch (space.agreement(call, inner.get().start())) {
      case TARGET -> Reach.YES;
      case TAIL -> Reach.JUMPS;
      case POSSIBLE -> standsIn(call, ip) ? Reach.JUMPS : Reach.UNKNOWN;
      case CONTRADICTED -> standsIn(call, ip) ? Reach.JUMPS : Reach.NO;
    };
  }

  /** True when a function that the target jumps to has an instruction at the address. */
  private boolean standsIn(CallSite call, long ip) {
    for (long start : space.reachableWithoutCall(call.target())) {
      if (space.functionStartingAt(start).filter(f -> f.hasInstruction(ip)).isPresent()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean switchesStack(CallSite call) {
    return call.target() != 0
        && space
            .functionStartingAt(call.target())
            .filter(f -> f.callSites().stream().anyMatch(s -> isElsewhere(s.state())))
            .isPresent();
  }

  /** True when neither the stack pointer nor a register that calls preserve leads to the frame. */
  private static boolean isElsewhere(StackState state) {
    return state.depth() instanceof Depth.Unknown
        && state.frames().stream().noneMatch(r -> WordJudge.NONVOLATILE.contains(r.register()));
  }

  @Override
  public boolean isReturn(long address) {
    byte[] b = new byte[2];
    int got = space.imageAt(address).map(i -> i.read(address, b, 0, 2)).orElse(0);
    int first = got > 0 ? b[0] & 0xff : 0;
    return first == 0xc3 || first == 0xc2 || first == 0xf3 && got > 1 && (b[1] & 0xff) == 0xc3;
  }

  @Override
  public Optional<RecordUnwind.Result> record(Point point, LongPredicate isReturn) {
    return records.unwind(point.context(), point.returned(), point.pushed(), isReturn);
  }

  @Override
  public boolean isService(long ip, boolean returned) {
    return space.arch() == Arch.X86 && records.isService(ip, returned);
  }

  @Override
  public int parameterBytes(long ip, boolean returned) {
    return space.arch() == Arch.X86 ? records.parameterBytes(ip, returned) : -1;
  }

  @Override
  public Optional<VirtualUnwind.Result> unwind(CpuContext context, boolean returned) {
    return space.arch() == Arch.X64 ? unwinder.unwind(context, returned) : Optional.empty();
  }
}
