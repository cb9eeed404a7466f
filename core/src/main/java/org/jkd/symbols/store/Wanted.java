// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that is looked for.
 *
 * @param name its file name, no path
 * @param key its key in a store; empty when it is not known, and then only plain folders are
 *     searched
 * @param extension of the image that it belongs to, without a dot: plain folders may be sorted by
 *     it
 * @param check tells whether a file is the one
 */
public record Wanted(String name, String key, String extension, Check check) {
  /** Looks into a file that was found. */
  public interface Check {
    /**
     * Why a file is not the one that is wanted; empty when it is.
     *
     * @throws IOException when it cannot be read
     */
    Optional<String> refusal(Path file) throws IOException;
  }

  /** {@code ntfs.pdb 0123…2}. */
  public String text() {
    return key.isEmpty() ? name : name + " " + key;
  }
}
