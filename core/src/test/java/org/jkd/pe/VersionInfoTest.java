// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;

class VersionInfoTest {
  private static PeImage driver(String relative) throws IOException {
    Optional<Path> file = SharedFolder.find("data/images/rizin-symstore/" + relative);
    assumeTrue(file.isPresent(), "needs ../shared/data/images");
    return PeImage.ofFile(Bytes.map(file.orElseThrow()));
  }

  @Test
  void aSystemDriverTellsItsVersion() throws IOException {
    VersionInfo info = driver("amdppm.sys/c9c030003b000/amdppm.sys").version().orElseThrow();
    VersionInfo.Fixed fixed = info.fixed().orElseThrow();
    assertThat(VersionInfo.Fixed.text(fixed.fileVersion())).isEqualTo("10.0.19041.1110");
    assertThat(info.string("FileVersion")).contains("10.0.19041.1110 (WinBuild.160101.0800)");
    assertThat(info.string("OriginalFilename")).contains("amdppm.sys");
    assertThat(info.tables()).singleElement().extracting("key").isEqualTo("040904b0");
    assertThat(info.translations()).containsExactly(0x04b0_0409);
    // VOS_NT_WINDOWS32, VFT_DRV
    assertThat(fixed.os()).isEqualTo(0x40004);
    assertThat(fixed.type()).isEqualTo(3);
  }

  @Test
  void aReproducibleLinkIsMarked() throws IOException {
    PeImage image = driver("Wdf01000.sys/a9a9d36ed1000/Wdf01000.sys");
    DebugDirectory debug = image.debug();
    assertThat(debug.reproducible()).isTrue();
    assertThat(debug.ofType(DebugDirectory.TYPE_POGO)).isPresent();
    assertThat(debug.codeView().orElseThrow().key()).isEqualTo("6D6E9C327875C47856AC7DA750AB1C5E1");
    assertThat(image.loadConfig().orElseThrow().securityCookie()).isPositive();
  }
}
