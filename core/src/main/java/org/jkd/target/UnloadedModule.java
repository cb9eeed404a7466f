// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

/**
 * A driver that had been unloaded before the crash.
 *
 * @param start its first address
 * @param end the address after its last byte
 * @param unloadTime FILETIME (100 ns since 1601), or 0 when the dump does not say
 */
public record UnloadedModule(String name, long start, long end, long unloadTime) {}
