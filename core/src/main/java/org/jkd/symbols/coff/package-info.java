// SPDX-License-Identifier: Apache-2.0
/**
 * The COFF symbol table of image files, which GNU's tools write and Microsoft's wrote until about
 * 2002. {@link org.jkd.symbols.coff.CoffImage} reads the headers with the long names of sections,
 * {@link org.jkd.symbols.coff.CoffTable} the symbols.
 */
@NullMarked
package org.jkd.symbols.coff;

import org.jspecify.annotations.NullMarked;
