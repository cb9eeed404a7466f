// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

/**
 * A loaded driver as a small dump lists it.
 *
 * @param path as the system has it
 * @param size bytes
 * @param timestamp TimeDateStamp of the PE header
 */
public record TriageDriver(
    String path, long base, long entryPoint, long size, long checksum, long timestamp) {}
