// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jkd.sample.format.DumpWriter;
import org.jkd.sample.reference.Machine;

/**
 * The reference case: a 32-bit Windows Server 2003 machine with four processors that stopped with a
 * double fault, because the kernel stack of a thread of StackHog.exe was used up.
 */
public final class ReferenceCase {
  /** The complete dump, from a kernel with physical address extension. */
  public static final String COMPLETE = "MEMORY.DMP";

  /** The bitmap kernel dump, from a kernel without. */
  public static final String BITMAP = "BITMAP.DMP";

  /** The small dump of the machine that also wrote {@link #BITMAP}. */
  public static final String SMALL = "MINI.DMP";

  /** The folder of symbol files, laid out as a symbol store. */
  public static final String SYMBOLS = "symbols";

  /** The folder of image files, laid out as an image store. */
  public static final String IMAGES = "images";

  private ReferenceCase() {}

  /**
   * Writes the dumps, {@code symbols} and {@code images} into a folder, which is made if need be.
   */
  public static void writeTo(Path folder) throws IOException {
    Files.createDirectories(folder);
    Machine pae = new Machine(true);
    DumpWriter.complete(folder.resolve(COMPLETE), pae.header(), pae.physical());
    stores(folder, pae);
    Machine plain = new Machine(false);
    DumpWriter.bitmap(folder.resolve(BITMAP), plain.header(), plain.physical(), false);
    plain.small(folder.resolve(SMALL));
    stores(folder, plain);
  }

  private static void stores(Path folder, Machine machine) throws IOException {
    machine.files((image, name, key, content) -> {
      Path place = folder.resolve(image ? IMAGES : SYMBOLS).resolve(name).resolve(key);
      Files.createDirectories(place);
      Files.write(place.resolve(name), content);
    });
  }
}
