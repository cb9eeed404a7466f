// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jkd.cpu.Arch;
import org.junit.jupiter.api.Test;

class EvaluatorTest {

  @Test
  void user_mode_does_not_extend_constants() {
    SmallMachine user = new SmallMachine(Arch.X86);
    user.kernel = false;
    assertThat(Evaluator.evaluate("80000000", user)).isEqualTo(0x8000_0000L);
  }

  @Test
  void the_radix_counts_for_numbers_without_a_prefix_only() {
    SmallMachine decimal = new SmallMachine(Arch.X86);
    decimal.radix = 10;
    assertThat(Evaluator.evaluate("4176/1024", decimal)).isEqualTo(4);
    assertThat(Evaluator.evaluate("10+0x10+10h", decimal)).isEqualTo(42);
    decimal.radix = 8;
    assertThat(Evaluator.evaluate("17", decimal)).isEqualTo(15);
  }

  @Test
  void an_expression_ends_where_no_operator_follows() {
    Evaluator two = new Evaluator("dps 1+1 2 L3", 4, new SmallMachine(Arch.X86));
    assertThat(two.expression()).isEqualTo(2);
    assertThat(two.position()).isEqualTo(7);
    assertThat(two.expression()).isEqualTo(2);
    assertThat(two.position()).isEqualTo(9);
  }

  @Test
  void nesting_without_end_is_a_syntax_error() {
    String deep = "(".repeat(100_000) + "1";
    assertThatThrownBy(() -> Evaluator.evaluate(deep, new SmallMachine(Arch.X86)))
        .isInstanceOf(ExpressionException.class)
        .hasMessageStartingWith("Syntax error at '");
  }
}
