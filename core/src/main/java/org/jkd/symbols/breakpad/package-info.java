// SPDX-License-Identifier: Apache-2.0
/**
 * Breakpad symbol files ({@code .sym}): names and unwind rules as text, as Mozilla and others keep
 * them. {@link org.jkd.symbols.breakpad.BreakpadFormat} reads one.
 */
@NullMarked
package org.jkd.symbols.breakpad;

import org.jspecify.annotations.NullMarked;
