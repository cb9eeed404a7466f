// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

import java.util.Optional;
import org.jkd.cpu.CpuContext;

/**
 * A thread of a minidump.
 *
 * @param index its place in the list, the number that the debugger gives it
 * @param id the system's number
 * @param teb address of its TEB
 * @param stackStart the lowest address of its stack that the dump holds
 * @param stackSize bytes of it
 * @param context empty if the dump does not hold it
 * @param name empty if it has none
 */
public record MiniThread(
    int index,
    long id,
    long suspendCount,
    long priorityClass,
    long priority,
    long teb,
    long stackStart,
    long stackSize,
    Optional<CpuContext> context,
    Optional<String> name) {}
