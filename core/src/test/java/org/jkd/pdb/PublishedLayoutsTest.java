// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.image.Bytes;
import org.jkd.sample.SharedFolder;
import org.jkd.symbols.PdbSymbols;
import org.jkd.symbols.Types;
import org.junit.jupiter.api.Test;

/** The structures of a real kernel PDB beside published headers of the same build. */
class PublishedLayoutsTest {
  private static final Pattern SIZE = Pattern.compile("^// 0x([0-9a-f]+) \\(\\d+\\) bytes$");
  private static final Pattern START = Pattern.compile("^(struct|union) (\\w+) \\{$");
  private static final Pattern FIELD =
      Pattern.compile("^  \\S.*?(\\w+)(?:\\[\\d+])*(?: : (\\d+))?;\\s*// offset: 0x([0-9a-f]+) .*");

  /**
   * The headers are those of the kernel without PAE and for several processors: page table entries
   * are smaller there, and what holds them.
   */
  private static final Pattern OTHER_KERNEL =
      Pattern.compile(
          "_(MMPTE\\w*|HARDWARE_PTE|MMBANKED_SECTION|MMPFN|MMWSL|SEGMENT|EX_PUSH_LOCK_CACHE_AWARE)");

  @Test
  void sizesAndOffsetsAreEqual() throws IOException {
    Optional<Path> pdb = SharedFolder.find("data/pdb/ntkrnlpa/ntkrnlpa.pdb");
    Optional<Path> headers =
        SharedFolder.find("data/golden/vergilius-x86/bindings-5.1.2600.5512-x86.h");
    assumeTrue(pdb.isPresent() && headers.isPresent(), "needs ../shared/data");
    Types types =
        new PdbSymbols(Pdb.open(Bytes.map(pdb.orElseThrow())), pdb.orElseThrow(), false).types();
    List<String> wrong = new ArrayList<>();
    long size = 0;
    int structures = 0;
    int fields = 0;
    Types.StructType type = null;
    for (String line : Files.readAllLines(headers.orElseThrow())) {
      Matcher s = SIZE.matcher(line);
      if (s.matches()) {
        size = Long.parseLong(s.group(1), 16);
      }
      Matcher start = START.matcher(line);
      if (start.matches()) {
        type =
            size == 0
                    || start.group(2).equals("__unnamed")
                    || OTHER_KERNEL.matcher(start.group(2)).matches()
                ? null
                : types.struct(start.group(2)).orElse(null);
        if (type != null) {
          structures++;
          if (type.size() != size || !type.keyword().equals(start.group(1))) {
            wrong.add(start.group(2) + " has " + type.keyword() + " of " + type.size());
          }
        }
      }
      Matcher f = FIELD.matcher(line);
      if (type != null && f.matches()) {
        fields++;
        Types.Field field = type.field(f.group(1)).orElse(null);
        if (field == null
            || field.offset() != Long.parseLong(f.group(3), 16)
            || f.group(2) != null
                && !(field.type() instanceof Types.Bits bits
                    && bits.length() == Integer.parseInt(f.group(2)))) {
          wrong.add(type.name() + ": " + line + " <> " + field);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(structures).isGreaterThan(300);
    assertThat(fields).isGreaterThan(3000);
  }
}
