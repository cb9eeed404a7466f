// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/** Where typed lines are kept from one session to the next; for their writer's eyes only. */
final class HistoryFile {
  private HistoryFile() {}

  /**
   * The file, in the folder that the platform has for such things: {@code JKD_HISTORY} names
   * another one, and an empty {@code JKD_HISTORY} means that nothing is kept.
   *
   * @return empty if nothing is to be kept or the folder cannot be made
   */
  static Optional<Path> find(Map<String, String> environment) {
    try {
      String named = environment.get("JKD_HISTORY");
      if (named != null) {
        return named.isEmpty() ? Optional.empty() : Optional.of(Path.of(named));
      }
      Path folder = folder(environment).resolve("jkd");
      Files.createDirectories(folder);
      Path file = folder.resolve("history");
      if (Files.notExists(file)) {
        Files.createFile(file);
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
          Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
      }
      return Optional.of(file);
    } catch (IOException | InvalidPathException e) {
      return Optional.empty(); // a read-only home is no reason not to debug
    }
  }

  private static Path folder(Map<String, String> environment) {
    String local = environment.getOrDefault("LOCALAPPDATA", "");
    if (!local.isEmpty()) {
      return Path.of(local);
    }
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    return state.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".local", "state")
        : Path.of(state);
  }
}
