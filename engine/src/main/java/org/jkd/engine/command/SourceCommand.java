// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jkd.engine.render.Text;
import org.jkd.symbols.SourceLine;

/** {@code lsa [Address]}: the source around an address; {@code .srcpath[+] [Path]}. */
final class SourceCommand extends Command {
  private static final int BEFORE = 4;
  private static final int AFTER = 5;

  /** A larger file is no source. */
  private static final long MAX_SIZE = 64L << 20;

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.name().startsWith(".srcpath")) {
      return path(arguments, session);
    }
    long address = arguments.atEnd() ? session.registers().ip() : arguments.address();
    arguments.end();
    boolean before = session.lines();
    session.setLines(true);
    Optional<SourceLine> line = new SourceText(session).line(address);
    session.setLines(before);
    if (line.isEmpty()) {
      throw new CommandException("No source line is known for this address");
    }
    Path file =
        find(session.sourcePath(), line.get().file())
            .orElseThrow(() ->
                new CommandException(
                    line.get().file()
                        + "("
                        + line.get().line()
                        + "): the file is not found; .srcpath tells where to look"));
    return list(file, line.get().line());
  }

  private static Result path(Arguments arguments, Session session) {
    boolean more = arguments.name().endsWith("+");
    String given = arguments.rest();
    if (!given.isEmpty()) {
      boolean joined = more && !session.sourcePath().isEmpty();
      session.setSourcePath(joined ? session.sourcePath() + ";" + given : given);
    }
    return Lines.of("Source search path is: " + session.sourcePath());
  }

  /**
   * A source file: in each folder of the path below the longest end of its name that is there. The
   * name comes out of a symbol file, so nothing outside the folders is opened.
   */
  private static Optional<Path> find(String folders, String name) {
    String[] parts = name.replace('\\', '/').split("/", -1);
    for (String folder : folders.split(";", -1)) {
      for (int from = 0; from < parts.length && !folder.isBlank(); from++) {
        String end = String.join("/", List.of(parts).subList(from, parts.length));
        try {
          Path root = Path.of(folder.strip()).toAbsolutePath().normalize();
          Path file = root.resolve(end).normalize();
          if (!end.startsWith("/") && file.startsWith(root) && Files.isRegularFile(file)) {
            return Optional.of(file);
          }
        } catch (InvalidPathException e) {
          // A name that this system cannot have, such as one with a drive.
          continue;
        }
      }
    }
    return Optional.empty();
  }

  private static Result list(Path file, int line) {
    List<String> shown = new ArrayList<>();
    try {
      if (Files.size(file) > MAX_SIZE) {
        throw new CommandException(file + " has more than " + MAX_SIZE + " bytes");
      }
      int first = Math.max(1, line - BEFORE);
      List<String> lines;
      try (Stream<String> all = Files.lines(file, StandardCharsets.ISO_8859_1)) {
        lines = all.skip(first - 1L).limit(line + AFTER - first + 1L).toList();
      }
      for (int i = 0; i < lines.size(); i++) {
        int number = first + i;
        shown.add(
            (number == line ? ">" : " ")
                + Text.right(Integer.toString(number), 5)
                + ": "
                + lines.get(i).replaceAll("[\\p{Cntrl}&&[^\\t]]", "?"));
      }
    } catch (IOException e) {
      throw new CommandException(file + ": " + e.getMessage());
    }
    return new Lines(shown);
  }
}
