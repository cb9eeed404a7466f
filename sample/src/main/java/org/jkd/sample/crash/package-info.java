// SPDX-License-Identifier: Apache-2.0
/**
 * Small machines that crashed as real ones did whose crashes were misread in public.
 *
 * <p>{@link org.jkd.sample.crash.SmallMachine} is a system with one processor, {@link
 * org.jkd.sample.crash.SmallModule} writes functions whose code, unwind records and call sites are
 * real, and {@link org.jkd.sample.crash.CallStack} lays down on a stack what that code leaves when
 * it runs. {@link org.jkd.sample.crash.Misdiagnosis} builds the published cases from them.
 */
@NullMarked
package org.jkd.sample.crash;

import org.jspecify.annotations.NullMarked;
