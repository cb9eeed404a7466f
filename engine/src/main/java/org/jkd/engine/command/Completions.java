// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.Symbol;

/** What may stand where somebody is typing: commands, modules, symbols, or a file's name. */
public final class Completions {
  /** The most symbols that are offered at once; more would fill screens. */
  static final int MAX_SYMBOLS = 400;

  private static final Set<String> TAKE_FILES =
      Set.of(
          ".logopen",
          ".logappend",
          ".sympath",
          ".sympath+",
          ".exepath",
          ".exepath+",
          "$<",
          "$><",
          "$$<",
          "$$><",
          "$$>a<");

  /** What kind of word is asked for at the cursor. */
  public enum Kind {
    COMMAND,
    MODULE,
    SYMBOL,
    /** A file or folder, which the caller lists: this layer does not look at the disk. */
    FILE
  }

  /**
   * A word that may be meant.
   *
   * @param text replaces what was typed of the word
   * @param about a few words for the list; may be empty
   */
  public record Word(String text, String about) {}

  /**
   * What may stand at the cursor.
   *
   * @param from where in the line the word begins
   * @param words in the order in which they are to be listed; empty for files
   */
  public record Offer(Kind kind, int from, List<Word> words) {}

  private Completions() {}

  /**
   * What may stand at a place of a line.
   *
   * @param cursor characters from the line's start; what lies behind it does not matter
   */
  public static Offer at(Session session, String line, int cursor) {
    int end = Math.clamp(cursor, 0, line.length());
    int start = startOfCommand(line, end);
    String typed = line.substring(start, end);
    int blank = endOfName(typed);
    if (blank < 0) {
      return new Offer(Kind.COMMAND, start, commands(typed));
    }
    String command = typed.substring(0, blank);
    if (TAKE_FILES.contains(command)) {
      int word =
          start
              + Math.max(
                  Math.max(typed.lastIndexOf(';'), typed.lastIndexOf('*')) + 1,
                  blank(typed, blank));
      return new Offer(Kind.FILE, word, List.of());
    }
    int word = end;
    while (word > start + blank && isNamePart(line.charAt(word - 1))) {
      word--;
    }
    String part = line.substring(word, end);
    if (command.equals(".help")) {
      return new Offer(Kind.COMMAND, word, commands(part));
    }
    int bang = part.indexOf('!');
    return bang < 0
        ? new Offer(Kind.MODULE, word, modules(session, part))
        : new Offer(Kind.SYMBOL, word, symbols(session, part, bang));
  }

  private static int startOfCommand(String line, int end) {
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i < end; i++) {
      char c = line.charAt(i);
      quoted ^= c == '"';
      if (c == ';' && !quoted || c == '{' || c == '}') {
        start = i + 1;
      }
    }
    while (start < end && line.charAt(start) == ' ') {
      start++;
    }
    return start;
  }

  /** Where the command's name ends, or -1 if it is still being typed. */
  private static int endOfName(String typed) {
    int blank = typed.indexOf(' ');
    for (String file : List.of("$$>a<", "$$><", "$$<", "$><", "$<")) {
      if (typed.startsWith(file)) {
        return file.length();
      }
    }
    return blank;
  }

  private static int blank(String typed, int from) {
    int at = from;
    while (at < typed.length() && typed.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  private static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || "_!:@$?~.<>".indexOf(c) >= 0;
  }

  private static List<Word> commands(String prefix) {
    TreeMap<String, String> found = new TreeMap<>();
    for (CommandTable.Entry entry : CommandTable.entries()) {
      for (String name : entry.name().split(" ", -1)) {
        if (name.startsWith(prefix)) {
          found.putIfAbsent(name, entry.summary());
        }
      }
    }
    List<Word> words = new ArrayList<>();
    found.forEach((name, about) -> words.add(new Word(name, about)));
    return words;
  }

  private static List<Word> modules(Session session, String prefix) {
    String wanted = prefix.toLowerCase(Locale.ROOT);
    return session.debuggee().symbols().modules().stream()
        .filter(m -> m.name().toLowerCase(Locale.ROOT).startsWith(wanted))
        .map(m -> new Word(m.name() + "!", m.imageName()))
        .sorted(Comparator.comparing(Word::text))
        .toList();
  }

  /** Symbols whose names start like this; loads the module's symbols if nobody has yet. */
  private static List<Word> symbols(Session session, String part, int bang) {
    String module = part.substring(0, bang);
    String wanted = part.substring(bang + 1).toLowerCase(Locale.ROOT);
    for (ModuleIdentity m : session.debuggee().symbols().modules()) {
      if (m.name().equalsIgnoreCase(module)) {
        return session
            .debuggee()
            .symbols()
            .symbols(m)
            .matching(name -> name.toLowerCase(Locale.ROOT).startsWith(wanted))
            .stream()
            .map(Symbol::name)
            .distinct()
            .sorted()
            .limit(MAX_SYMBOLS)
            .map(name -> new Word(m.name() + "!" + name, ""))
            .toList();
      }
    }
    return List.of();
  }
}
