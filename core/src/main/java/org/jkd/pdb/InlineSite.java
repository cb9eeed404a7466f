// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

/**
 * A call that the compiler replaced by the function's code (S_INLINESITE).
 *
 * @param id the function, an index of the stream of identifiers
 * @param name with its scopes
 * @param start where the piece of code that was asked about begins, bytes from the start of the
 *     function around it
 * @param file the source of that piece
 * @param line 0 when unknown
 */
public record InlineSite(int id, String name, long start, String file, int line) {}
