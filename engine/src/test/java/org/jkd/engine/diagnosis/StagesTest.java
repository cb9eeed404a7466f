// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.sample.SharedFolder;
import org.jkd.stack.rebuild.RebuiltStack;
import org.junit.jupiter.api.Test;

/** The five stages that an expert sees in the reference case, and its sums. */
class StagesTest {
  private static RebuiltStack stack() throws Exception {
    Optional<Path> frames = SharedFolder.find("case/frames.tsv");
    assumeTrue(frames.isPresent(), "needs ../shared/case");
    return ReferenceStack.read(frames.orElseThrow());
  }

  @Test
  void the_reference_case_has_five_stages() throws Exception {
    List<Stage> stages = Stages.of(stack());
    assertThat(stages.stream().map(Stage::rows)).containsExactly(9, 33, 28, 28, 18);
    assertThat(stages.stream().map(Stage::bytes)).containsExactly(996L, 3232L, 2844L, 3300L, 944L);
    assertThat(stages.stream().map(Stage::entry))
        .containsExactly(
            Stage.Entry.USER_SERVICE,
            Stage.Entry.KERNEL_API,
            Stage.Entry.KERNEL_SERVICE,
            Stage.Entry.TRAP,
            Stage.Entry.TRAP);
    assertThat(stages.get(1).title())
        .isEqualTo("nt!IoCreateFileSpecifyDeviceObjectHint called by BossHog01+0xb4ae");
    assertThat(stages.get(2).title()).isEqualTo("nt!ZwClose called by MamaHog+0x5c2d");
    assertThat(stages.get(1).completions()).contains("BabyHog");
  }

  @Test
  void the_filter_trio_is_crossed_four_times() throws Exception {
    Map<String, Integer> crossings = Stages.crossings(Stages.of(stack()));
    assertThat(crossings).containsEntry("BabyHog", 4).containsEntry("BossHog", 4);
    assertThat(crossings).containsEntry("BossHog01", 5).containsEntry("daddyHog", 1);
  }

  @Test
  void the_sums_per_module_are_those_of_the_listing() throws Exception {
    StackUsage usage = StackUsage.of(stack());
    assertThat(usage.bytesOf("Ntfs")).isEqualTo(4004);
    assertThat(usage.bytesOf("nt")).isEqualTo(2652);
    assertThat(usage.bytesOf("MamaHog")).isEqualTo(1292);
    long product =
        usage.modules().stream()
            .filter(r -> r.name().endsWith("Hog") || r.name().equals("BossHog01"))
            .mapToLong(StackUsage.Row::bytes)
            .sum();
    assertThat(product).isEqualTo(4496);
    assertThat(usage.size()).isEqualTo(0x3000);
    assertThat(usage.attributed() + usage.unattributed()).isEqualTo(usage.size());
    assertThat(usage.modules().getFirst().name()).isEqualTo("Ntfs");
  }
}
