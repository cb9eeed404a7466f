// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFinderTest {
  private static final String KEY = "0123456789ABCDEF0123456789ABCDEF2";

  @TempDir Path root;

  private Path file(String relative) throws IOException {
    Path p = root.resolve(relative);
    Files.createDirectories(p.getParent());
    return Files.writeString(p, "x");
  }

  private List<Path> find(String path, String name, List<String> log) {
    return new FileFinder(SymbolPath.parse(path)).candidates(name, KEY, log::add);
  }

  private List<Path> find(String path, String name) {
    return find(path, name, new ArrayList<>());
  }

  @Test
  void plainFoldersAreLookedAtAsDbghelpDoes() throws IOException {
    Path direct = file("a/ntfs.pdb");
    Path symbols = file("b/symbols/sys/ntfs.pdb");
    Path extension = file("c/pdb/ntfs.pdb");
    assertThat(find(root.resolve("a").toString(), "ntfs.pdb")).containsExactly(direct);
    assertThat(find(root.resolve("c").toString(), "ntfs.pdb")).containsExactly(extension);
    assertThat(find(root.resolve("b").toString(), "ntfs.pdb")).isEmpty();
    Path own = file("b/symbols/pdb/ntfs.pdb");
    assertThat(find(root.resolve("b").toString(), "ntfs.pdb")).containsExactly(own);
    assertThat(symbols).exists();
  }

  @Test
  void storesMatchInAnyCase() throws IOException {
    Path lower = file("s/ntfs.pdb/" + KEY.toLowerCase(Locale.ROOT) + "/ntfs.pdb");
    Path upper = file("t/NTFS.PDB/" + KEY + "/Ntfs.pdb");
    assertThat(find("srv*" + root.resolve("s"), "Ntfs.pdb")).containsExactly(lower);
    assertThat(find("srv*" + root.resolve("t"), "ntfs.pdb")).containsExactly(upper);
    assertThat(find(root.resolve("s") + ";" + root.resolve("t"), "ntfs.pdb"))
        .containsExactly(lower, upper);
  }

  @Test
  void twoTierStoresArePerFirstTwoLetters() throws IOException {
    Path file = file("s/nt/ntfs.pdb/" + KEY + "/ntfs.pdb");
    assertThat(find("srv*" + root.resolve("s"), "ntfs.pdb")).isEmpty();
    Files.writeString(root.resolve("s/index2.txt"), "");
    assertThat(find("srv*" + root.resolve("s"), "ntfs.pdb")).containsExactly(file);
  }

  @Test
  void pointersAreFollowedAndPackedFilesNamed() throws IOException {
    Path real = file("elsewhere/x.pdb");
    Path pointer = file("s/ntfs.pdb/" + KEY + "/file.ptr");
    Files.writeString(pointer, "PATH:" + real);
    assertThat(find("srv*" + root.resolve("s"), "ntfs.pdb")).containsExactly(real);
    file("p/ntfs.pdb/" + KEY + "/ntfs.pd_");
    List<String> log = new ArrayList<>();
    assertThat(find("srv*" + root.resolve("p"), "ntfs.pdb", log)).isEmpty();
    assertThat(log)
        .singleElement()
        .asString()
        .endsWith("compressed files of a store are not expanded");
  }

  @Test
  void allLocalPartsOfAPathCount() {
    assertThat(
            SymbolPath.parse(
                    "cache*/c; srv*/a*/b*https://example.org/s ;symsrv*symsrv.dll*/d;/e;x*y;"
                        + "http://example.org")
                .elements())
        .containsExactly(
            new SymbolPath.Store(Path.of("/c")),
            new SymbolPath.Store(Path.of("/a")),
            new SymbolPath.Store(Path.of("/b")),
            new SymbolPath.Unreachable("https://example.org/s", "symbol servers are not asked"),
            new SymbolPath.Store(Path.of("/d")),
            new SymbolPath.Folder(Path.of("/e")),
            new SymbolPath.Unreachable("x*y", "unknown kind of symbol path element"),
            new SymbolPath.Unreachable("http://example.org", "symbol servers are not asked"));
  }

  @Test
  void whatCannotBeLookedInIsSaid() {
    List<String> log = new ArrayList<>();
    assertThat(find(root.resolve("none") + ";srv*https://example.org", "ntfs.pdb", log)).isEmpty();
    assertThat(log)
        .containsExactly(
            root.resolve("none") + ": no such folder",
            "https://example.org: symbol servers are not asked");
  }

  @Test
  void namesDoNotLeaveThePath() throws IOException {
    file("secret.pdb");
    Files.createDirectories(root.resolve("s"));
    assertThat(find(root.resolve("s").toString(), "../secret.pdb")).isEmpty();
    assertThat(find(root.resolve("s").toString(), "..\\secret.pdb")).isEmpty();
  }
}
