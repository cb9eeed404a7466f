// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

/**
 * An unloaded driver as a small dump lists it.
 *
 * @param name at most twelve characters of it
 * @param end the address after the last byte
 */
public record TriageUnloaded(String name, long start, long end) {}
