// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jkd.engine.command.Completions;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;

/** Offers what {@link Completions} knows, and the files of a folder. */
final class KdCompleter implements Completer {
  private static final int MAX_FILES = 1000;

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    if (!(line instanceof KdParser.Word word)) {
      return;
    }
    switch (word.offer().kind()) {
      case COMMAND -> words(word, true, candidates);
      // A module goes on with a symbol, so no blank follows it.
      case MODULE -> words(word, false, candidates);
      case SYMBOL -> words(word, false, candidates);
      case FILE -> files(word.word(), candidates);
    }
  }

  private static void words(KdParser.Word word, boolean blankAfter, List<Candidate> candidates) {
    for (Completions.Word w : word.offer().words()) {
      @Nullable String about = w.about().isEmpty() ? null : w.about();
      candidates.add(new Candidate(w.text(), w.text(), null, about, null, null, blankAfter));
    }
  }

  private static void files(String typed, List<Candidate> candidates) {
    int slash = Math.max(typed.lastIndexOf('/'), typed.lastIndexOf('\\'));
    String folder = typed.substring(0, slash + 1);
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of(folder.isEmpty() ? "." : folder))) {
      for (Path file : files) {
        boolean isFolder = Files.isDirectory(file);
        String text = folder + file.getFileName() + (isFolder ? "/" : "");
        candidates.add(new Candidate(text, text, null, null, null, null, !isFolder));
        if (candidates.size() == MAX_FILES) {
          return;
        }
      }
    } catch (IOException | InvalidPathException e) {
      // Nothing to offer: what was typed is no folder, or none that may be read.
      candidates.clear();
    }
  }
}
