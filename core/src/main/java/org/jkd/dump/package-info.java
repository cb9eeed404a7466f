// SPDX-License-Identifier: Apache-2.0
/**
 * Kernel dump files. Start at {@link org.jkd.dump.DumpFile#open}: it recognises the container
 * ({@link org.jkd.dump.DumpFormat}), reads the {@link org.jkd.dump.DumpHeader} and gives a {@link
 * org.jkd.dump.Dump}, which holds either physical pages, blocks of virtual memory, or nothing but
 * the header.
 *
 * <p>Layouts are those of public headers and public implementations; every reader names the section
 * of the notes that it follows. Writers fill their headers with the pattern {@code PAGE} first:
 * fields that still hold it are absent.
 */
@NullMarked
package org.jkd.dump;

import org.jspecify.annotations.NullMarked;
