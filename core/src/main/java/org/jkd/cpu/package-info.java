// SPDX-License-Identifier: Apache-2.0
/** Processors: registers, contexts, the instruction decoder and the formatter in kd's dialect. */
@NullMarked
package org.jkd.cpu;

import org.jspecify.annotations.NullMarked;
