// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

/**
 * One fact for or against a frame.
 *
 * @param name a short name that stays the same between versions, for instance {@code target-agrees}
 * @param bits its weight as a log-odds score; negative against the frame
 * @param detail what exactly was seen, for people
 */
public record Evidence(String name, double bits, String detail) {}
