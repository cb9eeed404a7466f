// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jkd.sample.SharedFolder;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolSet;
import org.jkd.symbols.SymbolStatus;
import org.junit.jupiter.api.Test;

/** A real triage dump, which holds no debug record of the kernel. */
class TriageSymbolsTest {
  @Test
  void theKernelsIsfFileIsRecognizedByItsAddresses() throws IOException {
    Optional<Path> dump = SharedFolder.find("data/kernel/rizin_triage_x64.dmp");
    Optional<Path> symbols = SharedFolder.find("data/symbols");
    Optional<Path> images = SharedFolder.find("data/images/rizin-symstore");
    assumeTrue(
        dump.isPresent() && symbols.isPresent() && images.isPresent(), "needs ../shared/data");
    Debuggee debuggee =
        Debuggee.open(
            dump.orElseThrow(),
            symbols.orElseThrow() + ";srv*" + images.orElseThrow(),
            images.orElseThrow().toString());
    SymbolSet set = debuggee.symbols();
    ModuleIdentity nt = set.module("nt").orElseThrow();
    assertThat(set.nearest(0xfffff8047bdf5a80L).orElseThrow().text()).isEqualTo("nt!KeBugCheckEx");
    assertThat(set.status(nt)).isEqualTo(SymbolStatus.OTHER);
    assertThat(set.loaded(nt).proof())
        .isEqualTo("5 of 5 addresses of the dump are those of the file");
    assertThat(set.log(nt)).anyMatch(l -> l.contains("the GUID of its PDB is not known"));

    // Its PDB lies in a store and is found by the GUID in the image, the image by its timestamp.
    ModuleIdentity amdppm = set.module("amdppm").orElseThrow();
    assertThat(set.symbols(amdppm).status()).isEqualTo(SymbolStatus.PUBLIC);
    assertThat(set.loaded(amdppm).pdbKey()).isEqualTo("1C19FDDB27BB3399D9B45973EFEAFCF31");
    assertThat(set.loaded(amdppm).imageFile()).isPresent();
  }
}
