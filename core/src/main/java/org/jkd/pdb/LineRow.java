// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

/**
 * A source line and the code that was made of it.
 *
 * @param file as the compiler was given it
 * @param column from 1; 0 when unknown
 * @param start bytes from the start of what the caller asked about: a section or a function
 * @param end behind the last byte
 */
public record LineRow(String file, int line, int column, long start, long end) {}
