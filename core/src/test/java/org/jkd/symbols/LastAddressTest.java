// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.jkd.image.Bytes;
import org.jkd.pdb.Pdb;
import org.jkd.sample.format.Blob;
import org.jkd.sample.format.PdbWriter;
import org.junit.jupiter.api.Test;

/** A symbol at the last address there is; found by the fuzzer. */
class LastAddressTest {
  @Test
  void a_symbol_at_the_last_address_is_found_and_has_none_behind_it() {
    byte[] section = new Blob().ascii(0, ".text").u32(8, 0x9000).u32(12, 0x1000).grow(40).bytes();
    byte[] file =
        new PdbWriter(new byte[16], 1, 1, false, section)
            .add(new PdbWriter.Public("_First@4", 1, 0x10, true))
            .add(new PdbWriter.Public("_Last@4", 1, 0xffff_efff, true))
            .file();
    PdbSymbols symbols = new PdbSymbols(Pdb.open(Bytes.of("x.pdb", file)), Path.of("x.pdb"), false);
    assertThat(symbols.nearest(0xffff_ffffL).orElseThrow().name()).isEqualTo("Last");
    assertThat(symbols.next(0x1010).orElseThrow().rva()).isEqualTo(0xffff_ffffL);
    assertThat(symbols.next(0xffff_ffffL)).isEmpty();
  }
}
