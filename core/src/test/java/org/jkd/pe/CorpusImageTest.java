// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jkd.image.Bytes;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;

/** Images of the corpus: what their folder names and their own pointers say. */
class CorpusImageTest {
  private static List<Path> images() throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus");
    assumeTrue(corpus.isPresent(), "needs ../shared/corpus");
    try (Stream<Path> all = Files.walk(corpus.get())) {
      return all.filter(p -> p.toString().contains("/images/") && Files.isRegularFile(p))
          .sorted()
          .toList();
    }
  }

  @Test
  void keysAreTheFoldersNames() throws IOException {
    int compared = 0;
    for (Path p : images()) {
      PeImage image = PeImage.ofFile(Bytes.map(p));
      String key = String.format("%08X%x", image.timestamp(), image.sizeOfImage());
      assertThat(String.valueOf(p.resolveSibling("").normalize().getFileName()))
          .isEqualToIgnoringCase(key);
      assertThat(image.debug().codeView()).isPresent();
      compared++;
    }
    assertThat(compared).isGreaterThan(200);
  }

  /** After relocation every adjusted pointer points into the image at its new base. */
  @Test
  void relocatedPointersPointIntoTheImage() throws IOException {
    int checked = 0;
    for (Path p : images()) {
      PeImage image = PeImage.ofFile(Bytes.map(p));
      long base = image.is64() ? 0xfffff80012340000L : 0xf7654000L;
      LoadedImage loaded = image.loadedAt(base);
      Relocations relocations = image.relocations();
      int width = relocations.width();
      for (int i = 0; i < relocations.count(); i++) {
        byte[] b = new byte[width];
        assertThat(loaded.read(base + relocations.rva(i), b, 0, width)).isEqualTo(width);
        long value = 0;
        for (int k = width - 1; k >= 0; k--) {
          value = value << 8 | (b[k] & 0xff);
        }
        assertThat(value - base).as(p + "").isBetween(0L, image.sizeOfImage());
        // The same pointer when its bytes are read one at a time.
        for (int k = 0; k < width; k++) {
          byte[] one = new byte[1];
          loaded.read(base + relocations.rva(i) + k, one, 0, 1);
          assertThat(one[0]).isEqualTo(b[k]);
        }
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(1000);
  }

  @Test
  void importSlotsHaveNames() throws IOException {
    int found = 0;
    for (Path p : images()) {
      Map<Long, ImportTable.Import> slots = PeImage.ofFile(Bytes.map(p)).imports().bySlot();
      for (ImportTable.Import i : slots.values()) {
        assertThat(i.text()).matches("[A-Za-z0-9_.]+![A-Za-z0-9_@?$]+");
        found++;
      }
    }
    assertThat(found).isGreaterThan(1000);
  }
}
