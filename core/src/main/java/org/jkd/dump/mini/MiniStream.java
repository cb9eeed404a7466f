// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

/**
 * An entry of a minidump's directory.
 *
 * @param type the stream's number; unknown ones are kept
 * @param size bytes
 * @param offset in the file
 */
public record MiniStream(long type, long size, long offset) {
  static final int THREAD_LIST = 3;
  static final int MODULE_LIST = 4;
  static final int MEMORY_LIST = 5;
  static final int EXCEPTION = 6;
  static final int SYSTEM_INFO = 7;
  static final int MEMORY64_LIST = 9;
  static final int UNLOADED_MODULES = 14;
  static final int MISC_INFO = 15;
  static final int THREAD_NAMES = 24;
}
