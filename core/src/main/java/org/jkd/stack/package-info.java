// SPDX-License-Identifier: Apache-2.0
/**
 * Call stacks. {@link org.jkd.stack.StackWalker} walks as kd walks, also where kd fails: by FPO and
 * FrameData records, the EBP chain, trap frames and task gates on x86, by unwind information on
 * x64. What a walk needs to know about code comes through {@link org.jkd.stack.CodeSource} (usually
 * a {@link org.jkd.stack.CodeMap}), what it needs to know about the machine through {@link
 * org.jkd.stack.StackEnvironment}. The result is a {@link org.jkd.stack.CallStack}: rows with
 * everything that the {@code k} commands print, and notes on what was missing.
 */
@NullMarked
package org.jkd.stack;

import org.jspecify.annotations.NullMarked;
