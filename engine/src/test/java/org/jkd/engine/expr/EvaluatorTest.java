// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluatorTest {

  /** Values in hexadecimal, 64 bits, as kernel-mode kd computes them on a 32-bit target. */
  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        // numbers
        "0 ; 0",
        "10 ; 10",
        "0x10 ; 10",
        "0X1f ; 1f",
        "0n10 ; a",
        "0N255 ; ff",
        "0t17 ; f",
        "0y101 ; 5",
        "0Y1111`0000 ; f0",
        "0x ; 0",
        "0n ; 0",
        "1fh ; 1f",
        "0ffh ; ff",
        "10H ; 10",
        "add ; add",
        "BeeF ; beef",
        "4176/1024 ; 4",
        "7fffffff ; 7fffffff",
        "80000000 ; ffffffff80000000",
        "0`80000000 ; 80000000",
        "00000000`ffffffff ; ffffffff",
        "ffffffff ; ffffffffffffffff",
        "0x0FFFFFD70 ; fffffffffffffd70",
        "100000000 ; 100000000",
        "ffffffff`80000000 ; ffffffff80000000",
        "1`00000000 ; 100000000",
        "ffffffffffffffff ; ffffffffffffffff",
        "0n4294967295 ; ffffffffffffffff",
        "0n2147483647 ; 7fffffff",
        // arithmetic and precedence
        "1+2 ; 3",
        "1 + 2 ; 3",
        "1+2*3 ; 7",
        "(1+2)*3 ; 9",
        "10-1 ; f",
        "1-2 ; ffffffffffffffff",
        "10/3 ; 5",
        "10 % 3 ; 1",
        "10 mod 3 ; 1",
        "0n10 MOD 3 ; 1",
        "2*3+4*5 ; 1a",
        "20-8-4 ; 14",
        "40/4/2 ; 8",
        "1<<4 ; 10",
        "1 << 0n40 ; 10000000000",
        "100>>4 ; 10",
        "ffffffff>>>4 ; ffffffffffffffff",
        "ffffffff >> 4 ; fffffffffffffff",
        "1 << 40 ; 0",
        "1+1<<1+1 ; 8",
        "f0&3c ; 30",
        "f0 and 3c ; 30",
        "f0|f ; ff",
        "f0 or f ; ff",
        "ff^f ; f0",
        "ff xor f ; f0",
        "1|2&3 ; 3",
        "6^3&1 ; 7",
        "1|6^7 ; 1",
        "ff&f+1 ; 10",
        "3&1==1 ; 1",
        // comparisons
        "1==1 ; 1",
        "1=1 ; 1",
        "1==2 ; 0",
        "1!=2 ; 1",
        "1<2 ; 1",
        "2<1 ; 0",
        "2>1 ; 1",
        "2>=2 ; 1",
        "3<=2 ; 0",
        "ffffffff>1 ; 1",
        "1<2==1 ; 1",
        // unary
        "-1 ; ffffffffffffffff",
        "-(1+1) ; fffffffffffffffe",
        "--1 ; 1",
        "+5 ; 5",
        "5--1 ; 6",
        "5*-1 ; fffffffffffffffb",
        "not 0 ; 1",
        "not 5 ; 0",
        "not(0) ; 1",
        "hi 12345678 ; 1234",
        "hi(12345678) ; 1234",
        "low 12345678 ; 5678",
        "low(ffff1234) ; 1234",
        "by(1000) ; 78",
        "by 1000 ; 78",
        "wo(1000) ; 5678",
        "dwo(1000) ; 12345678",
        "qwo(1000) ; 8081df6512345678",
        "poi(1000) ; 12345678",
        "poi(1004) ; ffffffff8081df65",
        "dwo(1004) ; 8081df65",
        "poi(poi(1008)) ; 12345678",
        "poi(1000)+1 ; 12345679",
        "poi 1000 + 1 ; 12345679",
        "POI(1000) ; 12345678",
        "poi(nt!Table) ; 12345678",
        // registers and pseudo-registers
        "esp ; 1000",
        "@esp ; 1000",
        "@esp+4 ; 1004",
        "eip ; ffffffff8081df65",
        "@eip ; ffffffff8081df65",
        "@ax ; beef",
        "@al ; ef",
        "@ah ; be",
        "ah ; a",
        "@$ip ; 8081df65",
        "$ip ; 8081df65",
        ". ; 8081df65",
        ".+1 ; 8081df66",
        "@$t0 ; 42",
        "$t1 ; 0",
        "@$ptrsize ; 4",
        "poi(@esp) ; 12345678",
        // symbols
        "nt!KiTrap08 ; ffffffff80890000",
        "nt!kitrap08 ; ffffffff80890000",
        "nt!KiTrap08+0x10 ; ffffffff80890010",
        "nt!KiTrap08 + 10 ; ffffffff80890010",
        "KiTrap08 ; ffffffff80890000",
        "nt ; ffffffff80800000",
        "nt+20 ; ffffffff80800020",
        "!add ; ffffffff80895000",
        "@!\"nt!KiTrap08\" ; ffffffff80890000",
        "BossHog!DEVICEDISPATCH::DispatchPassThrough+0x48 ; ffffffffb80cf3b7",
        "nt!KiTrap08!=nt!KiTrap08 ; 0",
        // functions and evaluators
        "$vvalid(1000,4) ; 1",
        "$vvalid(5000,4) ; 0",
        "$scmp(\"a\",\"b\") ; ffffffffffffffff",
        "$scmp(\"a\",\"a\") ; 0",
        "$sicmp(\"A\",\"a\") ; 0",
        "$spat(\"BossHog\",\"boss*\") ; 1",
        "$spat(\"BossHog\",\"b[a-n]*\") ; 0",
        "@@masm(1+2) ; 3",
        "@@masm(1+2)*2 ; 6",
      })
  void expressions_have_the_value_that_kd_gives_them(String text, String hex) {
    assertThat(Long.toHexString(Evaluator.evaluate(text, new Fixture(Arch.X86)))).isEqualTo(hex);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\0',
      value = {
        "foo ; Couldn't resolve error at 'foo'",
        "foo+1 ; Couldn't resolve error at 'foo+1'",
        "1+foo ; Couldn't resolve error at 'foo'",
        "nt!Missing ; Couldn't resolve error at 'nt!Missing'",
        "1+ ; Syntax error at ''",
        "(1 ; Syntax error at ''",
        "1+*2 ; Syntax error at '*2'",
        ") ; Syntax error at ')'",
        "@xyz ; Bad register error at '@xyz'",
        "@ ; Bad register error at '@'",
        "@$nope ; Bad register error at '@$nope'",
        "1/0 ; Operand error at '0'",
        "1 % 0 ; Operand error at '0'",
        "1 mod (2-2) ; Operand error at ')'",
        "poi(0) ; Memory access error at ')'",
        "by 0 ; Memory access error at '0'",
        "1 2 ; Extra character error at '2'",
        "12zz ; Extra character error at 'zz'",
        "10000000000000000 ; Overflow error at '10000000000000000'",
        "0n18446744073709551616 ; Overflow error at '0n18446744073709551616'",
        "$nofunction(1) ; Couldn't resolve error at '$nofunction(1)'",
        "$spat(1,2) ; Syntax error at '1,2)'",
        "`file.c:12` ; Couldn't resolve error at '`file.c:12`'",
      })
  void errors_have_the_words_of_kd(String text, String message) {
    assertThatThrownBy(() -> Evaluator.evaluate(text, new Fixture(Arch.X86)))
        .isInstanceOf(ExpressionException.class)
        .hasMessage(message);
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "@rsp ; fffff80000001000",
        "@r8 ; 1122334455667788",
        "@r8d ; 55667788",
        "@r8w ; 7788",
        "@r8b ; 88",
        "@eax ; 1234beef",
        "@sil ; 0",
        "poi(@rsp) ; 8081df6512345678",
        "fffff800`00001000 ; fffff80000001000",
        "@$ptrsize ; 8",
        "@r16d+1 ; error",
        "r8 ; 1122334455667788",
      })
  void a_64_bit_target_has_its_own_registers(String text, String hex) {
    Fixture x64 = new Fixture(Arch.X64);
    if (hex.equals("error")) {
      assertThatThrownBy(() -> Evaluator.evaluate(text, x64))
          .isInstanceOf(ExpressionException.class);
    } else {
      assertThat(Long.toHexString(Evaluator.evaluate(text, x64))).isEqualTo(hex);
    }
  }

  @Test
  void user_mode_does_not_extend_constants() {
    Fixture user = new Fixture(Arch.X86);
    user.kernel = false;
    assertThat(Evaluator.evaluate("80000000", user)).isEqualTo(0x8000_0000L);
  }

  @Test
  void the_radix_counts_for_numbers_without_a_prefix_only() {
    Fixture decimal = new Fixture(Arch.X86);
    decimal.radix = 10;
    assertThat(Evaluator.evaluate("4176/1024", decimal)).isEqualTo(4);
    assertThat(Evaluator.evaluate("10+0x10+10h", decimal)).isEqualTo(42);
    decimal.radix = 8;
    assertThat(Evaluator.evaluate("17", decimal)).isEqualTo(15);
  }

  @Test
  void an_expression_ends_where_no_operator_follows() {
    Evaluator two = new Evaluator("dps 1+1 2 L3", 4, new Fixture(Arch.X86));
    assertThat(two.expression()).isEqualTo(2);
    assertThat(two.position()).isEqualTo(7);
    assertThat(two.expression()).isEqualTo(2);
    assertThat(two.position()).isEqualTo(9);
  }

  @Test
  void nesting_without_end_is_a_syntax_error() {
    String deep = "(".repeat(100_000) + "1";
    assertThatThrownBy(() -> Evaluator.evaluate(deep, new Fixture(Arch.X86)))
        .isInstanceOf(ExpressionException.class)
        .hasMessageStartingWith("Syntax error at '");
  }

  /** A small machine: 12 bytes at 0x1000 and at the stack pointer, three symbols. */
  private static final class Fixture implements ExpressionContext {
    private static final Map<String, Long> SYMBOLS =
        Map.of(
            "nt", 0x8080_0000L,
            "nt!kitrap08", 0x8089_0000L,
            "kitrap08", 0x8089_0000L,
            "nt!table", 0x1000L,
            "add", 0x8089_5000L,
            "bosshog!devicedispatch::dispatchpassthrough", 0xb80c_f36fL);
    private static final long[] WORDS = {0x1234_5678L, 0x8081_df65L, 0x1000L};

    private final Arch arch;
    private boolean kernel = true;
    private int radix = 16;

    Fixture(Arch arch) {
      this.arch = arch;
    }

    @Override
    public Arch arch() {
      return arch;
    }

    @Override
    public boolean kernelMode() {
      return kernel;
    }

    @Override
    public int radix() {
      return radix;
    }

    @Override
    public OptionalLong register(String name) {
      CpuContext context =
          CpuContext.unknown(arch)
              .with(Register.RSP, 0xffff_f800_0000_1000L)
              .with(Register.RIP, 0x8081_df65L)
              .with(Register.RAX, 0x1234_beefL)
              .with(Register.R8, 0x1122_3344_5566_7788L);
      if (arch == Arch.X86) {
        context = context.with(Register.RSP, 0x1000);
      }
      var part = RegisterNames.find(arch, name);
      return part.isPresent() ? OptionalLong.of(part.get().of(context)) : OptionalLong.empty();
    }

    @Override
    public OptionalLong pseudoRegister(String name) {
      return switch (name) {
        case "$ip" -> OptionalLong.of(0x8081_df65L);
        case "$t0" -> OptionalLong.of(0x42);
        case "$t1" -> OptionalLong.of(0);
        case "$ptrsize" -> OptionalLong.of(arch.pointerSize());
        default -> OptionalLong.empty();
      };
    }

    @Override
    public OptionalLong symbol(String name) {
      Long address = SYMBOLS.get(name.toLowerCase(Locale.ROOT));
      return address == null ? OptionalLong.empty() : OptionalLong.of(address);
    }

    @Override
    public OptionalLong read(long address, int size) {
      long offset = (address & 0xffff_ffffL) - 0x1000;
      if (offset < 0 || offset + size > 12) {
        return OptionalLong.empty();
      }
      long value = 0;
      for (int i = size - 1; i >= 0; i--) {
        long at = offset + i;
        value = value << 8 | (WORDS[(int) (at / 4)] >>> 8 * (at % 4) & 0xff);
      }
      return OptionalLong.of(value);
    }

    @Override
    public OptionalLong readPhysical(long address, int size) {
      return read(address, size);
    }
  }
}
