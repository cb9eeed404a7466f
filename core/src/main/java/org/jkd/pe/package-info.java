// SPDX-License-Identifier: Apache-2.0
/**
 * Portable executables, as files and as they lie in a target's memory.
 *
 * <p>Start at {@link org.jkd.pe.PeImage}: it reads the headers and hands out bytes by RVA whatever
 * the layout. One class each reads a table: {@link org.jkd.pe.ExportTable}, {@link
 * org.jkd.pe.ImportTable}, {@link org.jkd.pe.DebugDirectory}, {@link org.jkd.pe.VersionInfo},
 * {@link org.jkd.pe.RuntimeFunctions}, {@link org.jkd.pe.Relocations} and {@link
 * org.jkd.pe.LoadConfig}. Pages of an image in a dump are often missing, so a table keeps what it
 * could read and lists what it could not in its {@code problems}. {@link org.jkd.pe.LoadedImage}
 * turns an image file into the memory that it would occupy at some base.
 *
 * <p>Layouts are those of the public "PE Format" specification of Microsoft.
 */
@NullMarked
package org.jkd.pe;

import org.jspecify.annotations.NullMarked;
