// SPDX-License-Identifier: Apache-2.0
/**
 * MASM and C++ expressions as kd evaluates them.
 *
 * <p>{@link org.jkd.engine.expr.Evaluator} reads one expression out of a command line and says
 * where it ended; what it wants to know of the target comes through {@link
 * org.jkd.engine.expr.ExpressionContext}. Errors carry kd's words and the place.
 *
 * <p>{@link org.jkd.engine.expr.CxxEvaluator} does the same for C++: a value has a type, and memory
 * is read only when a number is needed.
 */
@NullMarked
package org.jkd.engine.expr;

import org.jspecify.annotations.NullMarked;
