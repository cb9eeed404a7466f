// SPDX-License-Identifier: Apache-2.0
/**
 * C++ names out of Microsoft's decorated form.
 *
 * <p>{@link org.jkd.symbols.undecorate.Undecorator} is the door. Behind it {@link
 * org.jkd.symbols.undecorate.SymbolReader} reads whole symbols, {@link
 * org.jkd.symbols.undecorate.NameReader} names with their scopes and template arguments, {@link
 * org.jkd.symbols.undecorate.TypeReader} types; all three move one {@link
 * org.jkd.symbols.undecorate.Scan} over the text, which also holds what back-references point to.
 * The result is a tree of {@link org.jkd.symbols.undecorate.Name}, {@link
 * org.jkd.symbols.undecorate.Type} and {@link org.jkd.symbols.undecorate.Declared}, which {@link
 * org.jkd.symbols.undecorate.Printer} writes in one of two {@link
 * org.jkd.symbols.undecorate.Style}s.
 *
 * <p>Back-references make trees share their parts, so that a short name can stand for an enormous
 * text. Depth, steps and length are therefore limited, and a name beyond them counts as unreadable.
 */
@NullMarked
package org.jkd.symbols.undecorate;

import org.jspecify.annotations.NullMarked;
