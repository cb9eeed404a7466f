// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.isf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jkd.image.FormatException;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.sample.SharedFolder;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolFormat;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolPath;
import org.jkd.symbols.SymbolSet;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IsfTest {
  private static final String FILE =
      "data/symbols/ntkrnlmp.pdb/5278AFF86C341677D7D7835C85B7B844-1.json.xz";

  /** The base of nt in data/kernel/rizin_triage_x64.dmp, and what the dump's header says. */
  private static final long BASE = 0xfffff8047ba00000L;

  private static final Map<String, Long> HEADER =
      Map.of(
          "PsLoadedModuleList", 0xfffff8047c62a390L,
          "PsActiveProcessHead", 0xfffff8047c61e200L,
          "KdDebuggerDataBlock", 0xfffff8047c600b20L,
          "MmPfnDatabase", 0xfffff8047c6fc500L);

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

  private static Path file() {
    Optional<Path> file = SharedFolder.find(FILE);
    assumeTrue(file.isPresent(), "needs ../shared/data/symbols");
    return file.orElseThrow();
  }

  private static SymbolSet set(Path folder, long base) {
    ModuleIdentity nt =
        new ModuleIdentity("nt", "ntoskrnl.exe", base, 0x1046000, 0xd832e26L, new NoMemory());
    return new SymbolSet(
        List.of(nt),
        new SymbolLoader(
            SymbolPath.parse(folder.toString()),
            SymbolPath.EMPTY,
            List.of(new IsfFormat()),
            false));
  }

  @Test
  void readsSymbolsAndTypes() throws IOException {
    SymbolFormat.Opened opened = new IsfFormat().open(file());
    assertThat(opened.guid()).isEqualTo("5278AFF86C341677D7D7835C85B7B844");
    assertThat(opened.age()).isEqualTo(1);
    assertThat(opened.pdbName()).isEqualTo("ntkrnlmp.pdb");
    assertThat(opened.symbols().named("KeBugCheckEx").orElseThrow().rva()).isEqualTo(4_151_936);
    assertThat(opened.symbols().matching(n -> true)).hasSize(39_832);
    Types types = opened.symbols().types();
    // 1646 structures and unions, 293 enumerations.
    assertThat(types.names(n -> true)).hasSize(1939);
    assertThat(types.named("enum _POOL_TYPE")).containsInstanceOf(Types.EnumType.class);
    Types.StructType thread = types.struct("_KTHREAD").orElseThrow();
    // Windows 10 2004 x64: published offsets.
    assertThat(thread.size()).isEqualTo(0x430);
    assertThat(types.offset("_KTHREAD", "InitialStack")).hasValue(0x28);
    assertThat(types.offset("_KTHREAD", "StackLimit")).hasValue(0x30);
    assertThat(types.offset("_KTHREAD", "StackBase")).hasValue(0x38);
    assertThat(types.offset("_KTHREAD", "KernelStack")).hasValue(0x58);
    assertThat(thread.fields())
        .isSortedAccordingTo(java.util.Comparator.comparingLong(Types.Field::offset));
  }

  @Test
  void isBelievedForTheAddressesOfTheDump() {
    Path folder = file().resolve("../..").normalize();
    SymbolSet set = set(folder, BASE);
    ModuleIdentity nt = set.modules().getFirst();
    set.know(nt, HEADER);
    assertThat(set.status(nt)).isEqualTo(SymbolStatus.DEFERRED);
    assertThat(set.nearest(0xfffff8047bdf5a80L).orElseThrow().text()).isEqualTo("nt!KeBugCheckEx");
    assertThat(set.loaded(nt).proof())
        .isEqualTo("4 of 4 addresses of the dump are those of the file");
    assertThat(set.address("nt!PsLoadedModuleList"))
        .hasValue(Objects.requireNonNull(HEADER.get("PsLoadedModuleList")));
    assertThat(set.match("nt!PsLoadedModuleL*")).hasSize(1);
  }

  @Test
  void isNotBelievedForOtherAddresses() {
    Path folder = file().resolve("../..").normalize();
    SymbolSet set = set(folder, BASE + 0x1000);
    ModuleIdentity nt = set.modules().getFirst();
    set.know(nt, HEADER);
    assertThat(set.symbols(nt).status()).isEqualTo(SymbolStatus.NONE);
    assertThat(set.log(nt))
        .anyMatch(l -> l.endsWith("0 of 4 addresses of the dump are those of the file"));
    assertThat(set.nearest(BASE + 0x2000).orElseThrow().text()).isEqualTo("nt+0x1000");
  }

  @Test
  void twoEqualAddressesAreNotEnough() {
    Path folder = file().resolve("../..").normalize();
    SymbolSet set = set(folder, BASE);
    ModuleIdentity nt = set.modules().getFirst();
    set.know(
        nt,
        Map.of(
            "PsLoadedModuleList", HEADER.get("PsLoadedModuleList"),
            "PsActiveProcessHead", HEADER.get("PsActiveProcessHead")));
    assertThat(set.symbols(nt).status()).isEqualTo(SymbolStatus.NONE);
  }

  @Test
  void damagedFilesEndInOneLine(@TempDir Path folder) throws IOException {
    byte[] whole = Files.readAllBytes(file());
    Path damaged = folder.resolve("x.json.xz");
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 12; i++) {
      byte[] bytes = whole.clone();
      if (i < 4) {
        bytes = Arrays.copyOf(whole, whole.length * i / 4);
      } else {
        bytes[random.nextInt(i < 8 ? 64 : whole.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(damaged, bytes);
      try {
        new IsfFormat().open(damaged);
      } catch (IOException | FormatException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(8);
    Path text = folder.resolve("x.json");
    Files.writeString(text, "{\"symbols\": {\"a\": {\"address\": \"no number\"}}}");
    assertThatThrownBy(() -> new IsfFormat().open(text)).isInstanceOf(FormatException.class);
    Files.writeString(text, "[".repeat(100_000));
    assertThatThrownBy(() -> new IsfFormat().open(text)).isInstanceOf(FormatException.class);
  }
}
