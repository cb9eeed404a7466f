// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

import org.jkd.cpu.Arch;

/**
 * The system on which a minidump was written.
 *
 * @param processorArchitecture the raw number: 0 x86, 9 x64, 12 ARM64, others unknown here
 * @param arch the processor of the process; of a 32-bit process that a 64-bit writer dumped: x64
 * @param processors how many, as the writer saw them
 * @param productType 1 workstation, 2 domain controller, 3 server
 * @param platformId 2 is Windows NT; other numbers are Breakpad's for other systems
 * @param servicePack for instance {@code Service Pack 2}, empty if there is none
 */
public record MiniSystem(
    int processorArchitecture,
    Arch arch,
    int processors,
    int productType,
    long majorVersion,
    long minorVersion,
    long build,
    long platformId,
    int suiteMask,
    String servicePack) {}
