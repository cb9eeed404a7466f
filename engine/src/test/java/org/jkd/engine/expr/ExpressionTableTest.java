// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.engine.testing.Transcript;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A table of expressions with the values that the rules of kd's documentation give them. */
class ExpressionTableTest {
  /** A line of the table. */
  record Row(String machine, String expression, String expected, String rule) {
    @Override
    public String toString() {
      return machine + ": " + expression + " (" + rule + ")";
    }
  }

  static List<Row> rows() throws IOException {
    return Transcript.text(ExpressionTableTest.class, "expressions.tsv")
        .lines()
        .filter(l -> !l.startsWith("#"))
        .map(l -> l.split("\t", -1))
        .map(f -> new Row(f[0], f[1].replace("\\t", "\t"), f[2], f[3]))
        .toList();
  }

  private static SmallMachine machine(String name) {
    SmallMachine machine = new SmallMachine(name.equals("x64") ? Arch.X64 : Arch.X86);
    machine.kernel = !name.endsWith("user");
    machine.radix = name.endsWith("r10") ? 10 : name.endsWith("r8") ? 8 : 16;
    return machine;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void expressions_are_worth_what_the_rules_say(Row row) {
    if (row.expected.contains("error at")) {
      assertThatThrownBy(() -> Evaluator.evaluate(row.expression, machine(row.machine)))
          .isInstanceOf(ExpressionException.class)
          .hasMessage(row.expected);
    } else {
      long value = Evaluator.evaluate(row.expression, machine(row.machine));
      assertThat(Long.toHexString(value)).isEqualTo(row.expected);
    }
  }

  @Test
  void the_table_is_long_and_has_every_kind_of_trap() throws IOException {
    List<Row> rows = rows();
    assertThat(rows).hasSizeGreaterThanOrEqualTo(200).doesNotHaveDuplicates();
    for (String trap : List.of("radix trap", "sign-extends", "bind", "unknown", "overflow")) {
      assertThat(rows).as(trap).anyMatch(r -> r.rule.contains(trap));
    }
  }
}
