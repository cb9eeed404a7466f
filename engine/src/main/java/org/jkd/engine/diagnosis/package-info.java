// SPDX-License-Identifier: Apache-2.0
/**
 * From a rebuilt stack to a verdict: what happened, where every byte went, how the stack was
 * re-entered, and who could give bytes back.
 *
 * <p>Everything here makes records from facts; nothing prints. {@link
 * org.jkd.engine.diagnosis.FaultFactsReader} gathers what a dump says about the fault, {@link
 * org.jkd.engine.diagnosis.OverflowRules} decides from that, and from that alone, whether a stack
 * ran out. {@link org.jkd.engine.diagnosis.StackUsage} counts bytes, {@link
 * org.jkd.engine.diagnosis.Stages} cuts the stack where the kernel was entered anew, {@link
 * org.jkd.engine.diagnosis.WordPeriods} finds recursion where no frame can be trusted, {@link
 * org.jkd.engine.diagnosis.DispatchLoop} exceptions within exceptions. {@link
 * org.jkd.engine.diagnosis.Suspects} says whom to ask, {@link org.jkd.engine.diagnosis.Advice} and
 * {@link org.jkd.engine.diagnosis.VendorNote} what to say, {@link org.jkd.engine.diagnosis.Buckets}
 * which crashes belong together.
 */
@NullMarked
package org.jkd.engine.diagnosis;

import org.jspecify.annotations.NullMarked;
