// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jkd.image.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Members of archives, and what archives must not be able to do. */
class ArchivesTest {
  private static final byte[] DUMP = Arrays.copyOf(ascii("PAGEDUMP and more"), 5000);

  @TempDir Path folder;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Limits limits(int inMemory, long member, long archive, long ratio) {
    return new Limits(Duration.ofSeconds(9), inMemory, member, archive, ratio, 100, 8, 8, 1 << 20);
  }

  private static final Limits WIDE = limits(1 << 20, 1 << 30, 1 << 30, 1000);

  private Path zip(Map<String, byte[]> members) throws IOException {
    Path file = folder.resolve("a.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> m : members.entrySet()) {
        out.putNextEntry(new ZipEntry(m.getKey()));
        out.write(m.getValue());
      }
    }
    return file;
  }

  /** What each member gave: its bytes, or why it gave none. */
  private static Map<String, String> read(Path file, Limits limits) throws IOException {
    Map<String, String> seen = new HashMap<>();
    Archives.each(
        file,
        Archives.kind(file),
        limits,
        source -> {
          try (Arena arena = Arena.ofConfined()) {
            Bytes bytes = source.content().open(arena);
            seen.put(
                source.member(),
                Arrays.equals(bytes.copy(0, (int) bytes.size()), DUMP)
                    ? "the dump"
                    : bytes.size() + " bytes");
          } catch (ArchiveException e) {
            seen.put(source.member(), String.valueOf(e.getMessage()));
          }
        });
    return seen;
  }

  @Test
  void dumps_in_a_zip_are_found_by_what_they_are_and_by_name() throws IOException {
    Path file =
        zip(
            Map.of(
                "a/MEMORY.DMP",
                DUMP,
                "b/strange-name",
                DUMP,
                "readme.txt",
                ascii("hello"),
                "empty.dmp",
                new byte[0]));

    assertThat(read(file, WIDE))
        .containsOnly(
            Map.entry("a/MEMORY.DMP", "the dump"),
            Map.entry("b/strange-name", "the dump"),
            Map.entry("empty.dmp", "0 bytes"));
  }

  @Test
  void a_dump_packed_alone_is_its_own_member() throws IOException {
    Path gz = folder.resolve("m.dmp.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
      out.write(DUMP);
    }
    Path xz = folder.resolve("m.dmp.xz");
    try (OutputStream out = new XZOutputStream(Files.newOutputStream(xz), new LZMA2Options(1))) {
      out.write(DUMP);
    }
    assertThat(read(gz, WIDE)).containsOnly(Map.entry("m.dmp", "the dump"));
    assertThat(read(xz, WIDE)).containsOnly(Map.entry("m.dmp", "the dump"));
  }

  @Test
  void a_member_too_large_for_memory_passes_through_a_file_that_is_deleted() throws IOException {
    long before = temporaryFiles();
    assertThat(read(zip(Map.of("x.dmp", DUMP)), limits(100, 1 << 20, 1 << 20, 1000)))
        .containsOnly(Map.entry("x.dmp", "the dump"));
    assertThat(temporaryFiles()).isEqualTo(before);
  }

  private static long temporaryFiles() throws IOException {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    try (var files = Files.newDirectoryStream(folder, "jkd-triage-*")) {
      long count = 0;
      for (Path ignored : files) {
        count++;
      }
      return count;
    }
  }

  @Test
  void a_bomb_is_not_unpacked() throws IOException {
    byte[] zeros = Arrays.copyOf(ascii("PAGEDUMP"), 40 << 20);
    Path file = zip(Map.of("bomb.dmp", zeros));

    assertThat(read(file, limits(1 << 10, 1 << 30, 1 << 30, 100)).get("bomb.dmp"))
        .contains("more than 100 bytes for each packed one");
    assertThat(read(file, limits(1 << 10, 1 << 20, 1 << 30, 10_000)).get("bomb.dmp"))
        .contains("more than 1048576 bytes");
  }

  @Test
  void many_members_share_the_budget_of_their_archive() throws IOException {
    Map<String, byte[]> members = new HashMap<>();
    for (int i = 0; i < 10; i++) {
      members.put(i + ".dmp", DUMP);
    }
    Map<String, String> seen = read(zip(members), limits(1 << 20, 1 << 20, 22_000, 1000));
    assertThat(seen.values().stream().filter("the dump"::equals)).hasSize(4);
    assertThat(seen.values().stream().filter(s -> s.contains("22000"))).hasSize(6);
  }

  @Test
  void an_archive_in_an_archive_is_not_opened() throws IOException {
    byte[] inner = Files.readAllBytes(zip(Map.of("x.dmp", DUMP)));
    assertThat(read(zip(Map.of("inner.zip", inner)), WIDE).get("inner.zip")).contains("not opened");
    Path gz = folder.resolve("inner.zip.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
      out.write(inner);
    }
    assertThat(read(gz, WIDE).get("inner.zip")).contains("not opened");
  }

  @Test
  void a_damaged_member_says_so_and_the_others_are_read() throws IOException {
    Path file = zip(new java.util.TreeMap<>(Map.of("1.dmp", DUMP, "2.dmp", DUMP)));
    byte[] bytes = Files.readAllBytes(file);
    bytes[60] ^= 0x55;
    Files.write(file, bytes);
    Map<String, String> seen = read(file, WIDE);
    assertThat(seen.get("1.dmp")).contains("cannot be unpacked");
    assertThat(seen).containsEntry("2.dmp", "the dump");
  }

  @Test
  void names_of_members_never_become_paths() {
    assertThat(Archives.label("../../etc/passwd")).isEqualTo("passwd");
    assertThat(Archives.label("C:\\x\\..\\a:b\0.dmp")).isEqualTo("a_b_.dmp");
    assertThat(Archives.label("..//")).isEqualTo("member");
  }
}
