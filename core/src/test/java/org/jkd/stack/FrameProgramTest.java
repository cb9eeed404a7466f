// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs as compilers write them, and as nobody should. */
class FrameProgramTest {
  private final SparseMemory memory =
      new SparseMemory()
          .put32(0x1000, 0x2000)
          .put32(0x1004, 0x401000)
          .put32(0x0ffc, 0x33)
          .put32(0x0ff8, 0x44)
          .put32(0x0ff4, 0x55);
  private final FrameProgram.Machine machine = new FrameProgram.Machine();

  private boolean run(String program) {
    machine.clear();
    machine.set(FrameProgram.EIP, 0x400000);
    machine.set(FrameProgram.ESP, 0xff0);
    machine.set(FrameProgram.EBP, 0x1000);
    machine.set(FrameProgram.EBX, 0x1100);
    machine.set(FrameProgram.RA_SEARCH, 0x1004);
    machine.set(FrameProgram.CB_LOCALS, 8);
    machine.set(FrameProgram.CB_PARAMS, 4);
    return FrameProgram.compile(program).orElseThrow().evaluate(machine, new StackWords(memory));
  }

  @Test
  void aFrameWithEbp() {
    assertTrue(run("$T0 $ebp = $eip $T0 4 + ^ = $ebp $T0 ^ = $esp $T0 8 + ="));
    assertEquals(0x401000, machine.get(FrameProgram.EIP));
    assertEquals(0x2000, machine.get(FrameProgram.EBP));
    assertEquals(0x1008, machine.get(FrameProgram.ESP));
    assertEquals(0x1004, machine.eipSlot);
  }

  @Test
  void aFrameWithoutEbpAndRegistersByTheirCodeViewNumbers() {
    assertTrue(
        run(
            "$T0 .raSearch = $eip $T0 ^ = $esp $T0 4 + = "
                + "$20 $T0 8 - ^ = $23 $T0 12 - ^ = $24 $T0 16 - ^ ="));
    assertEquals(0x33, machine.get(FrameProgram.EBX));
    assertEquals(0x44, machine.get(FrameProgram.ESI));
    assertEquals(0x55, machine.get(FrameProgram.EDI));
    assertFalse(machine.assigned(FrameProgram.EBP));
    assertEquals(0x1000, machine.get(FrameProgram.EBP));
  }

  @Test
  void alignmentRoundsTheLeftOperandDown() {
    assertTrue(
        run("$T1 $ebp 4 + = $T0 $T1 12 - 8 @ = $eip $T1 ^ = $esp $T1 4 + = $ebp $T1 4 - ^ ="));
    assertEquals(0x401000, machine.get(FrameProgram.EIP));
    assertTrue(FrameProgram.compile("$T0 $esp 8 @ =").orElseThrow().aligns());
  }

  @Test
  void theOldNamesOfLocalsAndParametersAndGluedAssignments() {
    assertTrue(
        run(
            "$T0 $ebp = $eip $T0 4 + ^ =$ebp $T0 ^ =$esp $T0 8 + = "
                + "$L $T0 .cbLocals - = $P $T0 8 + .cbParams + ="));
    assertEquals(0x401000, machine.get(FrameProgram.EIP));
  }

  @Test
  void theLeftOperandOfMinusAndDivideIsPushedFirst() {
    assertTrue(run("$esp 100 7 - = $eip 100 7 / ="));
    assertEquals(93, machine.get(FrameProgram.ESP));
    assertEquals(14, machine.get(FrameProgram.EIP));
    assertEquals(-1, machine.eipSlot);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$eip 4 ^ = $esp 4 =", // unreadable
        "$eip 1 0 / = $esp 4 =", // division by zero
        "+", // nothing on the stack
        "$eip =", // one operand
        "4 4 = $eip 1 = $esp 1 =", // a number is no variable
        "$eip $T9 = $esp 1 =", // a variable without a value
        "$eip 1 =", // esp never set
        "= = = ="
      })
  void whatLeadsNowhereFails(String program) {
    assertFalse(run(program));
  }

  @Test
  void whatIsNoProgramIsRefused() {
    assertTrue(FrameProgram.compile("$eip foo =").isEmpty());
    assertTrue(FrameProgram.compile("$T99 1 =").isEmpty());
    assertTrue(FrameProgram.compile("1 ".repeat(100_000)).isEmpty());
  }
}
