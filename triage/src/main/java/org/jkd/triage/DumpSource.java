// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jkd.image.Bytes;

/**
 * A dump that can be opened.
 *
 * @param key see {@link TriageRow.Identity#key}
 * @param path of the file or the archive, as it was named
 * @param member of the archive, or empty
 * @param modified when the file was last changed, ISO 8601 in UTC
 * @param content how its bytes are had
 */
public record DumpSource(String key, String path, String member, String modified, Content content) {
  private static final int KEY_BYTES = 16;

  /** How the bytes of a dump are had. */
  @FunctionalInterface
  public interface Content {
    /**
     * The bytes, for as long as the arena is open.
     *
     * @throws IOException if they cannot be read
     * @throws ArchiveException if an archive's member is not to be unpacked
     */
    Bytes open(Arena arena) throws IOException;
  }

  /** A file. */
  public static DumpSource of(Path file) throws IOException {
    return of(file, "", arena -> Bytes.map(file, arena));
  }

  /** A member of an archive. */
  static DumpSource of(Path file, String member, Content content) throws IOException {
    BasicFileAttributes about = Files.readAttributes(file, BasicFileAttributes.class);
    String modified = about.lastModifiedTime().toInstant().toString();
    return new DumpSource(
        key(file.toAbsolutePath().normalize() + "\0" + member, about.size(), modified),
        file.toString(),
        member,
        modified,
        content);
  }

  /** Something of which not even the attributes can be read. */
  static DumpSource unreadable(Path file, IOException why) {
    return new DumpSource(
        key(file.toAbsolutePath().normalize() + "\0", -1, ""),
        file.toString(),
        "",
        "",
        arena -> {
          throw why;
        });
  }

  /** What names a dump: 32 hexadecimal digits that depend on name, size and time of change. */
  static String key(String name, long size, String modified) {
    MessageDigest digest = FileDigest.sha256();
    digest.update((name + "\0" + size + "\0" + modified).getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest(), 0, KEY_BYTES);
  }
}
