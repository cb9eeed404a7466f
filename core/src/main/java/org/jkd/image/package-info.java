// SPDX-License-Identifier: Apache-2.0
/**
 * Bytes and memory: mapped files, physical pages, page tables and virtual memory that says why a
 * byte cannot be read.
 */
@NullMarked
package org.jkd.image;

import org.jspecify.annotations.NullMarked;
