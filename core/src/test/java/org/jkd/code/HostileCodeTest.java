// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.jkd.cpu.Arch;
import org.junit.jupiter.api.Test;

/** Code that means no good: it must cost bounded time and never an exception. */
class HostileCodeTest {
  private static final long BASE = 0x8000_0000L;

  private static void askEverything(CodeSpace space, int length, int step) {
    for (int at = 0; at < length; at += step) {
      long address = BASE + at;
      space.callSite(address);
      space.stateAt(address);
      space
          .functionAt(address)
          .ifPresent(f -> {
            f.callSites();
            f.stackUses(address);
            f.blocks();
            f.popped();
          });
    }
  }

  @Test
  void randomBytesAreSurvived() {
    for (Arch arch : new Arch[] {Arch.X86, Arch.X64}) {
      Random random = new Random(7);
      byte[] code = new byte[0x8000];
      random.nextBytes(code);
      assertTimeout(
          Duration.ofSeconds(60),
          () -> askEverything(BareCode.space(arch, BASE, code), code.length, 61));
    }
  }

  @Test
  void manyJumpsAndCallsAreSurvived() {
    for (Arch arch : new Arch[] {Arch.X86, Arch.X64}) {
      Random random = new Random(11);
      byte[] code = new byte[0x8000];
      Arrays.fill(code, (byte) 0x90);
      byte[] kinds = {(byte) 0xe8, (byte) 0xe9, (byte) 0x74, (byte) 0x50, (byte) 0x58, (byte) 0xc3};
      for (int at = 0; at + 5 < code.length; at += 5) {
        code[at] = kinds[random.nextInt(kinds.length)];
        code[at + 1] = (byte) random.nextInt(256);
        code[at + 2] = (byte) random.nextInt(64);
        code[at + 3] = 0;
        code[at + 4] = 0;
      }
      assertTimeout(
          Duration.ofSeconds(60),
          () -> askEverything(BareCode.space(arch, BASE, code), code.length, 97));
    }
  }

  @Test
  void unknownCallsInARowAreLeftAmbiguousOrSolved() {
    // push eax / call [ecx], a thousand times, then ret: no return address can be predicted.
    byte[] code = new byte[4096];
    Arrays.fill(code, (byte) 0xcc);
    int at = 0;
    for (int i = 0; i < 1000; i++) {
      code[at++] = 0x50;
      code[at++] = (byte) 0xff;
      code[at++] = 0x11;
    }
    code[at] = (byte) 0xc3;
    CodeSpace space = BareCode.space(Arch.X86, BASE, code);
    StackState state = space.stateAt(BASE + 4).orElseThrow();
    assertTrue(state.depth().returnSlots(0x1000).length >= 1);
  }

  @Test
  void aCalleeThatPopsWhatWasPushedIsFoundByTheReturn() {
    // push esi / push eax / push eax / call [ecx] / pop esi / ret: esi was saved 4 bytes deep.
    byte[] code = {0x56, 0x50, 0x50, (byte) 0xff, 0x11, 0x5e, (byte) 0xc3};
    CallSite site =
        BareCode.space(Arch.X86, BASE, Arrays.copyOf(code, 64)).callSite(BASE + 5).orElseThrow();
    assertEquals(new Depth.Exact(12), site.depth());
    assertEquals(8, site.popped());
  }
}
