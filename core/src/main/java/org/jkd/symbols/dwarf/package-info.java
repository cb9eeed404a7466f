// SPDX-License-Identifier: Apache-2.0
/**
 * DWARF, versions 2 to 5, as GNU's and LLVM's compilers write it into image files for Windows.
 *
 * <p>{@link org.jkd.symbols.dwarf.DwarfFormat} finds the sections, in the image or in the file that
 * its {@code .gnu_debuglink} names. {@link org.jkd.symbols.dwarf.InfoReader} walks the entries of
 * {@code .debug_info} for functions, variables and inlined calls, {@link
 * org.jkd.symbols.dwarf.LineReader} runs the line programs; {@link
 * org.jkd.symbols.dwarf.DwarfSymbols} answers questions. {@code DwarfTypes} reads types and the
 * types of variables in a walk of its own when the first is asked for. Local variables and {@code
 * .dwo} files are not read.
 *
 * <p>Source of all layouts: the DWARF standard, versions 4 and 5.
 */
@NullMarked
package org.jkd.symbols.dwarf;

import org.jspecify.annotations.NullMarked;
