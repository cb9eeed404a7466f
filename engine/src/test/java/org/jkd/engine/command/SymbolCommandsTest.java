// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.format.Blob;
import org.jkd.sample.format.PdbWriter;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolSet;
import org.jkd.symbols.store.StoreSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands on symbols, with the sample's symbols on a server. */
@Timeout(60)
class SymbolCommandsTest {
  @TempDir static Path folder;

  @TempDir Path cache;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private Session session;

  @BeforeAll
  static void writeSample() throws IOException {
    ReferenceCase.writeTo(folder);
  }

  @BeforeEach
  void start() throws IOException {
    server =
        SimpleFileServer.createFileServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            folder.resolve(ReferenceCase.SYMBOLS).toRealPath(),
            SimpleFileServer.OutputLevel.NONE);
    server
        .createContext(
            "/symbols",
            SimpleFileServer.createFileHandler(folder.resolve(ReferenceCase.SYMBOLS).toRealPath()))
        .getFilters()
        .add(
            Filter.beforeHandler(
                "notes requests", e -> requests.add(e.getRequestURI().getRawPath())));
    server.start();
    session = open(path());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/symbols";
  }

  private String path() {
    return "srv*" + cache + "*" + url();
  }

  private static Session open(String path) throws IOException {
    StoreSettings settings = StoreSettings.of(Map.of());
    return new Session(
        Debuggee.open(folder.resolve(ReferenceCase.COMPLETE), SymbolPlaces.of(path, "", settings)));
  }

  private List<String> answer(String commands) {
    StringBuilder out = new StringBuilder();
    new Interpreter(session, out).run(commands);
    return out.toString().lines().toList();
  }

  @Test
  void nothing_is_fetched_before_it_is_needed() throws IOException {
    assertThat(answer("lm")).anyMatch(l -> l.contains("nt ") && l.contains("(deferred)"));
    answer("lmv; .reload; vertarget; .bugcheck; db b8ae6000 L10; .sympath");
    assertThat(requests).isEmpty();
    assertThat(answer("x nt!IofCallDriver")).singleElement().asString().contains("IofCallDriver");
    assertThat(requests).hasSize(2); // index2.txt and the file itself
    assertThat(requests.get(1)).endsWith(".pdb");
    assertThat(answer("lm m nt").getLast()).contains(cache.toString());
    // Another session finds it in the cache, even without a network.
    session =
        new Session(
            Debuggee.open(
                folder.resolve(ReferenceCase.COMPLETE),
                SymbolPlaces.of(path(), "", StoreSettings.of(Map.of("JKD_OFFLINE", "1")))));
    assertThat(answer("x nt!IofCallDriver")).hasSize(1);
    assertThat(answer("!lmi ntfs; .reload /f ntfs.sys; lmvm ntfs"))
        .anyMatch(l -> l.contains(url() + ": not asked, offline"));
    assertThat(requests).hasSize(2);
  }

  @Test
  void a_forced_reload_fetches_everything() throws IOException {
    assertThat(answer(".reload /f"))
        .containsSubsequence(
            "Loading Kernel Symbols",
            "************* Symbol Loading Error Summary **************",
            "Module name            Error")
        .anyMatch(l ->
            l.startsWith("BabyHog                export symbols: ")
                && l.contains(url() + ": HTTP 404"));
    assertThat(answer("lm l").stream().filter(l -> l.contains(cache.toString())).count())
        .isEqualTo(names(folder.resolve(ReferenceCase.SYMBOLS)));
    assertThat(requests).hasSizeGreaterThan(20);
    assertThat(answer("lme").stream().skip(1))
        .hasSize(5)
        .allMatch(l -> l.contains("(no symbols)") || l.contains("(export symbols)"));
  }

  private static long names(Path store) throws IOException {
    try (var list = Files.list(store)) {
      // The store also holds the kernel of the machine that wrote the bitmap dump.
      return list.count() - 1;
    }
  }

  @Test
  void noise_says_where_was_looked() {
    assertThat(answer("!sym"))
        .containsExactly(
            "!sym <noisy/quiet - prompts/prompts off> - quiet mode - symbol prompts on");
    assertThat(answer("!sym noisy")).containsExactly("noisy mode - symbol prompts on");
    List<String> lines = answer("x nt!IofCallDriver");
    assertThat(lines.getFirst()).isEqualTo("DBGHELP: nt - " + cache + ": not there");
    assertThat(lines.get(1)).startsWith("DBGHELP: nt - ").contains(" from " + cache);
    assertThat(lines.getLast()).contains(" nt!IofCallDriver ");
    assertThat(answer("!sym quiet; .reload; x nt!IofCallDriver")).noneMatch(l -> l.contains("DBG"));
  }

  @Test
  void options_are_listed_as_kd_lists_them() {
    assertThat(answer(".symopt"))
        .containsExactly(
            "Symbol options are 0x30337:",
            "  0x00000001 - SYMOPT_CASE_INSENSITIVE",
            "  0x00000002 - SYMOPT_UNDNAME",
            "  0x00000004 - SYMOPT_DEFERRED_LOADS",
            "  0x00000010 - SYMOPT_LOAD_LINES",
            "  0x00000020 - SYMOPT_OMAP_FIND_NEAREST",
            "  0x00000100 - SYMOPT_NO_UNQUALIFIED_LOADS",
            "  0x00000200 - SYMOPT_FAIL_CRITICAL_ERRORS",
            "  0x00010000 - SYMOPT_AUTO_PUBLICS",
            "  0x00020000 - SYMOPT_NO_IMAGE_SEARCH");
    assertThat(answer(".symopt+ 4000")).contains("  0x00004000 - SYMOPT_PUBLICS_ONLY");
    assertThat(answer(".symopt-0x4000").getFirst()).isEqualTo("Symbol options are 0x30337:");
    assertThat(answer(".symopt 80000000"))
        .containsExactly("Symbol options are 0x80000000:", "  0x80000000 - SYMOPT_DEBUG");
  }

  @Test
  void publics_can_be_all_there_is(@TempDir Path other) throws IOException {
    SymbolSet symbols = session.debuggee().symbols();
    SymbolLoader.Result nt = symbols.loaded(symbols.module("nt").orElseThrow());
    byte[] guid = HexFormat.of().parseHex(nt.pdbKey().substring(0, 32));
    byte[] stored = guid.clone();
    int[] order = {3, 2, 1, 0, 5, 4, 7, 6};
    for (int i = 0; i < order.length; i++) {
      stored[i] = guid[order[i]];
    }
    byte[] section = new Blob().ascii(0, ".text").u32(8, 0x9000).u32(12, 0x1000).grow(40).bytes();
    byte[] pdb =
        new PdbWriter(stored, 1, 1, false, section)
            .add(new PdbWriter.Public("_Known@4", 1, 0x10, true))
            .add(new PdbWriter.Procedure("Hidden", 1, 0x100, 0x20, 3, 0x1c))
            .file();
    Files.write(other.resolve(nt.pdbName()), pdb);
    session = open(other.toString());
    assertThat(answer("x nt!*")).hasSize(2);
    assertThat(answer("lm m nt").getLast()).contains("(private pdb symbols)");
    assertThat(answer(".symopt+ 4000; .reload; x nt!*").getLast()).contains("nt!Known ");
    assertThat(answer("x nt!Hidden")).isEmpty();
    assertThat(answer("lm m nt").getLast()).contains("(pdb symbols)");
  }

  @Test
  void paths_are_shown_expanded_and_looked_at() {
    assertThat(answer(".sympath"))
        .containsExactly(
            "Symbol search path is: " + path(),
            "Expanded Symbol search path is: cache*" + cache + ";SRV*" + url());
    assertThat(answer(".sympath+ " + cache + "/none; .exepath"))
        .containsSubsequence(
            "Symbol search path is: " + path() + ";" + cache + "/none; .exepath",
            "Deferred                                       " + path(),
            "Error                                          " + cache + "/none");
    assertThat(answer(".symfix; .sympath"))
        .containsExactly(
            "Symbol search path is: srv*",
            "Expanded Symbol search path is:"
                + " cache*;SRV*https://msdl.microsoft.com/download/symbols");
    assertThat(answer(".symfix c:\\s; .sympath").getFirst())
        .isEqualTo("Symbol search path is: srv*c:\\s*https://msdl.microsoft.com/download/symbols");
    assertThat(answer(".sympath x; .symfix+").getFirst())
        .isEqualTo("Symbol search path is: x; .symfix+");
    assertThat(answer(".symfix+; .sympath").getFirst()).endsWith(";srv*");
    assertThat(answer(".exepath /none").getFirst())
        .isEqualTo("Executable image search path is: /none");
  }

  @Test
  void a_symbol_file_is_compared_with_its_image() throws IOException {
    List<String> lines = answer("!chksym nt");
    assertThat(lines)
        .anyMatch(l -> l.matches(" {6}pdb sig: [0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"));
    assertThat(lines.getLast()).startsWith("MATCH: ").endsWith(" and ntkrpamp.exe");
    assertThat(answer("!chksym none")).containsExactly("\"none\" was not found in the image list.");
  }

  @Test
  void a_pdb_that_does_not_match_is_taken_only_when_told_to(@TempDir Path other)
      throws IOException {
    Path right =
        cache.resolve(
            answer("!chksym nt").stream()
                .filter(l -> l.startsWith("Loaded pdb is "))
                .map(l -> l.substring(14))
                .findFirst()
                .orElseThrow());
    byte[] pdb = Files.readAllBytes(right);
    int at = guidAt(pdb, session);
    pdb[at] ^= 1;
    Files.write(other.resolve(right.getFileName()), pdb);
    session = open(other.toString());
    assertThat(answer(".reload /f nt; lm m nt").getLast()).doesNotContain(other.toString());
    assertThat(answer("!lmi nt")).anyMatch(l -> l.contains("mismatched pdb: "));
    assertThat(answer(".reload /i nt; lm m nt").getLast()).contains(other.toString());
    assertThat(answer("!chksym nt").getLast()).startsWith("MISMATCH: ");
  }

  /** Where the GUID of the info stream lies. */
  private static int guidAt(byte[] pdb, Session session) {
    String key =
        session
            .debuggee()
            .symbols()
            .loaded(session.debuggee().symbols().module("nt").orElseThrow())
            .pdbKey();
    int first = Integer.parseUnsignedInt(key.substring(0, 8), 16);
    for (int i = 0; i + 4 <= pdb.length; i++) {
      int word = 0;
      for (int b = 3; b >= 0; b--) {
        word = word << 8 | pdb[i + b] & 0xff;
      }
      if (word == first) {
        return i;
      }
    }
    throw new AssertionError("no GUID in the file");
  }

  @Test
  void modules_can_be_added_and_taken_away() {
    List<String> before = answer("lm m ntfs");
    assertThat(before).hasSize(2);
    String[] words = before.get(1).split(" +");
    assertThat(answer(".reload /u ntfs; lm m ntfs")).hasSize(2).contains("Unloaded Ntfs.sys");
    assertThat(answer("ln ntfs!NtfsFsdWrite").getFirst()).contains("Couldn't resolve error");
    String again = ".reload Ntfs.sys=" + words[0] + ",8e000";
    assertThat(answer(again + "; lm m ntfs")).hasSize(2);
    assertThat(answer("!chksym ntfs").getLast()).startsWith("MATCH: ");
    assertThat(answer(".reload; lm m ntfs")).contains(before.get(1));
    assertThat(answer(".reload nothing"))
        .containsExactly("\"nothing\" was not found in the image list.");
  }

  @Test
  void namesAreShownAsSymbolOptionsSay() {
    assertThat(answer("x /1 nt!*KiTrap08; x /1 nt!_KiSwapThread@0; x /1 nt!*SwapThr*"))
        .containsExactly("nt!_KiTrap08", "nt!KiSwapThread", "nt!KiSwapThread");
    answer(".symopt- 2");
    assertThat(answer("x /1 nt!*SwapThr*")).containsExactly("nt!_KiSwapThread@0");
    assertThat(answer("ln nt!IofCallDriver").getFirst()).contains("nt!@IofCallDriver@8 ");
    assertThat(answer("k 3").getLast()).endsWith("nt!@IofCallDriver@8+0x45");
    answer(".reload");
    assertThat(answer("x /1 nt!*SwapThr*")).containsExactly("nt!_KiSwapThread@0");
    answer(".symopt+ 2");
    assertThat(answer("k 3").getLast()).endsWith("nt!IofCallDriver+0x45");
  }

  @Test
  void reload_lists_adds_and_says_what_it_takes() throws IOException {
    List<String> listed = answer("lm");
    requests.clear();
    assertThat(answer(".reload /l")).isEqualTo(listed);
    assertThat(requests).isEmpty();
    assertThat(answer(".reload /n")).doesNotContain("Loading User Symbols");
    assertThat(answer(".reload /user")).containsExactly("Loading User Symbols");
    assertThat(answer(".reload /v"))
        .containsSequence("AddImage: \\SystemRoot\\system32\\ntkrpamp.exe", " DllBase  = 80800000")
        .contains("Loading unloaded module list");
    assertThat(answer(".reload /w nt*").getLast())
        .isEqualTo("\"nt*\" was not found in the image list.");
    String gone = listed.getLast();
    String[] words = gone.strip().split(" +");
    assertThat(listed).contains("Unloaded modules:");
    assertThat(answer(".reload /unl " + words[2] + "; lm a " + words[0]).toString())
        .contains(words[0] + " " + words[1] + "   cdaudio    (deferred)");
    assertThat(answer(".reload /unl nobody").getLast())
        .isEqualTo("\"nobody\" was not found in the unloaded module list.");
  }
}
