// SPDX-License-Identifier: Apache-2.0
/**
 * Program databases (PDB 7.0).
 *
 * <p>{@link org.jkd.pdb.Msf} is the container: numbered streams of scattered blocks, read in place.
 * {@link org.jkd.pdb.Pdb} opens one and knows what the streams are: identity, section headers,
 * {@link org.jkd.pdb.Omap}, public symbols, module symbols, section contributions and x86 unwind
 * records. Symbols are kept as primitive columns ({@link org.jkd.pdb.SymbolColumns}); a name is
 * decoded when somebody wants to see it. {@link org.jkd.pdb.Compiland} is what one object file
 * gave: its procedures, lines, inlined calls and variables; {@link org.jkd.pdb.Tpi} is the types.
 *
 * <p>Compressed containers ({@code Msfz}) are expanded stream by stream. {@link
 * org.jkd.pdb.Trampolines} are the jumps of incremental links; {@code CrossReferences} leads to the
 * types and functions that code generated at link time takes from other compilands.
 *
 * <p>A file that is opened by its path is read in pages ({@code FilePages}) until that has cost as
 * much as reading all of it; then it is mapped. Only one thread may ask a PDB at a time.
 *
 * <p>Most questions cost no pass over the file: contributions lead from an address to a compiland,
 * {@link org.jkd.pdb.PublicMap} to a public symbol, and hash tables from a name to its record.
 *
 * <p>Addresses in symbol records are segment and offset of the image as the linker left it. All
 * RVAs that leave this package, except where a method says otherwise, are those of the final image.
 */
@NullMarked
package org.jkd.pdb;

import org.jspecify.annotations.NullMarked;
