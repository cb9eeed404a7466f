// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.jkd.image.Bytes;
import org.jkd.symbols.ImageFormat;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.coff.CoffImage;
import org.jkd.symbols.store.StoreNames;

/**
 * DWARF in an image file, or in the file beside it that {@code objcopy --add-gnu-debuglink} names:
 * a name up to a NUL, zeros to a multiple of four bytes, and the CRC-32 of that file.
 */
public final class DwarfFormat implements ImageFormat {
  private static final int MAX_NAME = 260;
  private static final int CHUNK = 1 << 16;

  @Override
  public List<String> extensions() {
    return List.of();
  }

  @Override
  public Optional<ModuleSymbols> open(Path file, ModuleIdentity module, Consumer<String> log)
      throws IOException {
    CoffImage image = CoffImage.read(Bytes.map(file));
    if (image.bytes(".debug_info").isPresent()) {
      return Optional.of(
          DwarfSymbols.read(
              file, Sections.of(image), image.symbols(), line -> log.accept(file + ": " + line)));
    }
    Optional<Path> other = linked(file, image, log);
    if (other.isEmpty()) {
      return Optional.empty();
    }
    Path path = other.get();
    CoffImage separate = CoffImage.read(Bytes.map(path));
    return separate.bytes(".debug_info").isEmpty()
        ? Optional.empty()
        : Optional.of(
            DwarfSymbols.read(
                path,
                Sections.of(separate),
                separate.symbols(),
                line -> log.accept(path + ": " + line)));
  }

  private static Optional<Path> linked(Path image, CoffImage coff, Consumer<String> log)
      throws IOException {
    Optional<Bytes> section = coff.bytes(".gnu_debuglink");
    if (section.isEmpty()) {
      return Optional.empty();
    }
    Bytes link = section.get();
    String name = link.utf8(0, (int) Math.min(MAX_NAME, link.size()));
    long crc = link.u32((name.getBytes(StandardCharsets.UTF_8).length + 4) & ~3);
    Optional<String> refusal = StoreNames.nameRefusal(name);
    if (refusal.isPresent()) {
      log.accept("not looked for: " + refusal.get());
      return Optional.empty();
    }
    Path file = image.resolveSibling(name);
    if (!Files.isRegularFile(file)) {
      log.accept(file + ": not there");
      return Optional.empty();
    }
    long found = crc(Bytes.map(file));
    if (found != crc) {
      log.accept(
          String.format(
              Locale.ROOT,
              "%s: mismatched debug file: CRC %08x instead of %08x",
              file,
              found,
              crc));
      return Optional.empty();
    }
    return Optional.of(file);
  }

  private static long crc(Bytes file) {
    CRC32 crc = new CRC32();
    byte[] chunk = new byte[CHUNK];
    for (long at = 0; at < file.size(); at += CHUNK) {
      int n = (int) Math.min(CHUNK, file.size() - at);
      file.copy(at, chunk, 0, n);
      crc.update(chunk, 0, n);
    }
    return crc.getValue();
  }
}
