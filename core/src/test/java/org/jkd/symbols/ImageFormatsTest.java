// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jkd.image.Bytes;
import org.jkd.pe.PeImage;
import org.jkd.symbols.coff.CoffFormat;
import org.jkd.symbols.dbg.DbgFormat;
import org.jkd.symbols.dwarf.DwarfFormat;
import org.jkd.symbols.map.MapFormat;
import org.jkd.testing.ExternalTool;
import org.jkd.testing.MingwSample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Symbols without a PDB are found in the image, beside it, and along the symbol path. */
class ImageFormatsTest {
  private static final long BASE = 0xf7a0_0000L;
  private static final ExternalTool OBJCOPY = new ExternalTool("llvm-objcopy-19");

  @TempDir Path folder = Path.of("");

  private static SymbolSet symbols(Path image, String symbolPath, String imagePath)
      throws IOException {
    PeImage file = PeImage.ofFile(Bytes.map(image));
    ModuleIdentity module =
        new ModuleIdentity(
            "driver",
            String.valueOf(image.getFileName()),
            BASE,
            file.sizeOfImage(),
            file.timestamp(),
            file.loadedAt(BASE));
    return new SymbolSet(
        List.of(module),
        new SymbolLoader(
                SymbolPath.parse(symbolPath), SymbolPath.parse(imagePath), List.of(), false)
            .reading(
                List.of(new DwarfFormat(), new DbgFormat(), new CoffFormat(), new MapFormat())));
  }

  private static ModuleSymbols loaded(SymbolSet set) {
    return set.symbols(set.modules().getFirst());
  }

  private Path driver() throws IOException {
    return MingwSample.build(folder, "clang", "i686", "driver.c", "-g", "-O1");
  }

  @Test
  void inTheImage() throws IOException {
    Path driver = driver();
    SymbolSet set = symbols(driver, "", folder.toString());
    assertThat(loaded(set).status()).isEqualTo(SymbolStatus.DWARF);
    assertThat(loaded(set).file()).contains(driver);
    assertThat(set.nearest(set.address("driver!HogFarm").orElseThrow() + 3).orElseThrow().text())
        .isEqualTo("driver!HogFarm+0x3");
    // Without the image file there are exports at best.
    assertThat(loaded(symbols(driver, "", "")).status()).isEqualTo(SymbolStatus.EXPORT);
  }

  @Test
  void coffSymbolsAreWhatIsLeftWithoutDebuggingInformation() throws IOException {
    assumeTrue(OBJCOPY.isThere(), "needs llvm-objcopy-19");
    Path driver = driver();
    assertThat(OBJCOPY.lines("--strip-debug", driver.toString())).isPresent();
    SymbolSet set = symbols(driver, folder.toString(), "");
    assertThat(loaded(set).status()).isEqualTo(SymbolStatus.COFF);
    assertThat(set.address("driver!_HogFarm@8")).isEqualTo(set.address("driver!HogFarm"));
  }

  @Test
  void inTheFileThatTheImageNames() throws IOException {
    assumeTrue(OBJCOPY.isThere(), "needs llvm-objcopy-19");
    Path driver = driver();
    Path debug = folder.resolve("driver.debug");
    assertThat(OBJCOPY.lines("--only-keep-debug", driver.toString(), debug.toString())).isPresent();
    assertThat(OBJCOPY.lines("--strip-all", "--add-gnu-debuglink=" + debug, driver.toString()))
        .isPresent();
    SymbolSet set = symbols(driver, "", folder.toString());
    assertThat(loaded(set).status()).isEqualTo(SymbolStatus.DWARF);
    assertThat(loaded(set).file()).contains(debug);
    assertThat(set.address("driver!HogFarm")).isPresent();

    byte[] other = Files.readAllBytes(debug);
    other[other.length - 1] ^= 1;
    Files.write(debug, other);
    set = symbols(driver, "", folder.toString());
    assertThat(loaded(set).status()).isEqualTo(SymbolStatus.EXPORT);
    assertThat(set.log(set.modules().getFirst()))
        .anyMatch(l -> l.contains("driver.debug: mismatched debug file: CRC "));
  }

  private static void map(Path file, long timestamp, long base) throws IOException {
    Files.writeString(
        file,
        String.format(
            """
             driver

             Timestamp is %08x (some day)

             Preferred load address is %08x

              Address         Publics by Value              Rva+Base     Lib:Object

             0001:00000010       _DriverEntry@8             %08x f   driver.obj
            """,
            timestamp, base, base + 0x1010));
  }

  @Test
  void mapFilesLieBesideTheImageOrOnTheSymbolPath() throws IOException {
    assumeTrue(OBJCOPY.isThere(), "needs llvm-objcopy-19");
    Path driver = driver();
    assertThat(OBJCOPY.lines("--strip-all", driver.toString())).isPresent();
    PeImage image = PeImage.ofFile(Bytes.map(driver));
    map(folder.resolve("driver.map"), image.timestamp(), image.imageBase());
    SymbolSet beside = symbols(driver, "", folder.toString());
    assertThat(loaded(beside).status()).isEqualTo(SymbolStatus.MAP);
    assertThat(beside.address("driver!DriverEntry")).hasValue(BASE + 0x1010);

    Path symbols = Files.createDirectories(folder.resolve("symbols"));
    Files.createDirectories(symbols.resolve("sys"));
    Files.move(folder.resolve("driver.map"), symbols.resolve("sys").resolve("DRIVER.MAP"));
    assertThat(loaded(symbols(driver, symbols.toString(), "")).status())
        .isEqualTo(SymbolStatus.MAP);

    map(symbols.resolve("driver.map"), image.timestamp() + 1, image.imageBase());
    Files.delete(symbols.resolve("sys").resolve("DRIVER.MAP"));
    SymbolSet refused = symbols(driver, symbols.toString(), "");
    assertThat(loaded(refused).status()).isEqualTo(SymbolStatus.EXPORT);
    assertThat(refused.log(refused.modules().getFirst()))
        .anyMatch(l -> l.contains("driver.map: mismatched map file: "));
  }
}
