// SPDX-License-Identifier: Apache-2.0
/**
 * The machine of the reference case: what its modules, functions and stack are, kept as compact
 * tables of facts, and how memory, images and symbol files follow from them.
 *
 * <p>Start with {@link org.jkd.sample.reference.Routines}: every function of the stack with its
 * calls. {@link org.jkd.sample.reference.StackBuilder} walks the calls from the outermost to the
 * innermost and leaves the stack that they leave; {@link org.jkd.sample.reference.RoutineCode}
 * makes machine code of them that uses exactly as much stack.
 */
@NullMarked
package org.jkd.sample.reference;

import org.jspecify.annotations.NullMarked;
