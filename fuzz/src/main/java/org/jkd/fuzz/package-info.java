// SPDX-License-Identifier: Apache-2.0
/**
 * What a coverage-guided fuzzer runs. {@link org.jkd.fuzz.Reader} lists what reads foreign bytes
 * and says for each what must never happen; {@link org.jkd.fuzz.Fuzz} is the fuzzer's way in;
 * {@link org.jkd.fuzz.Seeds} writes small files to start from. {@code fuzz/README.md} says how to
 * run it.
 */
@NullMarked
package org.jkd.fuzz;

import org.jspecify.annotations.NullMarked;
