// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.io.IOException;
import java.nio.file.Path;
import org.jkd.dump.DumpFile;
import org.jkd.dump.mini.MiniDump;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;

/** Opens whatever {@code -z} names: a kernel dump, a user-mode minidump, or an image file. */
public final class Targets {
  private static final int DOS_MAGIC = 0x5a4d;

  private Targets() {}

  /**
   * Opens a file by what its first bytes say.
   *
   * @throws FormatException if it is nothing of these; the message is one line that names the file
   */
  public static Target open(Path file) throws IOException {
    return open(Bytes.map(file));
  }

  /** The same for bytes that are at hand already. */
  public static Target open(Bytes bytes) {
    if (MiniDump.isMiniDump(bytes)) {
      return new UserTarget(MiniDump.open(bytes));
    }
    if (bytes.has(0, 2) && bytes.u16(0) == DOS_MAGIC) {
      return ImageTarget.of(bytes);
    }
    return KernelTarget.of(DumpFile.open(bytes));
  }
}
