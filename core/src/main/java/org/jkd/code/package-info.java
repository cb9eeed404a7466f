// SPDX-License-Identifier: Apache-2.0
/**
 * What machine code says about the stack.
 *
 * <p>{@link org.jkd.code.CodeSpace} is the door: it knows the code of all modules ({@link
 * org.jkd.code.CodeImage}: dump memory, holes filled from image files) and answers three questions.
 * Which function does an address belong to ({@link org.jkd.code.FunctionCode}); where does that
 * function keep its return address while it stands at an instruction ({@link
 * org.jkd.code.StackState}, {@link org.jkd.code.Depth}); and what was called by the call before a
 * return address ({@link org.jkd.code.CallSite}).
 *
 * <p>{@link org.jkd.code.KnownCode} keeps what holds for other dumps with the same code.
 *
 * <p>Below it: {@code FunctionScan} finds where functions start and {@code FunctionMap} keeps it,
 * {@code FlowGraph} follows one function's control flow, {@code Op} is an instruction reduced to
 * what matters for the stack, {@code State} and {@code Value} are the abstract registers and stack
 * slots, {@code StackFlow} runs them to a fixed point, {@code PopSolver} finds how many bytes
 * callees pop when nobody says so, and {@code Inliner} steps through helpers that build or tear
 * down their caller's frame.
 */
@NullMarked
package org.jkd.code;

import org.jspecify.annotations.NullMarked;
