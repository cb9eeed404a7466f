// SPDX-License-Identifier: Apache-2.0
/**
 * Symbol stores: finding a file by name and key in folders and on servers, and keeping what servers
 * sent.
 *
 * <p>{@link org.jkd.symbols.store.Stores} is asked for a {@link org.jkd.symbols.store.Wanted} file
 * along a {@link org.jkd.symbols.store.StoreChain}. It looks into folders ({@link
 * org.jkd.symbols.store.FolderStore}), asks servers ({@link org.jkd.symbols.store.HttpStore}, whose
 * single requests are {@link org.jkd.symbols.store.Download}s), and copies what it found into the
 * stores before it ({@link org.jkd.symbols.store.CacheFolder}).
 *
 * <p>Nothing here is trusted: names come from images that crashed and from servers, so {@link
 * org.jkd.symbols.store.StoreNames} decides which may become paths; what a server sends enters a
 * cache only when {@link org.jkd.symbols.store.Wanted.Check} found it to be the file that was asked
 * for; and no server is asked unless the symbol path names it.
 */
@NullMarked
package org.jkd.symbols.store;

import org.jspecify.annotations.NullMarked;
