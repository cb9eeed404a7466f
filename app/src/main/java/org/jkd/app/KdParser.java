// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.util.List;
import org.jkd.engine.command.Completions;
import org.jkd.engine.command.Session;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;

/** Tells the editor which word is being completed: kd's words are not those of a shell. */
final class KdParser implements Parser {
  private final Session session;

  KdParser(Session session) {
    this.session = session;
  }

  @Override
  public ParsedLine parse(String line, int cursor, ParseContext context) {
    if (context != ParseContext.COMPLETE) {
      return new Word(line, cursor, 0, new Completions.Offer(Completions.Kind.FILE, 0, List.of()));
    }
    Completions.Offer offer = Completions.at(session, line, cursor);
    return new Word(line, cursor, offer.from(), offer);
  }

  /**
   * The word at the cursor.
   *
   * @param from where it begins
   * @param offer what may stand there
   */
  record Word(String line, int cursor, int from, Completions.Offer offer)
      implements CompletingParsedLine {
    @Override
    public String word() {
      return line.substring(from, cursor);
    }

    @Override
    public int wordCursor() {
      return cursor - from;
    }

    @Override
    public int wordIndex() {
      return 0;
    }

    @Override
    public List<String> words() {
      return List.of(word());
    }

    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
      return candidate;
    }

    @Override
    public int rawWordCursor() {
      return wordCursor();
    }

    @Override
    public int rawWordLength() {
      return word().length();
    }
  }
}
