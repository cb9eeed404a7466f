// SPDX-License-Identifier: Apache-2.0
/** Symbols: where they are looked for, and address to name, name to address, types. */
@NullMarked
package org.jkd.symbols;

import org.jspecify.annotations.NullMarked;
