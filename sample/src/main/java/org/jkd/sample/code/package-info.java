// SPDX-License-Identifier: Apache-2.0
/**
 * Makes x86 machine code whose stack use is known exactly: functions with a given frame, calls that
 * return to given addresses, and inconspicuous instructions in between.
 */
@NullMarked
package org.jkd.sample.code;

import org.jspecify.annotations.NullMarked;
