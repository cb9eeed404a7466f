// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltFrame.Kind;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.stack.rebuild.Trust;
import org.junit.jupiter.api.Test;

/** Exceptions within exceptions, told from faults that are work. */
class DispatchLoopTest {
  private final List<RebuiltFrame> frames = new ArrayList<>();

  @Test
  void namedDispatchersLeadToTheOldestFault() {
    for (int i = 0; i < 3; i++) {
      call("nt!RtlDispatchException");
      call("nt!KiDispatchException");
      call("nt!KiPageFault");
      interrupted(i < 2 ? "nt!RtlDispatchException" : "vole!VoleTouch");
    }
    Optional<DispatchLoop> loop = DispatchLoop.in(stack());
    assertThat(loop.map(DispatchLoop::count)).contains(3);
    assertThat(loop.map(l -> l.origin().function())).contains("vole!VoleTouch");
  }

  @Test
  void withoutNamesTheSameKernelFunctionMustFaultAgainAndAgain() {
    for (int i = 0; i < 4; i++) {
      call("nt+0x4000");
      call("nt+0x5000");
      interrupted(i < 3 ? "nt+0x6000" : "vole+0x1000");
    }
    assertThat(DispatchLoop.in(stack()).map(l -> l.origin().function())).contains("vole+0x1000");
  }

  @Test
  void pagingInsidePagingIsWork() {
    for (int i = 0; i < 4; i++) {
      call("disk!Read");
      call("nt!IoPageRead");
      call("nt!MmAccessFault");
      interrupted("nt!CcMapData");
    }
    assertThat(DispatchLoop.in(stack())).isEmpty();
  }

  @Test
  void oneExceptionIsNoLoop() {
    call("nt!KiDispatchException");
    call("nt!KiPageFault");
    interrupted("vole!VoleTouch");
    assertThat(DispatchLoop.in(stack())).isEmpty();
  }

  @Test
  void faultsInDifferentPlacesAreNoLoopUnlessNamed() {
    for (int i = 0; i < 4; i++) {
      call("nt+0x4000");
      interrupted("nt+0x" + (i + 6) + "000");
    }
    assertThat(DispatchLoop.in(stack())).isEmpty();
  }

  private void call(String function) {
    add(function, Kind.CALL);
  }

  private void interrupted(String function) {
    add(function, Kind.TRAP);
  }

  private void add(String function, Kind kind) {
    int i = frames.size();
    long start = 0xfffff800_00000000L + function.hashCode() * 16L;
    frames.add(
        new RebuiltFrame(
            i,
            start + 4,
            OptionalLong.of(0xfffff880_00001000L + 64L * i),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.of(start),
            function.split("[!+]", 2)[0],
            function,
            function,
            64,
            kind,
            Trust.EXACT,
            20,
            10,
            kind == Kind.TRAP
                ? OptionalLong.of(0xfffff880_00001000L + 64L * i - 0x168)
                : OptionalLong.empty(),
            List.of(),
            Optional.empty()));
  }

  private RebuiltStack stack() {
    return new RebuiltStack(
        OptionalLong.empty(),
        0xfffff880_00007000L,
        0xfffff880_00001000L,
        OptionalLong.empty(),
        List.copyOf(frames),
        List.of(),
        List.of(),
        List.of());
  }
}
