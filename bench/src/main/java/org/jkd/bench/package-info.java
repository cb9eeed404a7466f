// SPDX-License-Identifier: Apache-2.0
/** Benchmarks, one class per subject; see bench/README.md for how to run and to read them. */
@NullMarked
package org.jkd.bench;

import org.jspecify.annotations.NullMarked;
