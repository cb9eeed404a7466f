// SPDX-License-Identifier: Apache-2.0
/**
 * Expands Zstandard frames (RFC 8878), as they stand in compressed program databases. {@link
 * org.jkd.zstd.Zstd} walks frames and blocks; literals come from a {@link
 * org.jkd.zstd.PrefixTable}, lengths and offsets from three {@link org.jkd.zstd.StateTable}s, both
 * read by {@link org.jkd.zstd.BackwardBits} from the end of their data to its start. Dictionaries
 * are not supported.
 */
@NullMarked
package org.jkd.zstd;

import org.jspecify.annotations.NullMarked;
