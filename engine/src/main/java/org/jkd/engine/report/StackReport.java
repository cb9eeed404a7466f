// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.engine.diagnosis.BigFrame;
import org.jkd.engine.diagnosis.Buckets;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.engine.diagnosis.Stage;
import org.jkd.engine.diagnosis.Subject;
import org.jkd.engine.diagnosis.WordPeriods;
import org.jkd.stack.rebuild.RebuiltStack;

/**
 * Everything that is said about one crash.
 *
 * @param crossings in how many stages each module other than the kernel has frames
 * @param period a repetition on the raw words, where one was found
 */
public record StackReport(
    Subject subject,
    OverflowVerdict verdict,
    RebuiltStack stack,
    StackUsage usage,
    List<ModuleOwner.ProductUsage> products,
    List<Stage> stages,
    Map<String, Integer> crossings,
    List<BigFrame> bigFrames,
    Optional<WordPeriods.Period> period,
    Buckets buckets,
    List<String> advice,
    List<String> notes) {

  /**
   * The least share of the stack that frames must explain before bytes are laid at anybody's door.
   */
  public static final double ENOUGH = 0.8;

  /** True when enough of the stack is explained to say who used it. */
  public boolean covered() {
    return usage.coverage() >= ENOUGH;
  }

  /** The bytes of everything that does not come with Windows: what somebody could give back. */
  public long removable() {
    return products.stream()
        .filter(p -> p.origin() == ModuleOwner.Origin.THIRD_PARTY)
        .mapToLong(ModuleOwner.ProductUsage::bytes)
        .sum();
  }
}
