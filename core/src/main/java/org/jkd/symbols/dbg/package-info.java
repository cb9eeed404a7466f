// SPDX-License-Identifier: Apache-2.0
/**
 * The .dbg files of Windows NT 4.0 and 2000: debugging information that was split off an image.
 * {@link org.jkd.symbols.dbg.DbgFile} reads the directory, {@link
 * org.jkd.symbols.dbg.CodeViewSymbols} symbols that are embedded in the old CodeView format (NB09,
 * NB11), {@link org.jkd.symbols.dbg.DbgFormat} puts them together with COFF symbols, FPO records
 * and address maps.
 *
 * <p>Sources of the layouts: winnt.h, and Microsoft's "Visual C++ 5.0 Symbolic Debug Information
 * Specification".
 */
@NullMarked
package org.jkd.symbols.dbg;

import org.jspecify.annotations.NullMarked;
