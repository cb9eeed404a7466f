// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/**
 * A range of memory.
 *
 * @param start its first byte
 * @param count how many units it holds
 */
public record Range(long start, long count) {}
