// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jkd.sample.format.CabinetWriter;
import org.jkd.symbols.store.StoreChain;
import org.jkd.symbols.store.StoreChain.DefaultCache;
import org.jkd.symbols.store.StoreChain.Server;
import org.jkd.symbols.store.StoreSettings;
import org.jkd.symbols.store.Stores;
import org.jkd.symbols.store.Wanted;
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

  private Optional<Path> find(String path, String name, List<String> log) {
    Map<String, String> environment =
        Map.of("JKD_SYMBOL_CACHE", root.resolve("default").toString());
    Stores stores = new Stores(StoreSettings.of(environment).withoutServers());
    Wanted.Check check =
        file ->
            Files.readString(file).equals("x") ? Optional.empty() : Optional.of("the wrong one");
    return new FileFinder(SymbolPath.parse(path), stores)
        .find(new Wanted(name, KEY, "sys", check), Stores.Ask.SERVERS, log::add);
  }

  private Optional<Path> find(String path, String name) {
    return find(path, name, new ArrayList<>());
  }

  private String at(String relative) {
    return root.resolve(relative).toString();
  }

  @Test
  void plainFoldersAreLookedAtAsDbghelpDoes() throws IOException {
    for (String place :
        new String[] {"ntfs.pdb", "sys/ntfs.pdb", "symbols/sys/ntfs.pdb", "pdb/ntfs.pdb"}) {
      String folder = "f" + place.replace('/', '-');
      Path file = file(folder + "/" + place);
      assertThat(find(at(folder), "ntfs.pdb")).contains(file);
    }
    file("g/deeper/still/ntfs.pdb");
    assertThat(find(at("g"), "ntfs.pdb")).isEmpty();
  }

  @Test
  void storesMatchInAnyCase() throws IOException {
    Path lower = file("s/ntfs.pdb/" + KEY.toLowerCase(Locale.ROOT) + "/ntfs.pdb");
    Path upper = file("t/NTFS.PDB/" + KEY + "/Ntfs.pdb");
    assertThat(find("srv*" + root.resolve("s"), "Ntfs.pdb")).contains(lower);
    assertThat(find("srv*" + root.resolve("t"), "ntfs.pdb")).contains(upper);
    assertThat(find(root.resolve("s") + ";" + root.resolve("t"), "ntfs.pdb")).contains(lower);
  }

  @Test
  void twoTierStoresArePerFirstTwoLetters() throws IOException {
    Path file = file("s/nt/ntfs.pdb/" + KEY + "/ntfs.pdb");
    assertThat(find("srv*" + root.resolve("s"), "ntfs.pdb")).isEmpty();
    Files.writeString(root.resolve("s/index2.txt"), "");
    assertThat(find("srv*" + root.resolve("s"), "ntfs.pdb")).contains(file);
  }

  @Test
  void pointersAreFollowed() throws IOException {
    Path real = file("elsewhere/x.pdb");
    Path pointer = file("s/ntfs.pdb/" + KEY + "/file.ptr");
    Files.writeString(pointer, "PATH:" + real);
    assertThat(find("srv*" + root.resolve("s"), "ntfs.pdb")).contains(real);
    List<String> log = new ArrayList<>();
    Files.writeString(pointer, "PATH:\\\\build\\symbols\\x.pdb");
    assertThat(find("srv*" + root.resolve("s"), "ntfs.pdb", log)).isEmpty();
    Files.writeString(pointer, "MSG: ask Bob\r\nor his chief");
    assertThat(find("srv*" + root.resolve("s"), "ntfs.pdb", log)).isEmpty();
    assertThat(log)
        .containsExactly(
            pointer + ": points to \\\\build\\symbols\\x.pdb, which is not followed",
            at("s") + ": not there",
            pointer + ": MSG: ask Bob  or his chief",
            at("s") + ": not there");
  }

  @Test
  void compressedFilesAreExpandedIntoTheCacheBeforeThem() throws IOException {
    Path packed = file("s/ntfs.pdb/" + KEY + "/ntfs.pd_");
    Files.write(packed, CabinetWriter.msZip("other name.pdb", "x".getBytes()));
    Path kept = root.resolve("near/ntfs.pdb/" + KEY + "/ntfs.pdb");
    Files.createDirectories(root.resolve("near"));
    assertThat(find("srv*" + at("near") + "*" + at("s"), "ntfs.pdb")).contains(kept);
    assertThat(kept).hasContent("x");
    Path byDefault = root.resolve("default/ntfs.pdb/" + KEY + "/ntfs.pdb");
    assertThat(find(at("s"), "ntfs.pdb")).contains(byDefault);
    Files.write(packed, CabinetWriter.msZip("ntfs.pdb", "y".getBytes()));
    Files.delete(byDefault);
    List<String> log = new ArrayList<>();
    assertThat(find("srv*" + at("s"), "ntfs.pdb", log)).isEmpty();
    assertThat(log).containsExactly(packed + ": the wrong one");
    assertThat(byDefault).doesNotExist();
  }

  @Test
  void whatIsFoundFarAwayIsCopiedNear() throws IOException {
    Path far = file("c/ntfs.pdb/" + KEY + "/ntfs.pdb");
    Files.createDirectories(root.resolve("a"));
    Files.createDirectories(root.resolve("b/nt"));
    file("b/index2.txt");
    Path near = root.resolve("a/ntfs.pdb/" + KEY + "/ntfs.pdb");
    assertThat(find("srv*" + at("a") + "*" + at("b") + "*" + at("c"), "ntfs.pdb")).contains(near);
    assertThat(near).hasSameBinaryContentAs(far);
    assertThat(root.resolve("b/nt/ntfs.pdb/" + KEY + "/ntfs.pdb")).hasSameBinaryContentAs(far);
    // A wrong file in the cache is replaced by the right one behind it.
    Files.writeString(near, "torn");
    assertThat(find("cache*" + at("a") + ";srv*" + at("c"), "ntfs.pdb")).contains(near);
    assertThat(near).hasSameBinaryContentAs(far);
  }

  @Test
  void theGrammarOfPathsIsUnderstood() {
    URI there = URI.create("https://example.org/s");
    Server microsoft = new Server(URI.create(SymbolPath.MICROSOFT));
    assertThat(
            SymbolPath.parse(
                    "/e; srv*/a*/b*https://example.org/s;symsrv*symsrv.dll*/d;x*y;"
                        + "http://example.org/s;srv*;srv**https://example.org/s;cache*/c;/f;srv*/g;"
                        + "SRV*https://example.org/s;srv*http://[;\0;https://example.org/s?x=1")
                .elements())
        .containsExactly(
            new SymbolPath.Folder(Path.of("/e")),
            store(folder("/a"), folder("/b"), new Server(there)),
            store(folder("/d")),
            new SymbolPath.Unreachable("x*y", "unknown kind of symbol path element"),
            store(new DefaultCache(), new Server(URI.create("http://example.org/s"))),
            store(new DefaultCache(), microsoft),
            store(new DefaultCache(), new Server(there)),
            store(folder("/c")),
            new SymbolPath.Folder(Path.of("/f")),
            store(folder("/c"), folder("/g")),
            store(folder("/c"), new Server(there)),
            new SymbolPath.Unreachable(
                "srv*http://[", "Expected closing bracket for IPv6 address at index 8: http://["),
            new SymbolPath.Unreachable("\0", "not a path"),
            new SymbolPath.Unreachable("https://example.org/s?x=1", "not the address of a server"));
    assertThat(SymbolPath.expanded("srv*")).isEqualTo("cache*;SRV*" + SymbolPath.MICROSOFT);
    assertThat(SymbolPath.expanded("/a;srv*/b*https://example.org"))
        .isEqualTo("/a;cache*/b;SRV*https://example.org");
  }

  private static SymbolPath.Store store(StoreChain.Place... places) {
    return new SymbolPath.Store(new StoreChain(List.of(places)));
  }

  private static StoreChain.Folder folder(String path) {
    return new StoreChain.Folder(Path.of(path));
  }

  @Test
  void whatCannotBeLookedInIsSaid() throws IOException {
    Files.createDirectories(root.resolve("empty"));
    file("wrong/ntfs.pdb");
    Files.writeString(root.resolve("wrong/ntfs.pdb"), "y");
    List<String> log = new ArrayList<>();
    String path = "none;empty;srv*empty;wrong;srv*https://example.org".replace("none", at("none"));
    path = path.replace("empty", at("empty")).replace("wrong", at("wrong"));
    assertThat(find(path, "ntfs.pdb", log)).isEmpty();
    assertThat(log)
        .containsExactly(
            at("none") + ": no such folder",
            at("empty") + ": not there",
            at("wrong/ntfs.pdb") + ": the wrong one",
            "https://example.org: not asked, offline");
  }

  @Test
  void namesDoNotLeaveThePath() throws IOException {
    file("secret.pdb");
    Files.createDirectories(root.resolve("s"));
    for (String name :
        new String[] {
          "../secret.pdb",
          "..\\secret.pdb",
          "..",
          ".",
          "",
          "c:secret.pdb",
          "\0.pdb",
          "nul.pdb",
          "COM1",
          "secret.pdb.",
          "secret.pdb ",
          "x".repeat(300),
          "a\nb.pdb",
          "lpt².sys",
          "a*.pdb"
        }) {
      List<String> log = new ArrayList<>();
      assertThat(find(root.resolve("s").toString(), name, log)).as(name).isEmpty();
      assertThat(log).singleElement().asString().startsWith("not looked for: ");
    }
    Stores stores = new Stores(StoreSettings.of(Map.of()).withoutServers());
    List<String> log = new ArrayList<>();
    Wanted wanted = new Wanted("secret.pdb", "../..", "sys", file -> Optional.empty());
    assertThat(
            new FileFinder(SymbolPath.parse("srv*" + at("s")), stores)
                .find(wanted, Stores.Ask.SERVERS, log::add))
        .isEmpty();
    assertThat(log).singleElement().asString().contains("a key that is not made of hexadecimal");
  }
}
