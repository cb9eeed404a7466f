// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.code.Depth;
import org.jkd.cpu.Arch;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.Unreadable;
import org.jkd.pdb.Pdb;
import org.jkd.pe.PeImage;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What PDBs say about x64 frames against what the images' own unwind information says. MSVC does
 * not count registers that are pushed, eight at most; clang does.
 */
class FrameSizeTest {
  @ParameterizedTest(name = "{1}")
  @CsvSource({
    "corpus/train-x64-basic/images/fltmgr.sys, corpus/train-x64-basic/symbols/fltmgr.pdb, 0, 10",
    "corpus/train-x64-storage/images/ntoskrnl.exe, corpus/train-x64-storage/symbols/ntkrnlmp.pdb,"
        + " 0, 100",
    "data/pdb/breakpad/dump_syms_regtest64.exe, data/pdb/breakpad/dump_syms_regtest64.pdb, 64, 500"
  })
  void sizesAreThoseOfTheUnwindInformation(
      String image, String symbols, int notCounted, int atLeast) throws IOException {
    Optional<Path> pe = SharedFolder.find(image).map(FrameSizeTest::file);
    Optional<Path> pdb = SharedFolder.find(symbols).map(FrameSizeTest::file);
    Assumptions.assumeTrue(pe.isPresent() && pdb.isPresent(), "needs ../shared/" + image);
    PdbSymbols names = new PdbSymbols(Pdb.open(Bytes.map(pdb.get())), pdb.get(), false);
    PeImage headers = PeImage.ofFile(Bytes.map(pe.get()));
    BlockMemory none = new BlockMemory(List.of(), new Unreadable.NoBlock());
    CodeImage code =
        new CodeImage("m", Arch.X64, 0x10000, 0, none, Optional.of(headers), Optional.of(names));
    CodeSpace space = new CodeSpace(Arch.X64, none, List.of(code));
    int same = 0;
    List<String> wrong = new ArrayList<>();
    for (Symbol s : names.matching(n -> true)) {
      OptionalLong size = names.frameSize(s.rva());
      if (s.kind() != Symbol.Kind.PROCEDURE || size.isEmpty()) {
        continue;
      }
      // Any call of the function has the whole frame below it.
      for (var site : space.functionStartingAt(0x10000 + s.rva()).orElseThrow().callSites()) {
        if (site.state().depth() instanceof Depth.Exact exact) {
          long more = exact.bytes() - size.getAsLong();
          if (more >= 0 && more <= notCounted) {
            same++;
          } else if (!names
              .nearest(site.target() - 0x10000)
              .orElseThrow()
              .name()
              .equals("__chkstk")) {
            // The one call that is made while the frame is not there yet.
            wrong.add(s.name() + " " + exact.bytes() + " not " + size.getAsLong());
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(same >= atLeast, "only " + same);
  }

  private static Path file(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
