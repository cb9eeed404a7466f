// SPDX-License-Identifier: Apache-2.0
/**
 * The program: {@link org.jkd.app.Main} picks a subcommand, {@link org.jkd.app.DebugOptions} reads
 * kd's options, {@link org.jkd.app.DebugRun} opens a dump and feeds lines to the interpreter. Only
 * this package writes to the standard streams.
 */
@NullMarked
package org.jkd.app;

import org.jspecify.annotations.NullMarked;
