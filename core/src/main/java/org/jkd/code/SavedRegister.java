// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import org.jkd.cpu.Register;

/**
 * A register whose value on entry of the function, which is the caller's, lies on the stack.
 *
 * @param offset bytes from the return-address slot to the saved value; negative
 */
public record SavedRegister(Register register, int offset) {}
