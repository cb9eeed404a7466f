// SPDX-License-Identifier: Apache-2.0
/**
 * From a rebuilt stack to a verdict: what happened, where every byte went, how the stack was
 * re-entered, and who could give bytes back.
 *
 * <p>Everything here is a pure function of facts to records; nothing prints. {@link
 * org.jkd.engine.diagnosis.StackUsage} counts bytes, {@link org.jkd.engine.diagnosis.Stages} cuts
 * the stack where the kernel was entered anew, {@link org.jkd.engine.diagnosis.WordPeriods} finds
 * recursion where no frame can be trusted.
 */
@NullMarked
package org.jkd.engine.diagnosis;

import org.jspecify.annotations.NullMarked;
