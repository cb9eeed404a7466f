// SPDX-License-Identifier: Apache-2.0
/**
 * Writers of the file formats: {@link org.jkd.sample.format.PeWriter} images, {@link
 * org.jkd.sample.format.PdbWriter} symbol files and {@link org.jkd.sample.format.DumpWriter} crash
 * dumps. A dump is made from {@link org.jkd.sample.format.VirtualMemory}, which {@link
 * org.jkd.sample.format.PageTables} turns into physical pages with real page tables.
 *
 * <p>Every offset is written out here again, from the published layouts, and not taken from the
 * readers.
 */
@NullMarked
package org.jkd.sample.format;

import org.jspecify.annotations.NullMarked;
