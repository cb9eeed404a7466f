// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.SpecialRegisters;

/**
 * A processor.
 *
 * @param prcb the address of its control block; empty when a small dump has only a copy of it
 * @param pcr the address of its control region
 * @param context the registers it saved when the system stopped
 * @param dpcStack the address after the last byte of the stack for deferred calls
 * @param isrStack the same for interrupts
 * @param gdt the global descriptor table
 * @param idt the interrupt descriptor table
 * @param tss the task state segment
 */
public record Processor(
    int number,
    OptionalLong prcb,
    OptionalLong pcr,
    OptionalLong currentThread,
    OptionalLong idleThread,
    Optional<CpuContext> context,
    Optional<SpecialRegisters> special,
    OptionalLong dpcStack,
    OptionalLong isrStack,
    OptionalLong gdt,
    OptionalLong idt,
    OptionalLong tss) {}
