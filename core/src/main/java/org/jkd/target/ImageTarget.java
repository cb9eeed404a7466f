// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.List;
import org.jkd.cpu.Arch;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.image.Memory;
import org.jkd.pe.PeImage;

/**
 * An image file on its own, as {@code -z driver.sys} opens it: the memory is the image at the base
 * that its linker chose, and the one module is the image.
 */
public final class ImageTarget implements Target {
  private final Arch arch;
  private final PeImage image;
  private final Memory memory;
  private final LoadedModule module;

  private ImageTarget(PeImage image, Arch arch) {
    this.arch = arch;
    this.image = image;
    long base = arch.address(image.imageBase());
    this.memory = image.loadedAt(base);
    String file = ModuleNames.fileName(image.name());
    this.module =
        new LoadedModule(
            ModuleNames.ofFile(file),
            file,
            image.name(),
            base,
            image.sizeOfImage(),
            image.timestamp(),
            image.checksum());
  }

  /**
   * Opens an image file.
   *
   * @throws FormatException if the file is no image, or one for another machine
   */
  public static ImageTarget of(Bytes file) {
    PeImage image = PeImage.ofFile(file);
    for (Arch arch : Arch.values()) {
      if (arch.machine() == image.machine()) {
        return new ImageTarget(image, arch);
      }
    }
    throw new FormatException(
        file.name(),
        -1,
        "an image for a machine that is not known (type 0x"
            + Integer.toHexString(image.machine())
            + ")");
  }

  /** The image. */
  public PeImage image() {
    return image;
  }

  @Override
  public Arch arch() {
    return arch;
  }

  @Override
  public Memory memory() {
    return memory;
  }

  @Override
  public List<LoadedModule> modules() {
    return List.of(module);
  }

  @Override
  public List<UnloadedModule> unloadedModules() {
    return List.of();
  }
}
