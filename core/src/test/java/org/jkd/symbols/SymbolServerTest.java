// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jkd.symbols.SymbolServer.bytes;
import static org.jkd.symbols.SymbolServer.redirect;
import static org.jkd.symbols.SymbolServer.status;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jkd.image.CancelledException;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.pe.DebugDirectory;
import org.jkd.sample.format.Blob;
import org.jkd.sample.format.CabinetWriter;
import org.jkd.sample.format.LzxWriter;
import org.jkd.sample.format.PdbWriter;
import org.jkd.symbols.store.StoreSettings;
import org.jkd.symbols.store.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Symbols from a real server: each ends in a right symbol or in a clear line. */
@Timeout(60)
class SymbolServerTest {
  private static final String GUID = "33221100554477668899AABBCCDDEEFF";
  private static final String KEY = GUID + "3";
  private static final String PLACE = "driver.pdb/" + KEY + "/";

  @TempDir Path folder;
  private SymbolServer server;
  private Path cache;

  /** So long that no busy machine makes a test fail; tests of silence make it short. */
  private Duration stall = Duration.ofSeconds(20);

  private Duration total = Duration.ofMinutes(1);

  @BeforeEach
  void start() throws IOException {
    server = new SymbolServer();
    cache = folder.resolve("cache");
  }

  @AfterEach
  void stop() {
    server.close();
  }

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

  /** A PDB of some size: its first public is {@code Function}. */
  static byte[] pdb(int age) {
    byte[] guid = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");
    byte[] section =
        new Blob()
            .ascii(0, ".text")
            .u32(8, 0x100000)
            .u32(12, 0x1000)
            .u32(36, 0x60000020)
            .grow(40)
            .bytes();
    PdbWriter writer =
        new PdbWriter(guid, age, 1, false, section)
            .add(new PdbWriter.Public("_Function@8", 1, 0x10, true));
    for (int i = 0; i < 3000; i++) {
      writer.add(new PdbWriter.Public("_Other" + i * 7919, 1, 0x100 + i * 16, true));
    }
    return writer.file();
  }

  static ModuleIdentity module(String pdbPath) {
    return new ModuleIdentity(
        "driver",
        "driver.sys",
        0x10000,
        0x200000,
        0,
        new NoMemory(),
        Optional.of(new DebugDirectory.Rsds(GUID, 3, pdbPath)));
  }

  private StoreSettings settings(Path cache) {
    return new StoreSettings(
        false,
        cache,
        Duration.ofSeconds(20),
        stall,
        total,
        3,
        Duration.ZERO,
        Duration.ofHours(1),
        8,
        1 << 26,
        Optional.empty(),
        StoreSettings.Progress.NONE);
  }

  private SymbolSet set(String path, List<ModuleIdentity> modules) {
    Stores stores = new Stores(settings(folder.resolve("default")));
    return new SymbolSet(
        modules,
        new SymbolLoader(
            SymbolPath.parse(path), SymbolPath.EMPTY, List.of(), stores, LoadOptions.NORMAL));
  }

  private String path() {
    return "srv*" + cache + "*" + server.url();
  }

  /** Loads the symbols of the driver; its log is what failed. */
  private SymbolSet load(String pdbPath) {
    ModuleIdentity module = module(pdbPath);
    SymbolSet set = set(path(), List.of(module));
    set.symbols(module);
    return set;
  }

  private void assertRight() throws IOException {
    SymbolSet set = load("d:\\build\\driver.pdb");
    assertThat(set.address("driver!Function"))
        .as(set.summary(set.modules().getFirst()))
        .hasValue(0x10000 + 0x1010);
    assertThat(cache.resolve(PLACE + "driver.pdb")).hasBinaryContent(pdb(3));
    assertThat(leftovers()).isEmpty();
  }

  private String refusal() throws IOException {
    SymbolSet set = load("driver.pdb");
    assertThat(set.status(set.modules().getFirst())).isEqualTo(SymbolStatus.NONE);
    assertThat(cache.resolve(PLACE + "driver.pdb")).doesNotExist();
    List<String> lines =
        set.log(set.modules().getFirst()).stream().filter(l -> l.startsWith("http")).toList();
    assertThat(lines).hasSize(1);
    return lines.getFirst().substring(server.url().length() + 2);
  }

  /** Files of the cache that are neither symbols nor notes. */
  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      return files
          .filter(Files::isRegularFile)
          .map(p -> cache.relativize(p).toString())
          .filter(
              p -> !p.startsWith("driver.pdb") && !p.startsWith("dr/") && !p.endsWith(".absent"))
          .toList();
    }
  }

  private static byte[] lzx(byte[] data) {
    return CabinetWriter.lzx(
        "driver.pdb", data, new LzxWriter(21, new int[] {1, 2}, 50_000, false));
  }

  @Test
  void thePlainFile() throws IOException {
    server.at(PLACE + "driver.pdb", bytes(pdb(3)));
    assertRight();
    assertThat(server.requests())
        .containsExactly("/symbols/index2.txt", "/symbols/" + PLACE + "driver.pdb");
    assertRight();
    assertThat(server.requests()).hasSize(2); // the cache has it now
  }

  @Test
  void compressedFiles() throws IOException {
    server.at(PLACE + "driver.pd_", bytes(lzx(pdb(3))));
    assertRight();
    Files.delete(cache.resolve(PLACE + "driver.pdb"));
    server.at(PLACE + "driver.pd_", bytes(CabinetWriter.msZip("driver.pdb", pdb(3))));
    assertRight();
    Files.delete(cache.resolve(PLACE + "driver.pdb"));
    server.at(PLACE + "driver.pdb", bytes(lzx(pdb(3)))); // under the plain name
    assertRight();
  }

  @Test
  void twoTiersAndLowerCase() throws IOException {
    server.at("index2.txt", bytes("\r\n".getBytes(StandardCharsets.US_ASCII)));
    server.at("dr/" + PLACE + "driver.pdb", bytes(pdb(3)));
    assertRight();
    Files.delete(cache.resolve(PLACE + "driver.pdb"));
    server.at("dr/" + PLACE + "driver.pdb", status(404));
    server.at("dr/driver.pdb/" + KEY.toLowerCase(Locale.ROOT) + "/driver.pdb", bytes(pdb(3)));
    assertRight();
  }

  @Test
  void pointers() throws IOException {
    server.at("pool/17.pdb", bytes(pdb(3)));
    server.at(PLACE + "file.ptr", bytes("PATH:pool\\17.pdb\r\n".getBytes(StandardCharsets.UTF_8)));
    assertRight();
    Files.delete(cache.resolve(PLACE + "driver.pdb"));
    server.at("pool/17.pd_", bytes(lzx(pdb(3))));
    String url = "PATH:" + server.url() + "/pool/17.pd_";
    server.at(PLACE + "file.ptr", bytes(url.getBytes(StandardCharsets.UTF_8)));
    assertRight();
  }

  @Test
  void pointersToThisMachineAreNotFollowed() throws IOException {
    Path own = Files.write(folder.resolve("own.pdb"), pdb(3));
    for (String target :
        new String[] {
          own.toString(),
          "\\\\host\\share\\x.pdb",
          "..\\..\\x.pdb",
          "c:\\x.pdb",
          "file:///x.pdb",
          "http://[",
          "//host/x.pdb"
        }) {
      server.at(PLACE + "file.ptr", bytes(("PATH:" + target).getBytes(StandardCharsets.UTF_8)));
      assertThat(refusal()).isEqualTo("file.ptr points to " + target + ", not followed");
    }
    server.at(PLACE + "file.ptr", bytes("MSG: gone\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(refusal()).isEqualTo("file.ptr says: MSG: gone");
  }

  @Test
  void redirectsAreFollowedWithinTheWeb() throws IOException {
    server.at(PLACE + "driver.pdb", redirect(302, "../../elsewhere/a"));
    server.at("elsewhere/a", redirect(307, server.url() + "/elsewhere/b"));
    server.at("elsewhere/b", bytes(pdb(3)));
    assertRight();
  }

  @Test
  void otherRedirectsAreNot() throws IOException {
    server.at(PLACE + "driver.pdb", redirect(302, "file:///etc/passwd"));
    assertThat(refusal()).isEqualTo("redirects to file:///etc/passwd, which is no web address");
    server.at(PLACE + "driver.pdb", redirect(301, "driver.pdb"));
    assertThat(refusal()).isEqualTo("redirects more than 10 times");
    server.at(PLACE + "driver.pdb", redirect(301, "ht tp:\\"));
    assertThat(refusal()).isEqualTo("redirects to 'ht tp:\\', which is no address");
  }

  @Test
  void absenceIsRememberedUntilItIsOld() throws IOException {
    assertThat(refusal()).isEqualTo("HTTP 404");
    assertThat(server.requests())
        .containsExactly(
            "/symbols/index2.txt",
            "/symbols/" + PLACE + "driver.pdb",
            "/symbols/" + PLACE.toLowerCase(Locale.ROOT) + "driver.pdb",
            "/symbols/" + PLACE + "driver.pd_",
            "/symbols/" + PLACE.toLowerCase(Locale.ROOT) + "driver.pd_",
            "/symbols/" + PLACE + "file.ptr");
    server.requests().clear();
    server.at(PLACE + "driver.pdb", bytes(pdb(3)));
    assertThat(refusal()).isEqualTo("HTTP 404 (not asked again today)");
    assertThat(server.requests()).isEmpty();
    try (Stream<Path> notes = Files.list(cache.resolve("000jkd"))) {
      for (Path note : notes.toList()) {
        Files.setLastModifiedTime(
            note, FileTime.fromMillis(System.currentTimeMillis() - 3_700_000));
      }
    }
    assertRight();
  }

  @Test
  void reloadingByForceAsksAgain() throws IOException {
    assertThat(refusal()).isEqualTo("HTTP 404");
    server.at(PLACE + "driver.pdb", bytes(pdb(3)));
    SymbolSet set = load("driver.pdb");
    ModuleIdentity module = set.modules().getFirst();
    assertThat(set.status(module)).isEqualTo(SymbolStatus.NONE);
    set.load(module, new LoadOptions(false, false, Stores.Ask.AGAIN));
    assertThat(set.status(module)).isEqualTo(SymbolStatus.PUBLIC);
  }

  @Test
  void liesAreRefused() throws IOException {
    byte[] pdb = pdb(3);
    server.at(PLACE + "driver.pdb", bytes(pdb(4)));
    assertThat(refusal())
        .isEqualTo("refused what it sent: mismatched pdb: " + GUID + "4 instead of " + KEY);
    server.at(PLACE + "driver.pdb", bytes(Arrays.copyOf(pdb, pdb.length - 5000)));
    assertThat(refusal()).startsWith("refused what it sent: ");
    server.at(PLACE + "driver.pdb", bytes("<html>Please log in".getBytes(StandardCharsets.UTF_8)));
    assertThat(refusal()).startsWith("refused what it sent: PDB at offset 0x0: no MSF 7.00");
    byte[] cabinet = lzx(pdb);
    cabinet[cabinet.length / 2] ^= 4;
    server.at(PLACE + "driver.pdb", bytes(cabinet));
    assertThat(refusal()).contains("its checksum is wrong");
    server.at(PLACE + "driver.pdb", bytes(lzx(pdb(4))));
    assertThat(refusal()).contains("mismatched pdb");
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void aLengthThatIsALieEndsInALine() throws IOException {
    byte[] pdb = pdb(3);
    AtomicInteger asked = new AtomicInteger();
    server.at(
        PLACE + "driver.pdb",
        exchange -> {
          asked.incrementAndGet();
          exchange.sendResponseHeaders(200, pdb.length + 1000);
          exchange.getResponseBody().write(pdb);
          exchange.getResponseBody().flush();
          throw new IOException("no more");
        });
    assertThat(refusal()).contains("bytes received").endsWith("tried 3 times");
    assertThat(asked).hasValue(3);
    server.at(
        PLACE + "driver.pdb",
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write(pdb, 0, 100);
        });
    assertThat(refusal()).startsWith("refused what it sent: ");
  }

  @Test
  void moreThanTheLimitIsCutOff() throws IOException {
    server.at(
        PLACE + "driver.pdb",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] block = new byte[1 << 20];
          for (int i = 0; i < 1000; i++) {
            exchange.getResponseBody().write(block);
          }
        });
    assertThat(refusal()).isEqualTo("sends more than 67108864 bytes");
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void slowServersAreGivenUp() throws IOException {
    stall = Duration.ofSeconds(1);
    server.at(PLACE + "driver.pdb", server.stalling(pdb(3), 5000));
    assertThat(refusal()).isEqualTo("nothing came for 1 s, tried 3 times");
    // What came is kept, and the server was asked to go on with it.
    assertThat(server.requests()).contains("/symbols/" + PLACE + "driver.pdb bytes=5000-");
  }

  @Test
  void tricklesEndWithTheTimeOfOneFile() throws IOException {
    total = Duration.ofSeconds(1);
    server.at(
        PLACE + "driver.pdb",
        exchange -> {
          exchange.sendResponseHeaders(200, 1L << 32);
          while (true) {
            exchange.getResponseBody().write(0);
            exchange.getResponseBody().flush();
          }
        });
    assertThat(refusal()).isEqualTo("not done within 1 s");
  }

  @Test
  void silentServersAreNotAskedForEveryModule() throws IOException {
    stall = Duration.ofMillis(200);
    server.otherwise(server.silent());
    List<ModuleIdentity> modules = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      modules.add(
          new ModuleIdentity(
              "m" + i,
              "m" + i + ".sys",
              0x10000L + i * 0x10000L,
              0x10000,
              0,
              new NoMemory(),
              Optional.of(new DebugDirectory.Rsds(GUID, 3, "m" + i + ".pdb"))));
    }
    SymbolSet set = set(path(), modules);
    set.loadAll(modules);
    assertThat(server.requests()).hasSize(3).containsOnly("/symbols/index2.txt");
    assertThat(set.summary(modules.get(7)))
        .contains(server.url() + ": not asked again: nothing came for 200 ms, tried 3 times");
  }

  @Test
  void brokenConnectionsAreGoneOnWith() throws IOException {
    byte[] pdb = pdb(3);
    server.at(PLACE + "driver.pdb", SymbolServer.breaking(pdb, pdb.length / 2 - 1));
    assertRight();
    assertThat(server.requests())
        .filteredOn(r -> r.contains("bytes="))
        .containsExactly(
            "/symbols/" + PLACE + "driver.pdb bytes=" + (pdb.length / 2 - 1) + "-",
            "/symbols/" + PLACE + "driver.pdb bytes=" + (pdb.length / 2 - 1) * 2 + "-");
  }

  @Test
  void whatDoesNotGoTogetherIsFetchedAnew() throws IOException {
    byte[] other = pdb(3).clone();
    Arrays.fill(other, 0, 5000, (byte) 1);
    server.at(PLACE + "driver.pdb", SymbolServer.breaking(other, 5000));
    AtomicInteger asked = new AtomicInteger();
    server.at(
        PLACE + "driver.pdb",
        exchange ->
            (asked.getAndIncrement() < 3
                    ? SymbolServer.breaking(other, 5000)
                    : SymbolServer.breaking(pdb(3), 1 << 20))
                .answer(exchange));
    assertThat(refusal()).contains("tried 3 times");
    assertRight();
    assertThat(asked).hasValue(5);
  }

  @Test
  void failingServersAreTriedAgain() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    server.at(
        PLACE + "driver.pdb",
        exchange -> (asked.getAndIncrement() < 2 ? status(503) : bytes(pdb(3))).answer(exchange));
    assertRight();
    Files.delete(cache.resolve(PLACE + "driver.pdb"));
    server.at(PLACE + "driver.pdb", status(503));
    assertThat(refusal()).isEqualTo("HTTP 503, tried 3 times");
    server.at(PLACE + "driver.pdb", status(418));
    assertThat(refusal()).isEqualTo("HTTP 418");
  }

  @Test
  void aServerThatIsNotThereIsSaid() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    ModuleIdentity module = module("driver.pdb");
    SymbolSet set = set("srv*" + cache + "*http://127.0.0.1:" + port, List.of(module));
    assertThat(set.summary(module))
        .startsWith("no symbols: driver.pdb " + KEY + "; ")
        .contains(
            "; "
                + cache
                + ": no such folder; http://127.0.0.1:"
                + port
                + ": connection refused, tried 3 times; ");
  }

  @Test
  void hostileNamesAskNobody() throws IOException {
    for (String name : new String[] {"..", "a\0b.pdb", "con.pdb", "x".repeat(300), "", "c:"}) {
      load(name);
    }
    assertThat(server.requests()).isEmpty();
    assertThat(cache).doesNotExist();
    // A path of the build machine is cut to the name.
    server.at(PLACE + "driver.pdb", bytes(pdb(3)));
    load("..\\..\\d:\\x/driver.pdb");
    assertThat(cache.resolve(PLACE + "driver.pdb")).exists();
    // What has a meaning in addresses has none in names.
    load("a%2e b#c.pdb");
    assertThat(server.requests())
        .contains("/symbols/a%252e%20b%23c.pdb/" + KEY + "/a%252e%20b%23c.pdb");
  }

  @Test
  void manyModulesAreFetchedTogether() throws IOException {
    int count = 8;
    CyclicBarrier together = new CyclicBarrier(count);
    List<ModuleIdentity> modules = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "m" + i + ".pdb";
      modules.add(
          new ModuleIdentity(
              "m" + i,
              "m" + i + ".sys",
              0x100000L * (i + 1),
              0x100000,
              0,
              new NoMemory(),
              Optional.of(new DebugDirectory.Rsds(GUID, 3, name))));
      server.at(
          name + "/" + KEY + "/" + name,
          exchange -> {
            try {
              together.await(); // nobody gets an answer before all have asked
            } catch (BrokenBarrierException e) {
              throw new IOException(e);
            }
            bytes(pdb(3)).answer(exchange);
          });
    }
    SymbolSet set = set(path(), modules);
    set.loadAll(modules);
    assertThat(modules).allMatch(m -> set.status(m) == SymbolStatus.PUBLIC);
  }

  @Test
  void anInterruptEndsADownloadAtOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    server.at(
        PLACE + "driver.pdb",
        exchange -> {
          asked.countDown();
          server.silent().answer(exchange);
        });
    Thread me = Thread.currentThread();
    Thread.ofVirtual()
        .start(() -> {
          try {
            asked.await();
          } catch (InterruptedException e) {
            return;
          }
          me.interrupt();
        });
    assertThatThrownBy(() -> load("driver.pdb")).isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    server.at(PLACE + "driver.pdb", bytes(pdb(3)));
    assertRight();
  }

  @Test
  void nothingIsAskedBeforeSymbolsAre() throws IOException {
    ModuleIdentity module = module("driver.pdb");
    SymbolSet set = set(path(), List.of(module));
    assertThat(set.status(module)).isEqualTo(SymbolStatus.DEFERRED);
    assertThat(set.moduleAt(0x10010)).contains(module);
    assertThat(set.news()).isEmpty();
    assertThat(server.requests()).isEmpty();
    assertThat(cache).doesNotExist();
  }

  @Test
  void theSettingsComeFromTheEnvironment() {
    StoreSettings none = StoreSettings.of(Map.of());
    assertThat(none.offline()).isFalse();
    assertThat(none.cache().endsWith(Path.of("jkd", "symbols"))).isTrue();
    StoreSettings some =
        StoreSettings.of(
            Map.of(
                "JKD_OFFLINE",
                "1",
                "JKD_SYMBOL_CACHE",
                "/c",
                "JKD_SYMBOL_TIMEOUT",
                "7",
                "_NT_SYMBOL_PROXY",
                "proxy:3128"));
    assertThat(some.offline()).isTrue();
    assertThat(some.cache()).isEqualTo(Path.of("/c"));
    assertThat(some.stall()).hasSeconds(7);
    assertThat(some.proxy().orElseThrow().getPort()).isEqualTo(3128);
    assertThat(StoreSettings.of(Map.of("JKD_OFFLINE", "0")).offline()).isFalse();
  }
}
