// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.Optional;

/**
 * A function whose code the compiler put into its caller.
 *
 * @param rva where its code begins
 * @param line the place in its source; of all but the innermost one that of the call inside it
 */
public record InlineFrame(String name, long rva, Optional<SourceLine> line) {}
