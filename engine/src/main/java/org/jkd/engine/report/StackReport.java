// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.engine.diagnosis.BigFrame;
import org.jkd.engine.diagnosis.Buckets;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.engine.diagnosis.OverflowVerdict;
import org.jkd.engine.diagnosis.RepeatedWords;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.engine.diagnosis.Stage;
import org.jkd.engine.diagnosis.Subject;
import org.jkd.engine.diagnosis.Suspect;
import org.jkd.stack.rebuild.RebuiltStack;

/**
 * Everything that is said about one crash.
 *
 * @param owners whom each module with frames comes from, by its name
 * @param crossings in how many stages each module other than the kernel has frames
 * @param repeated a repetition on the raw words, where the frames explain too little to show it
 * @param suspect the module to ask about the crash, if anything names one
 * @param seen drivers that do not come with Windows and have code addresses on the stack; only
 *     where no chain of calls explains it
 * @param vendorNote what to tell the maker of the product that could give bytes back
 */
public record StackReport(
    Subject subject,
    OverflowVerdict verdict,
    RebuiltStack stack,
    StackUsage usage,
    Map<String, ModuleOwner> owners,
    List<ModuleOwner.ProductUsage> products,
    List<Stage> stages,
    Map<String, Integer> crossings,
    List<BigFrame> bigFrames,
    Optional<RepeatedWords> repeated,
    Optional<Suspect> suspect,
    List<Suspect> seen,
    Buckets buckets,
    List<String> advice,
    List<String> vendorNote,
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
