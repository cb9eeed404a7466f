// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import org.jkd.engine.program.Subcommand.Missing;
import org.jkd.engine.program.Subcommand.WrongUsage;

/**
 * Turns what was typed into files. A file that is named is taken whatever it is; of a folder, files
 * count that have a dump's or an archive's name, or begin as dumps do.
 */
final class Inputs {
  private static final List<String> ARCHIVE_NAMES = List.of(".zip", ".cab", ".gz", ".xz");

  /** Folders within folders that are looked into. */
  private static final int MAX_DEPTH = 256;

  private final Optional<Instant> since;
  private final Set<Path> files = new LinkedHashSet<>();

  private Inputs(Optional<Instant> since) {
    this.since = since;
  }

  /**
   * The files, each once.
   *
   * @param since files of folders that were last changed earlier are left out
   */
  static List<Path> of(List<String> inputs, Optional<Instant> since) throws IOException {
    Inputs all = new Inputs(since);
    for (String input : inputs) {
      all.add(input, true);
    }
    return List.copyOf(all.files);
  }

  private void add(String input, boolean listsAllowed) throws IOException {
    if (listsAllowed && input.startsWith("@")) {
      list(TriageOptions.path(input.substring(1)));
      return;
    }
    Path path = isPattern(input) ? null : TriageOptions.path(input);
    if (path == null || !Files.exists(path) && hasStar(input)) {
      pattern(input);
    } else if (Files.isDirectory(path)) {
      folder(path, p -> true);
    } else if (Files.exists(path)) {
      files.add(path);
    } else {
      throw new Missing(input + ": no such file");
    }
  }

  private static boolean hasStar(String input) {
    return input.indexOf('*') >= 0 || input.indexOf('?') >= 0 || input.indexOf('{') >= 0;
  }

  /** Windows refuses paths with stars; elsewhere a file may be called so. */
  private static boolean isPattern(String input) {
    return hasStar(input) && System.getProperty("os.name", "").startsWith("Windows");
  }

  private void list(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new Missing(file + ": no such list");
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (MalformedInputException e) {
      lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    }
    for (String line : lines) {
      if (!line.isBlank() && !line.startsWith("#")) {
        add(line.strip(), false);
      }
    }
  }

  /** A pattern such as {@code dumps/**.dmp}: the folder before its first star is walked. */
  private void pattern(String input) throws IOException {
    String text = input.replace('\\', '/');
    int star = 0;
    while (star < text.length() && "*?{[".indexOf(text.charAt(star)) < 0) {
      star++;
    }
    int slash = text.lastIndexOf('/', star);
    Path root = Path.of(slash < 0 ? "" : slash == 0 ? "/" : text.substring(0, slash));
    PathMatcher matcher;
    try {
      matcher = FileSystems.getDefault().getPathMatcher("glob:" + text);
    } catch (PatternSyntaxException e) {
      throw new WrongUsage("'" + input + "' is no pattern of file names");
    }
    int before = files.size();
    if (Files.isDirectory(root.toString().isEmpty() ? Path.of(".") : root)) {
      folder(root, matcher::matches);
    }
    if (files.size() == before) {
      throw new Missing(input + ": no file matches");
    }
  }

  private void folder(Path root, java.util.function.Predicate<Path> wanted) throws IOException {
    List<Path> found = new ArrayList<>();
    // Links are followed: shares and stores of dumps are often made of them. A loop of them ends.
    Files.walkFileTree(
        root,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
            if (about.isRegularFile() && wanted.test(file) && isNew(about) && isDump(file)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            if (!(e instanceof FileSystemLoopException)) {
              found.add(file); // becomes a row that says so
            }
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(null);
    files.addAll(found);
  }

  private boolean isNew(BasicFileAttributes about) {
    return since.isEmpty() || !about.lastModifiedTime().toInstant().isBefore(since.get());
  }

  /** True if a file of a folder counts: by its name, or because it begins as dumps do. */
  static boolean isDump(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (Archives.isDumpName(name)) {
      return true;
    }
    try {
      Archives.Kind kind = Archives.kind(file);
      return kind == Archives.Kind.DUMP
          || ARCHIVE_NAMES.stream().anyMatch(name::endsWith) && Archives.mayHoldDumps(file, kind);
    } catch (IOException e) {
      return false; // nothing speaks for a dump
    }
  }
}
