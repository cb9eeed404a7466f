// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.image.Unreadable;
import org.jkd.pdb.Pdb;
import org.jkd.pe.PeImage;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.Symbol;
import org.jkd.testing.ExternalTool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MapTest {
  private static final ExternalTool CLANG = new ExternalTool("clang-19");
  private static final ExternalTool LINK = new ExternalTool("lld-link-19");

  /** As Microsoft's linker writes it, with the columns of 32-bit images. */
  private static final String MICROSOFT =
      """
       hog

       Timestamp is 3f384e30 (Tue Aug 12 01:17:20 2003)

       Preferred load address is 00010000

       Start         Length     Name                   Class
       0001:00000000 00000d8aH .text                   CODE
       0002:00000000 00000004H .data                   DATA

        Address         Publics by Value              Rva+Base     Lib:Object

       0000:00000000       ___safe_se_handler_count   00000000     <absolute>
       0001:00000010       _DriverEntry@8             00011010 f   hog.obj
       0001:00000090       ?Create@Device@Quill@@QAEHXZ 00011090 f i hog.obj
       0002:00000000       _Table                     00012000     hog.obj

       entry point at        0001:00000010

       Static symbols

       0001:000000d0       _Helper@4                  000110d0 f   hog.obj
      """;

  @TempDir Path folder = Path.of("");

  private static ModuleIdentity module(long size, long timestamp) {
    return new ModuleIdentity(
        "hog",
        "hog.sys",
        0x10000,
        size,
        timestamp,
        new BlockMemory(List.of(), new Unreadable.NoBlock()));
  }

  private List<Symbol> read(String text, ModuleIdentity module) throws IOException {
    Path file = folder.resolve("hog.map");
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    return new MapFormat()
        .open(file, module, line -> {})
        .map(s -> s.matching(n -> true))
        .orElse(List.of());
  }

  @Test
  void mapsOfMicrosoftsLinker() throws IOException {
    List<Symbol> symbols = read(MICROSOFT, module(0x3000, 0x3f384e30));
    assertThat(symbols)
        .containsExactly(
            new Symbol("DriverEntry", "_DriverEntry@8", 0x1010, 0, Symbol.Kind.PUBLIC_CODE),
            new Symbol(
                "Quill::Device::Create",
                "?Create@Device@Quill@@QAEHXZ",
                0x1090,
                0,
                Symbol.Kind.PUBLIC_CODE),
            new Symbol("Helper", "_Helper@4", 0x10d0, 0, Symbol.Kind.PUBLIC_CODE),
            new Symbol("Table", "_Table", 0x2000, 0, Symbol.Kind.PUBLIC));
    assertThatThrownBy(() -> read(MICROSOFT, module(0x3000, 0x3f384e31)))
        .hasMessage("mismatched map file: 3f384e30 instead of 3f384e31");
    assertThatThrownBy(() -> read("a text\n", module(0x3000, 1)))
        .hasMessageContaining("expected a line with the timestamp");
  }

  /** The map that lld writes has every public of the PDB that it writes with it. */
  @ParameterizedTest
  @CsvSource({"x86_64, x64", "i686, x86"})
  void mapsOfLld(String target, String machine) throws IOException {
    assumeTrue(CLANG.isThere() && LINK.isThere(), "needs clang-19 and lld-link-19");
    Path source = folder.resolve("hog.cpp");
    Files.writeString(
        source,
        """
        namespace quill { template <class T> struct Box { T __declspec(noinline) get(T t); };
        template <class T> T Box<T>::get(T t) { return t * 2; } template struct Box<int>; }
        int data = 3;
        int __fastcall Fast(int a) { return quill::Box<int>().get(a) + data; }
        extern "C" int __stdcall DriverEntry(void *, void *) { return Fast(2); }
        """);
    Path object = folder.resolve("hog.obj");
    Path image = folder.resolve("hog.dll");
    assertThat(
            CLANG.lines(
                "--driver-mode=cl",
                "--target=" + target + "-pc-windows-msvc",
                "-c",
                "-O1",
                "-GS-",
                "-Zl",
                "-Fo" + object,
                "--",
                source.toString()))
        .isPresent();
    assertThat(
            LINK.lines(
                "-dll",
                "-nodefaultlib",
                "-debug",
                "-entry:DriverEntry",
                "-machine:" + machine,
                "-map:" + folder.resolve("hog.map"),
                "-out:" + image,
                object.toString()))
        .isPresent();
    PeImage file = PeImage.ofFile(Bytes.map(image));
    Map<String, Long> ours = new TreeMap<>();
    new MapFormat()
        .open(folder.resolve("hog.map"), module(file.sizeOfImage(), file.timestamp()), line -> {})
        .orElseThrow()
        .matching(n -> true)
        .forEach(s -> ours.put(s.decorated(), s.rva()));
    Pdb pdb = Pdb.open(Bytes.map(folder.resolve("hog.pdb")));
    Map<String, Long> theirs = new TreeMap<>();
    for (int i = 0; i < pdb.publics().count(); i++) {
      theirs.put(pdb.name(pdb.publics(), i), pdb.publics().sourceRva(i));
    }
    assertThat(ours).containsAllEntriesOf(theirs);
    assertThat(theirs).hasSizeGreaterThan(3);
  }

  @Test
  void damagedMaps() throws IOException {
    byte[] good = MICROSOFT.getBytes(StandardCharsets.ISO_8859_1);
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] bad = i % 2 == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
      if (i % 2 == 1) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        List<Symbol> symbols =
            read(new String(bad, StandardCharsets.ISO_8859_1), module(0x3000, 0x3f384e30));
        assertThat(symbols).hasSizeLessThan(5).allMatch(s -> s.rva() >= 0 && s.rva() < 0x3000);
      } catch (FormatException e) {
        assertThat(e).hasMessageNotContaining("\n");
        refused++;
      }
    }
    assertThat(refused).isBetween(100, 1000);
  }
}
