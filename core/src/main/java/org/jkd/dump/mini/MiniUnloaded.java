// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

/** A module that had been unloaded before a minidump was written; {@code size} is bytes. */
public record MiniUnloaded(String path, long base, long size, long timestamp, long checksum) {}
