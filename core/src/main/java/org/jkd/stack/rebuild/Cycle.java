// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

/**
 * A sequence of call sites that repeats on consecutive frames.
 *
 * @param first index of the innermost frame of the innermost repetition
 * @param period frames in one repetition
 * @param count repetitions, at least 2
 * @param bytes stack that all repetitions own together
 */
public record Cycle(int first, int period, int count, long bytes) {}
