// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.sample.Json;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of the addresses in the corpus, as its truth files give them. */
class CorpusSymbolsTest {
  /** Memory of which nothing is there. */
  private record NoMemory() implements Memory {
    @Override
    public int read(long address, byte[] target, int at, int length) {
      return 0;
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return new Unreadable.NoBlock();
    }
  }

  private static List<Path> cases() throws IOException {
    Optional<Path> corpus = SharedFolder.find("corpus");
    assumeTrue(corpus.isPresent(), "needs ../shared/corpus");
    try (Stream<Path> list = Files.list(corpus.get())) {
      return list.filter(p -> Files.exists(p.resolve("truth.json"))).sorted().toList();
    }
  }

  private static ModuleIdentity identity(Json module, Path folder) throws IOException {
    long base = module.get("base").number();
    long size = module.get("size").number();
    long timestamp = module.get("timestamp").number();
    String file = module.get("file").text();
    Memory memory = new NoMemory();
    SymbolPath images = new SymbolPath(List.of(new SymbolPath.Folder(folder.resolve("images"))));
    ModuleIdentity bare =
        new ModuleIdentity(module.get("name").text(), file, base, size, timestamp, memory);
    Optional<SymbolLoader.ImageFile> found =
        new SymbolLoader(SymbolPath.EMPTY, images, List.of(), false).imageFile(bare, m -> {});
    if (found.isPresent()) {
      memory = found.get().image().loadedAt(base);
    }
    return new ModuleIdentity(module.get("name").text(), file, base, size, timestamp, memory);
  }

  private static SymbolSet symbols(Path folder, Json truth) throws IOException {
    List<ModuleIdentity> modules = new ArrayList<>();
    for (Json m : truth.get("modules").list()) {
      modules.add(identity(m, folder));
    }
    return new SymbolSet(
        modules,
        new SymbolLoader(
            SymbolPath.parse(folder.resolve("symbols").toString()),
            SymbolPath.parse(folder.resolve("images").toString()),
            List.of(),
            false));
  }

  @Test
  void everyPdbIsFoundByTheGuidAndAgeOfItsImage() throws IOException {
    int found = 0;
    for (Path folder : cases()) {
      Json truth = Json.of(folder.resolve("truth.json"));
      SymbolSet set = symbols(folder, truth);
      for (Json m : truth.get("modules").list()) {
        if (!m.get("image_in_store").isTrue()) {
          continue;
        }
        ModuleIdentity id = set.module(m.get("name").text()).orElseThrow();
        SymbolLoader.Result result = set.loaded(id);
        String kind = m.get("symbols").text();
        if (kind.equals("none")) {
          assertThat(result.symbols().file()).isEmpty();
          continue;
        }
        assertThat(result.pdbKey()).isEqualTo(m.get("guid_age").text());
        assertThat(result.symbols().file()).as(folder + " " + id.name()).isPresent();
        assertThat(result.symbols().status())
            .as(folder + " " + id.name())
            .isEqualTo(kind.equals("public") ? SymbolStatus.PUBLIC : SymbolStatus.PRIVATE);
        found++;
      }
    }
    assertThat(found).isGreaterThan(150);
  }

  @Test
  void everyFrameHasTheNameOfTheTruth() throws IOException {
    int equal = 0;
    List<String> wrong = new ArrayList<>();
    for (Path folder : cases()) {
      Json truth = Json.of(folder.resolve("truth.json"));
      SymbolSet set = symbols(folder, truth);
      for (Json f : truth.get("frames").list()) {
        for (String[] pair :
            new String[][] {{"instruction", "symbol"}, {"return", "return_symbol"}}) {
          if (f.get(pair[1]).isNull() || f.get(pair[0]).isNull()) {
            continue;
          }
          String want = f.get(pair[1]).text();
          long address = f.get(pair[0]).number();
          Optional<SymbolSet.Nearest> nearest = set.nearest(address);
          if (nearest.isEmpty()
              || nearest.get().symbol().isEmpty() && !want.contains("+0x")
              || !SharedCase.hasImage(truth, nearest.get().module().name())) {
            continue;
          }
          String got = nearest.get().text();
          if (got.equals(want) || SharedCase.lineOfALinkerMap(want, nearest.get())) {
            equal++;
          } else {
            wrong.add(
                folder.getFileName() + " " + Long.toHexString(address) + " " + want + " " + got);
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(equal).isGreaterThan(5000);
  }

  /** A PDB of the right name and another build lies in the path, as it does on many desks. */
  @Test
  void aPdbOfAnotherBuildIsRefusedAndNamed(@TempDir Path desk) throws IOException {
    List<Path> folders = cases();
    Path here = folders.getFirst();
    Json truth = Json.of(here.resolve("truth.json"));
    SymbolSet right = symbols(here, truth);
    ModuleIdentity module = right.module("Ntfs").orElseThrow();
    String pdbName = right.loaded(module).pdbName();
    String key = right.loaded(module).pdbKey();
    Path other = otherBuild(folders, pdbName, key);
    Files.copy(other, desk.resolve(pdbName.toUpperCase(Locale.ROOT)));
    SymbolSet set =
        new SymbolSet(
            List.of(module),
            new SymbolLoader(
                SymbolPath.parse(desk.toString()), SymbolPath.EMPTY, List.of(), false));
    assertThat(set.symbols(module).file()).isEmpty();
    assertThat(set.log(module))
        .anyMatch(l -> l.contains(": mismatched pdb: ") && l.endsWith(" instead of " + key));
    assertThat(set.summary(module)).contains(": " + pdbName + " " + key + "; ");
    // The same desk, with the right file in a second folder.
    SymbolSet second =
        new SymbolSet(
            List.of(module),
            new SymbolLoader(
                SymbolPath.parse(desk + ";srv*" + here.resolve("symbols")),
                SymbolPath.EMPTY,
                List.of(),
                true));
    assertThat(second.symbols(module).status()).isEqualTo(SymbolStatus.PUBLIC);
    assertThat(second.symbols(module).file().orElseThrow()).startsWith(here);
  }

  private static Path otherBuild(List<Path> folders, String pdbName, String key)
      throws IOException {
    for (Path folder : folders) {
      try (Stream<Path> all = Files.walk(folder.resolve("symbols"))) {
        Optional<Path> other =
            all.filter(Files::isRegularFile)
                .filter(p -> p.getFileName().toString().equalsIgnoreCase(pdbName))
                .filter(p -> !p.toString().contains(key))
                .findFirst();
        if (other.isPresent()) {
          return other.get();
        }
      }
    }
    throw new AssertionError("all cases have the same " + pdbName);
  }

  /** What the truth files say beside names. */
  private static final class SharedCase {
    static boolean hasImage(Json truth, String module) {
      return truth.get("modules").list().stream()
          .filter(m -> m.get("name").text().equals(module))
          .anyMatch(m -> m.get("image_in_store").isTrue());
    }

    /**
     * Below the first public symbol of a section the truth shows the length column of the linker's
     * map ({@code ternfs!000006bbH+0x548}), so there only the module can be compared.
     */
    static boolean lineOfALinkerMap(String want, SymbolSet.Nearest got) {
      return want.matches(".*![0-9a-f]{8}H\\+0x[0-9a-f]+")
          && want.startsWith(got.module().name() + "!");
    }
  }
}
