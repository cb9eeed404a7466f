// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.jkd.cpu.Arch;
import org.junit.jupiter.api.Test;

/** Words as the stubs of system services and the processor leave them. */
class StackWordsTest {
  private static final long BASE = 0xb8839000L;
  private static final long KERNEL = 0x80803575L;
  private static final long DRIVER = 0xb7b6722dL;
  private static final long OTHER = 0xb8c41000L;

  private static final long WIDE_BASE = 0xfffff88002726000L;
  private static final long WIDE_KERNEL = 0xfffff80002a7b6d0L;
  private static final long WIDE_DRIVER = 0xfffff88004b3408bL;

  private static String module(long address) {
    if (address >>> 16 == KERNEL >>> 16 || address >>> 16 == WIDE_KERNEL >>> 16) {
      return "nt";
    }
    if (address >>> 16 == DRIVER >>> 16 || address >>> 16 == WIDE_DRIVER >>> 16) {
      return "vole";
    }
    return address >>> 16 == OTHER >>> 16 ? "shrew" : "";
  }

  private static StackWords narrow(long... words) {
    return StackWords.of(Arch.X86, words, BASE, StackWordsTest::module);
  }

  private static StackWords wide(long... words) {
    return StackWords.of(Arch.X64, words, WIDE_BASE, StackWordsTest::module);
  }

  @Test
  void a_stub_that_a_driver_called_is_a_service() {
    // ZwCreateFile of XP: pushfd, push cs, call KiSystemService
    assertThat(narrow(KERNEL, 8, 0x246, DRIVER, 1).services()).isEqualTo(1);
    assertThat(narrow(KERNEL, 8, 0x246, 1, DRIVER).services()).isZero();
    assertThat(narrow(KERNEL, 8, 0x246, KERNEL).services()).isZero();
    assertThat(narrow(DRIVER, 8, 0x246, DRIVER).services()).isZero();
  }

  @Test
  void the_saved_stack_pointer_leads_to_the_caller_on_x64() {
    long at = WIDE_BASE + 5 * 8;
    assertThat(wide(WIDE_KERNEL, 0x10, 0x86, at, 0x18, WIDE_DRIVER).services()).isEqualTo(1);
    assertThat(wide(WIDE_KERNEL, 0x10, 0x86, at + 1, 0x18, WIDE_DRIVER).services()).isZero();
    assertThat(wide(WIDE_KERNEL, 0x10, 0x86, at + 8, 0x18, WIDE_DRIVER).services()).isZero();
    assertThat(wide(WIDE_KERNEL, 0x10, 0x86, 0, 0x18, WIDE_DRIVER).services()).isZero();
    assertThat(wide(WIDE_KERNEL, 0x10, 0x86, Long.MIN_VALUE, 0x18, WIDE_DRIVER).services())
        .isZero();
  }

  @Test
  void a_page_fault_in_a_leaf_that_a_driver_called_is_no_service() {
    assertThat(narrow(KERNEL, 8, 0x10246, DRIVER).services()).isZero(); // the resume flag
    assertThat(narrow(KERNEL, 8, 0xb8839044L, DRIVER).services()).isZero(); // no flags at all
    assertThat(narrow(KERNEL, 8, 0x244, DRIVER).services()).isZero(); // bit 1 is always set
    assertThat(narrow(KERNEL, 8, 0x246).services()).isZero(); // the dump ends
  }

  @Test
  void gaps_above_code_are_charged_to_it() {
    StackWords words = narrow(0, DRIVER, 1, 1, 1, OTHER, KERNEL, 2, DRIVER);
    assertThat(words.bytes()).isEqualTo(Map.of("vole", 20L, "shrew", 4L));
    assertThat(words.room()).isEqualTo(4);
    assertThat(words.largest(m -> true)).contains("vole");
    assertThat(words.largest(m -> m.equals("shrew"))).contains("shrew");
    assertThat(words.largest(m -> false)).isEmpty();
  }

  @Test
  void a_gap_nobody_explains_is_nobodys() {
    long[] words = new long[0x1000];
    words[0] = DRIVER;
    assertThat(narrow(words).bytes()).isEqualTo(Map.of("vole", 0x400L));
  }

  @Test
  void a_stack_looks_full_where_services_nest_down_to_its_end() {
    long[] words = new long[0xc00];
    service(words, 0x800);
    service(words, 0x100);
    assertThat(narrow(words).enteredAgain()).isTrue();
    assertThat(narrow(words).looksFull()).isTrue();
    words[0x103] = 0;
    assertThat(narrow(words).enteredAgain()).isFalse();
    service(words, 0x400);
    assertThat(narrow(words).enteredAgain()).isTrue();
    assertThat(narrow(words).looksFull()).isFalse(); // 0x100c bytes were left
  }

  private static void service(long[] words, int at) {
    words[at] = KERNEL;
    words[at + 1] = 8;
    words[at + 2] = 0x202;
    words[at + 3] = DRIVER;
  }

  @Test
  void no_words_say_nothing() {
    assertThat(narrow()).isEqualTo(StackWords.NONE);
  }
}
