// SPDX-License-Identifier: Apache-2.0
/** The map files of Microsoft's linker and of lld, {@code /MAP}. */
@NullMarked
package org.jkd.symbols.map;

import org.jspecify.annotations.NullMarked;
