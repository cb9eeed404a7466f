// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jkd.image.FormatException;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetsTest {
  @TempDir Path folder;

  private static Path shared(String relative) {
    Optional<Path> path = SharedFolder.find(relative);
    assumeTrue(path.isPresent(), "needs ../shared/" + relative);
    return path.orElseThrow();
  }

  @Test
  void firstBytesTellWhatIsOpened() throws IOException {
    assertThat(Targets.open(shared("corpus/train-x64-basic/KERNEL.DMP")))
        .isInstanceOf(KernelTarget.class);
    assertThat(Targets.open(shared("corpus/train-x64-basic/user.dmp")))
        .isInstanceOf(UserTarget.class);
    assertThat(Targets.open(shared("corpus/train-x64-basic/images/hal.dll/48025E204000/hal.dll")))
        .isInstanceOf(ImageTarget.class);
  }

  @Test
  void anythingElseIsRefusedByName() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.txt"), "this is no dump");
    assertThatThrownBy(() -> Targets.open(text))
        .isInstanceOf(FormatException.class)
        .hasMessage("notes.txt: not a Windows crash dump (it starts with 74 68 69 73 20 69 73 20)");
  }
}
