// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jkd.image.Bytes;
import org.jkd.sample.SharedFolder;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.PdbSymbols;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.Types;
import org.junit.jupiter.api.Test;

/** The public PDB of a real x86 kernel beside a symbol list and headers made by others. */
class KernelPdbTest {
  private static final long BASE = 0x804d7000L;

  private static PdbSymbols open() throws IOException {
    Optional<Path> file = SharedFolder.find("data/pdb/ntkrnlpa/ntkrnlpa.pdb");
    assumeTrue(file.isPresent(), "needs ../shared/data/pdb/ntkrnlpa");
    Pdb pdb = Pdb.open(Bytes.map(file.orElseThrow()));
    return new PdbSymbols(pdb, file.orElseThrow(), false);
  }

  @Test
  void everySymbolOfTheListIsThere() throws IOException {
    PdbSymbols symbols = open();
    Path list = SharedFolder.find("data/pdb/ntkrnlpa/sym.txt").orElseThrow();
    // The list has an underscore for every character that is no letter or digit.
    Set<String> ours =
        symbols.matching(n -> true).stream()
            .map(s -> "0x" + Long.toHexString(BASE + s.rva()) + " " + plain(s.name()))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> missing = new TreeSet<>(Files.readAllLines(list));
    int all = missing.size();
    missing.removeIf(
        l -> l.length() > 11 && ours.contains(l.substring(0, 11) + plain(l.substring(11))));
    // Of the markers of precompiled headers (___@@_PchSym_@00@…) the list has the beginning only.
    missing.removeIf(l -> l.isBlank() || l.endsWith(" ___PchSym_"));
    assertThat(missing).isEmpty();
    assertThat(all).isGreaterThan(9000);
  }

  private static String plain(String name) {
    return name.replaceAll("[^A-Za-z0-9_]", "_");
  }

  @Test
  void isPublicAndHasTheAgeOfItsDbiStream() throws IOException {
    PdbSymbols symbols = open();
    assertThat(symbols.status()).isEqualTo(SymbolStatus.PUBLIC);
    assertThat(symbols.pdb().info().age()).isEqualTo(2);
    assertThat(symbols.pdb().identity().key()).isEqualTo("30B5FB31AE7E4ACAABA750AA241FF3311");
  }

  @Test
  void unwindRecordsAreCounted() throws IOException {
    Pdb pdb = open().pdb();
    // Three of the 10,449 are absolute numbers and no addresses.
    assertThat(pdb.publics().count()).isEqualTo(10_446);
    assertThat(pdb.fpo().count()).isEqualTo(31_376 / 16);
    assertThat(pdb.frameData().count()).isEqualTo(497_920 / 32);
  }

  @Test
  void knowsTheLayoutOfAThread() throws IOException {
    Types types = open().types();
    Types.StructType thread = types.struct("_KTHREAD").orElseThrow();
    assertThat(thread.size()).isEqualTo(0x1c0);
    // Windows XP SP3 x86, as published in data/golden/vergilius-x86.
    assertThat(types.offset("_KTHREAD", "InitialStack")).hasValue(0x18);
    assertThat(types.offset("_KTHREAD", "StackLimit")).hasValue(0x1c);
    assertThat(types.offset("_KTHREAD", "KernelStack")).hasValue(0x28);
    assertThat(types.offset("_ETHREAD", "Tcb.KernelStack")).hasValue(0x28);
    assertThat(thread.field("MutantListHead").orElseThrow().type())
        .isEqualTo(new Types.StructRef("struct", "_LIST_ENTRY", 8));
  }

  @Test
  void aNameIsFoundInEveryForm() throws IOException {
    ModuleSymbols symbols = open();
    long rva = symbols.named("ExAllocatePoolWithQuota").orElseThrow().rva();
    assertThat(BASE + rva).isEqualTo(0x80533712L);
    assertThat(symbols.named("_ExAllocatePoolWithQuota@8").orElseThrow().rva()).isEqualTo(rva);
    assertThat(symbols.named("exallocatepoolwithquota").orElseThrow().rva()).isEqualTo(rva);
    assertThat(symbols.nearest(rva + 1).orElseThrow().rva()).isEqualTo(rva);
    assertThat(symbols.next(rva).orElseThrow().rva()).isGreaterThan(rva);
  }
}
