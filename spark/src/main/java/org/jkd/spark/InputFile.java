// SPDX-License-Identifier: Apache-2.0
package org.jkd.spark;

import java.io.Serializable;

/**
 * A file to triage, as the driver found it.
 *
 * @param uri its address in a file system of Hadoop's, for instance {@code hdfs://…} or {@code
 *     file:/…}
 * @param size bytes
 * @param modified milliseconds since 1970
 * @param isNamed false if it was found in a folder, where other files may lie as well
 */
record InputFile(String uri, long size, long modified, boolean isNamed) implements Serializable {}
