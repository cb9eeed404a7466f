// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

import java.util.OptionalLong;

/**
 * What a minidump says about its process.
 *
 * @param createTime seconds since 1970, UTC
 * @param userTime seconds
 * @param kernelTime seconds
 */
public record MiniMisc(
    OptionalLong processId,
    OptionalLong createTime,
    OptionalLong userTime,
    OptionalLong kernelTime) {
  /** A dump without this stream. */
  public static final MiniMisc NONE =
      new MiniMisc(
          OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());
}
