// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;

/**
 * The registers at the moment of the fault that stopped the system, as opposed to those of the code
 * that stopped it.
 *
 * @param context the registers; not all sources hold all of them
 * @param source where they come from, for people, for instance {@code TSS 28}
 * @param faultAddress the address whose access failed, where the dump says so
 */
public record FaultContext(CpuContext context, String source, OptionalLong faultAddress) {}
