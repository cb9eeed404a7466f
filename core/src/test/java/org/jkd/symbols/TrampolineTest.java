// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jkd.image.Bytes;
import org.jkd.pdb.Pdb;
import org.jkd.sample.format.Blob;
import org.jkd.sample.format.PdbWriter;
import org.jkd.testing.ClangSample;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jumps of incrementally linked images, which kd calls by their functions. */
class TrampolineTest {
  private static byte[] file() {
    byte[] section =
        new Blob()
            .ascii(0, ".text")
            .u32(8, 0x9000)
            .u32(12, 0x1000)
            .u32(36, 0x6000_0020)
            .grow(40)
            .bytes();
    return new PdbWriter(new byte[16], 1, 1, false, section)
        .add(new PdbWriter.Procedure("main", 1, 0x100, 0x20, 0, 0))
        .add(new PdbWriter.Procedure("hidden", 1, 0x140, 0x20, 0, 0))
        .add(new PdbWriter.Public("_main", 1, 0x100, true))
        .add(new PdbWriter.Public("?go@@YAXXZ", 1, 0x120, true))
        .add(new PdbWriter.Trampoline(1, 5, 5, 1, 0x120))
        .add(new PdbWriter.Trampoline(1, 10, 5, 1, 0x100))
        .add(new PdbWriter.Trampoline(1, 15, 5, 1, 0x140))
        .file();
  }

  private static ModuleSymbols open() {
    return new PdbSymbols(Pdb.open(Bytes.of("x.pdb", file())), Path.of("x.pdb"), false);
  }

  private static String at(ModuleSymbols symbols, long rva) {
    return symbols
        .locate(rva)
        .map(l -> l.symbol().name() + "+" + l.displacement())
        .orElse("nothing");
  }

  @Test
  void a_jump_is_called_by_its_place_and_its_function() {
    ModuleSymbols symbols = open();
    assertThat(at(symbols, 0x1005)).isEqualTo("ILT+0(?go@@YAXXZ)+0");
    assertThat(at(symbols, 0x100c)).isEqualTo("ILT+5(_main)+2");
    assertThat(at(symbols, 0x100f)).isEqualTo("ILT+10(hidden)+0");
    assertThat(at(symbols, 0x1004)).isEqualTo("nothing");
    assertThat(at(symbols, 0x1101)).isEqualTo("main+1");
  }

  @Test
  void jumps_are_found_by_name_and_stand_among_their_neighbours() {
    ModuleSymbols symbols = open();
    assertThat(symbols.named("ILT+5(_main)").map(Symbol::rva)).contains(0x100aL);
    assertThat(symbols.named("main").map(Symbol::rva)).contains(0x1100L);
    assertThat(symbols.next(0x1005).map(Symbol::name)).contains("ILT+5(_main)");
    assertThat(symbols.next(0x100f).map(Symbol::name)).contains("main");
    assertThat(symbols.matching(n -> n.startsWith("ILT"))).hasSize(3);
  }

  @Test
  void llvm_reads_the_same_jumps(@TempDir Path folder) throws IOException {
    Optional<ExternalTool> dumper = ClangSample.tool("llvm-pdbutil");
    assumeTrue(dumper.isPresent(), "needs llvm-pdbutil in PATH");
    Path pdb = Files.write(folder.resolve("x.pdb"), file());
    // The dumper prints the offset of the jump twice; its other form knows better.
    List<String> yaml =
        dumper.get().lines("pdb2yaml", "-module-syms", pdb.toString()).orElseThrow();
    assertThat(yaml.stream().map(l -> l.strip().replaceAll(" +", " ")))
        .containsSubsequence("Type: TrampIncremental", "ThunkOff: 5", "TargetOff: 288")
        .containsSubsequence("Type: TrampIncremental", "ThunkOff: 10", "TargetOff: 256");
  }
}
