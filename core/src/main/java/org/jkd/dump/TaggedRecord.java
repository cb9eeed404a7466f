// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

/**
 * A piece of secondary data ({@code .enumtag}).
 *
 * @param guid who wrote it, as {@code XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX} in lower case
 * @param offset of its data, in bytes from the start of the file
 * @param size bytes of data; clamped to the end of a file that was cut off
 */
public record TaggedRecord(String guid, long offset, long size) {}
