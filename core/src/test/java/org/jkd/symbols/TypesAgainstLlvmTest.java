// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.pdb.Pdb;
import org.jkd.sample.SharedFolder;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every structure of real PDBs, as it is read here and as LLVM's dumper prints it. */
class TypesAgainstLlvmTest {
  private static final ExternalTool TOOL = new ExternalTool("llvm-pdbutil");

  @ParameterizedTest
  @CsvSource({
    "data/pdb/ntdll/x64/ntdll.pdb, 590",
    "data/pdb/ntdll/x86/wntdll.pdb, 590",
    "data/pdb/sentry/crash.pdb, 470",
    "data/pdb/syzygy/pe_test_dll_vs2013.dll.pdb, 150",
    "data/pdb/syzygy/refinery_test_types.dll.pdb, 15",
    "data/images/rizin-symstore/amdppm.pdb/1C19FDDB27BB3399D9B45973EFEAFCF31/amdppm.pdb, 400",
  })
  void offsetsAndSizesAreEqual(String name, int atLeast) throws IOException {
    Optional<Path> file = SharedFolder.find(name);
    assumeTrue(file.isPresent(), "needs ../shared/" + name);
    assumeTrue(TOOL.isThere(), "needs llvm-pdbutil in PATH");
    List<String> dump = TOOL.lines("dump", "-types", file.get().toString()).orElseThrow();
    DumpedTypes theirs = new DumpedTypes(dump);
    Types ours = new PdbSymbols(Pdb.open(Bytes.map(file.get())), file.get(), false).types();
    for (int index : theirs.structures()) {
      Types.StructType struct =
          ours.struct(theirs.name(index) + "#" + Integer.toHexString(index)).orElseThrow();
      assertThat(struct.size()).as(struct.name()).isEqualTo(theirs.size(index));
      assertThat(struct.fields().stream().map(TypesAgainstLlvmTest::row))
          .as("%s 0x%x", struct.name(), index)
          .containsExactlyElementsOf(theirs.members(index));
    }
    assertThat(theirs.structures()).hasSizeGreaterThan(atLeast);
  }

  private static String row(Types.Field f) {
    if (f.name().equals("__VFN_table")) {
      return f.offset() + " __VFN_table";
    }
    boolean member = f.type() instanceof Types.Pointer p && p.toMember();
    return f.offset()
        + " "
        + f.name()
        + " "
        + (member ? -1 : f.type().size())
        + (f.type() instanceof Types.Bits b ? " " + b.position() + ":" + b.length() : "");
  }

  @ParameterizedTest
  @CsvSource({
    "data/pdb/ntdll/x64/ntdll.pdb",
    "data/pdb/sentry/crash.pdb",
    "data/pdb/ntkrnlpa/ntkrnlpa.pdb"
  })
  void everyNameLeadsToItsDefinition(String name) throws IOException {
    Optional<Path> file = SharedFolder.find(name);
    assumeTrue(file.isPresent(), "needs ../shared/" + name);
    // One instance answers from the hash values, the other one has read all names.
    Types lazy = new PdbSymbols(Pdb.open(Bytes.map(file.get())), file.get(), false).types();
    Types full = new PdbSymbols(Pdb.open(Bytes.map(file.get())), file.get(), false).types();
    List<String> names = full.names(n -> true);
    assertThat(names).hasSizeGreaterThan(100);
    for (String n : names) {
      assertThat(lazy.named(n)).as(n).isPresent().isEqualTo(full.named(n));
    }
    assertThat(lazy.named("_NO_SUCH_TYPE")).isEmpty();
  }
}
