// SPDX-License-Identifier: Apache-2.0
/**
 * Cabinets: the compressed files of symbol stores ({@code ntoskrnl.pd_}, {@code driver.sy_}).
 *
 * <p>{@link org.jkd.cabinet.Cabinet} reads the directory and expands one file into a stream, block
 * by block, never holding more than a window. The blocks are stored, MSZIP ({@link
 * org.jkd.cabinet.MsZip}, whose Deflate is the JDK's) or LZX ({@link org.jkd.cabinet.Lzx}, our own,
 * with its {@link org.jkd.cabinet.BitWords} and {@link org.jkd.cabinet.PrefixCode}). Cabinets come
 * from servers and are not trusted: every count has a limit, every block a checksum, and the names
 * in them are only ever compared, never used as paths.
 */
@NullMarked
package org.jkd.cabinet;

import org.jspecify.annotations.NullMarked;
