// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.image.MemoryReader;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;

class ImageTargetTest {
  @Test
  void imageIsItsOnlyModuleAtItsOwnBase() throws IOException {
    Optional<Path> file =
        SharedFolder.find("corpus/train-x64-basic/images/hal.dll/48025E204000/hal.dll");
    assumeTrue(file.isPresent(), "needs ../shared/corpus");
    ImageTarget target = ImageTarget.of(Bytes.map(file.orElseThrow()));
    LoadedModule module = target.modules().getFirst();
    assertThat(module.name()).isEqualTo("hal");
    assertThat(module.size()).isEqualTo(0x4000);
    assertThat(module.timestamp()).isEqualTo(0x48025e20);
    assertThat(target.moduleAt(module.base() + 0x1000)).contains(module);
    MemoryReader reader = new MemoryReader(target.memory(), 8);
    assertThat(reader.u16(module.base())).hasValue(0x5a4d);
    assertThat(reader.u8(module.end())).isEmpty();
  }

  @Test
  void otherFilesAreRefused() {
    Bytes text = Bytes.of("notes.txt", new byte[100]);
    assertThatThrownBy(() -> ImageTarget.of(text)).isInstanceOf(FormatException.class);
  }
}
