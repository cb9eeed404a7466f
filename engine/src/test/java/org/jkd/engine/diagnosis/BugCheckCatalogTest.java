// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BugCheckCatalogTest {
  @Test
  void a_double_fault_is_named_also_with_the_bit_of_small_dumps() {
    assertThat(BugCheckCatalog.of(0x7f).name()).isEqualTo("UNEXPECTED_KERNEL_MODE_TRAP");
    assertThat(BugCheckCatalog.of(0x1000007fL).code()).isEqualTo(0x7f);
    assertThat(BugCheckCatalog.trapName(8)).isEqualTo("EXCEPTION_DOUBLE_FAULT");
    assertThat(BugCheckCatalog.trapName(0x11)).isEqualTo("EXCEPTION_ALIGNMENT_CHECK");
  }

  @Test
  void an_unknown_code_says_so_and_codes_of_eight_digits_are_kept() {
    assertThat(BugCheckCatalog.of(0x4242).name()).contains("4242");
    assertThat(BugCheckCatalog.of(0xdeaddeadL).name()).isEqualTo("MANUALLY_INITIATED_CRASH1");
    assertThat(BugCheckCatalog.of(1).arguments().get(2)).contains(" | ");
    assertThat(BugCheckCatalog.of(0xd1).arguments()).hasSize(4);
  }
}
