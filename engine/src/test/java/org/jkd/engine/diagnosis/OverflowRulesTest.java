// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.junit.jupiter.api.Test;

/** Published cases, among them those that people misread. */
class OverflowRulesTest {
  private static FaultFacts facts(
      Arch arch, long sp, OptionalLong bp, long limit, long base, FaultFacts.Guard guard) {
    return new FaultFacts(
        arch,
        0x7f,
        List.of(8L, 0x80042000L, 0L, 0L),
        OptionalLong.of(sp),
        bp,
        OptionalLong.empty(),
        "TSS 28",
        OptionalLong.empty(),
        List.of(new FaultFacts.StackRange("thread stack", limit, base)),
        guard,
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void a_pointer_0x40_below_the_limit_proves_it_whatever_the_walk_sums_up_to() {
    OverflowVerdict verdict =
        OverflowRules.decide(
            facts(
                Arch.X64,
                0xffff84028b909fc0L,
                OptionalLong.empty(),
                0xffff84028b90a000L,
                0xffff84028b910000L,
                FaultFacts.Guard.UNKNOWN));
    assertThat(verdict.outcome()).isEqualTo(OverflowVerdict.Outcome.PROVEN);
    assertThat(verdict.cause()).isEqualTo(OverflowVerdict.Cause.STACK_EXHAUSTED);
    assertThat(verdict.summary()).contains("40 bytes below its limit");
  }

  @Test
  void a_pointer_exactly_at_the_limit_has_no_room_for_the_fault_frame() {
    OverflowVerdict verdict =
        OverflowRules.decide(
            facts(
                Arch.X86,
                0x92985000L,
                OptionalLong.of(0x92985010L),
                0x92985000L,
                0x92988000L,
                FaultFacts.Guard.NOT_VALID));
    assertThat(verdict.outcome()).isEqualTo(OverflowVerdict.Outcome.PROVEN);
  }

  @Test
  void one_wrong_bit_of_esp_is_hardware_and_no_overflow() {
    OverflowVerdict verdict =
        OverflowRules.decide(
            facts(
                Arch.X86,
                0xf5da9948L,
                OptionalLong.of(0xf5d2997cL),
                0xf5d27000L,
                0xf5d2a000L,
                FaultFacts.Guard.NOT_VALID));
    assertThat(verdict.outcome()).isEqualTo(OverflowVerdict.Outcome.NOT_AN_OVERFLOW);
    assertThat(verdict.cause()).isEqualTo(OverflowVerdict.Cause.BIT_FLIP);
    assertThat(verdict.summary()).contains("bit 19").contains("f5d29948");
  }

  @Test
  void a_stack_pointer_of_user_mode_is_no_overflow() {
    OverflowVerdict verdict =
        OverflowRules.decide(
            facts(
                Arch.X64,
                0x667b97dfc0L,
                OptionalLong.empty(),
                0xffffe280d031b000L,
                0xffffe280d0321000L,
                FaultFacts.Guard.UNKNOWN));
    assertThat(verdict.cause()).isEqualTo(OverflowVerdict.Cause.USER_STACK_POINTER);
    assertThat(verdict.isOverflow()).isFalse();
  }

  @Test
  void a_pointer_in_no_stack_and_more_than_one_bit_off_is_wild() {
    OverflowVerdict verdict =
        OverflowRules.decide(
            facts(
                Arch.X86,
                0xa1234560L,
                OptionalLong.of(0x1L),
                0xf5d27000L,
                0xf5d2a000L,
                FaultFacts.Guard.NOT_VALID));
    assertThat(verdict.cause()).isEqualTo(OverflowVerdict.Cause.WILD_STACK_POINTER);
  }

  @Test
  void a_write_below_the_stack_with_room_left_is_a_pointer_and_not_depth() {
    FaultFacts facts =
        new FaultFacts(
            Arch.X86,
            0x8e,
            List.of(0xc0000005L, 0xb7701234L, 0xba20e000L, 0L),
            OptionalLong.of(0xba20e400L),
            OptionalLong.of(0xba20e450L),
            OptionalLong.empty(),
            "trap frame",
            OptionalLong.of(0xba20bff0L),
            List.of(new FaultFacts.StackRange("thread stack", 0xba20c000L, 0xba20f000L)),
            FaultFacts.Guard.NOT_VALID,
            Optional.empty(),
            Optional.empty());
    OverflowVerdict verdict = OverflowRules.decide(facts);
    assertThat(verdict.cause()).isEqualTo(OverflowVerdict.Cause.WRITE_BELOW_STACK);
    assertThat(verdict.isOverflow()).isFalse();
  }

  @Test
  void without_a_stack_pointer_nothing_is_decided() {
    FaultFacts facts =
        new FaultFacts(
            Arch.X64,
            0x7f,
            List.of(8L, 0x80050033L, 0x6f8L, 0xfffff80012345678L),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            "",
            OptionalLong.empty(),
            List.of(),
            FaultFacts.Guard.UNKNOWN,
            Optional.empty(),
            Optional.empty());
    assertThat(OverflowRules.decide(facts).outcome())
        .isEqualTo(OverflowVerdict.Outcome.UNDECIDABLE);
  }

  @Test
  void another_trap_and_another_bug_check_are_other_failures() {
    FaultFacts divide =
        new FaultFacts(
            Arch.X86,
            0x7f,
            List.of(0L, 0L, 0L, 0L),
            OptionalLong.of(0xba20c000L),
            OptionalLong.empty(),
            OptionalLong.empty(),
            "context",
            OptionalLong.empty(),
            List.of(new FaultFacts.StackRange("thread stack", 0xba20c000L, 0xba20f000L)),
            FaultFacts.Guard.NOT_VALID,
            Optional.empty(),
            Optional.empty());
    assertThat(OverflowRules.decide(divide).cause()).isEqualTo(OverflowVerdict.Cause.UNRELATED);
    assertThat(OverflowRules.decide(divide).summary()).contains("DIVIDED_BY_ZERO");
  }
}
