// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

import java.util.Optional;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.ExceptionRecord;

/**
 * The exception for which a minidump was written.
 *
 * @param threadId the thread that raised it
 * @param context the registers at that moment; empty if the dump does not hold them
 */
public record MiniException(long threadId, ExceptionRecord record, Optional<CpuContext> context) {}
