// SPDX-License-Identifier: Apache-2.0
/**
 * Symbols in the intermediate symbol format (ISF) of Volatility 3: JSON, mostly compressed with xz.
 *
 * <p>{@link org.jkd.engine.isf.IsfFormat} is handed to the symbol loader; it needs libraries for
 * JSON and xz, which is why it lives here and not beside the PDB reader.
 */
@NullMarked
package org.jkd.engine.isf;

import org.jspecify.annotations.NullMarked;
