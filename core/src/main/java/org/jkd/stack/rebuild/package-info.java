// SPDX-License-Identifier: Apache-2.0
/**
 * The reconstructor: rebuilds a stack that no walker can walk, from anchors, code and words.
 *
 * <p>Start at {@link org.jkd.stack.rebuild.RebuiltStack}: the frames from the innermost outwards,
 * each with its {@link org.jkd.stack.rebuild.Trust} and the evidence for it, the ranges that no
 * frame explains as {@link org.jkd.stack.rebuild.Gap}s, and the {@link
 * org.jkd.stack.rebuild.Cycle}s. A frame is never without trust, a gap is never bridged in silence.
 */
@NullMarked
package org.jkd.stack.rebuild;

import org.jspecify.annotations.NullMarked;
