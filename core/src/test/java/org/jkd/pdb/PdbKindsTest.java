// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.sample.format.Blob;
import org.jkd.sample.format.PdbWriter;
import org.junit.jupiter.api.Test;

/** Program databases that are none of ours are named as what they are. */
class PdbKindsTest {
  private static final int VC110 = 20091201;
  private static final int MINI = 0x494e494d;

  private static byte[] pdb() {
    byte[] section = new Blob().ascii(0, ".text").u32(8, 0x9000).u32(12, 0x1000).grow(40).bytes();
    return new PdbWriter(new byte[16], 1, 1, false, section)
        .add(new PdbWriter.Public("_Known@4", 1, 0x10, true))
        .file();
  }

  private static Pdb open(byte[] file) {
    return Pdb.open(Bytes.of("x.pdb", file));
  }

  @Test
  void fast_linked_ones_only_point_to_symbols() {
    byte[] file = pdb();
    assertThat(open(file).info().fastLink()).isFalse();
    byte[] feature = new Blob().add32(VC110).bytes();
    int at = 0;
    while (!Arrays.equals(file, at, at + 4, feature, 0, 4)) {
      at++;
    }
    System.arraycopy(new Blob().add32(MINI).bytes(), 0, file, at, 4);
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("/DEBUG:FASTLINK")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void other_containers_are_named() {
    String[][] kinds = {
      {"BSJB", "PDB at offset 0x0: a portable PDB (.NET), which has no native symbols"},
      {
        "Microsoft C/C++ program database 2.00\r\n\u001aJG\0\0",
        "PDB at offset 0x0: format 2.00 (JG, before Visual C++ 7) is not supported"
      },
      {
        "Microsoft MSFZ Container\r\n\u001aALD\0\0",
        "MSFZ at offset 0x0: a header of 80 bytes in a file of 32"
      },
      {"MZ", "PDB at offset 0x0: no MSF 7.00 signature, so this is no program database"},
      {"", "PDB at offset 0x0: no MSF 7.00 signature, so this is no program database"}
    };
    for (String[] kind : kinds) {
      byte[] file = kind[0].getBytes(StandardCharsets.ISO_8859_1);
      assertThatThrownBy(() -> open(file)).hasMessage(kind[1]);
    }
  }
}
