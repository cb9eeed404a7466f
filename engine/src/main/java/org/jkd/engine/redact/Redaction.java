// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.redact;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.image.Bytes;

/**
 * Takes out of a text what tells of people and machines: paths except for the names of modules and
 * symbol files at their ends, users, hosts, e-mail addresses, URLs, strings in quotes, and words of
 * memory in hexadecimal digits that are text. Each becomes a token such as {@code <user-1a2b3c4d>},
 * the same for the same secret in every run, so that answers can be compared. What was redacted
 * once stays as it is when it is redacted again. It rather hides too much than too little.
 */
public final class Redaction implements UnaryOperator<String> {
  /** What says that something was taken out that has no token. */
  public static final String REDACTED = "<redacted>";

  private static final int TOKEN_BYTES = 4;

  /** Names of files that say what was running, not where or whose. */
  private static final Pattern PROGRAM_FILE =
      Pattern.compile(
          "[\\w.+$-]{1,60}\\.(?:sys|dll|exe|pdb|drv|ocx|cpl|efi|sym|debug|dbg)",
          Pattern.CASE_INSENSITIVE);

  private static final String END =
      "(?:[^\\\\/:*?\"<>|;,\\s()]+\\.(?:sys|dll|exe|pdb|drv|ocx|cpl|efi|sym|debug|dbg)(?!\\w)"
          + "|(?:[^\\\\/:*?\"<>|;,\\s]+ ){0,4}[^\\\\/:*?\"<>|;,\\s]+\\.\\w{1,8}(?!\\w)"
          + "|[^\\\\/:*?\"<>|;,\\s]*)";

  private static final String FOLDERS = "(?:[^\\\\/:*?\"<>|;\\n]+[\\\\/]+)";

  // Loops of groups are possessive: those of other kinds take a frame of the stack for each round,
  // and paths of a hostile dump can have any number of parts.

  private static final Pattern URL =
      Pattern.compile("\\b([A-Za-z][A-Za-z0-9+.-]{1,15})://([^\\s\"<>;]+)");
  private static final Pattern MAIL =
      Pattern.compile("(?<![\\w.+%-])[\\w.+%-]++@[\\w-]+(?:\\.[\\w-]+){0,16}\\.[A-Za-z]{2,}");
  private static final Pattern UNC =
      Pattern.compile(
          "\\\\\\\\(?![?.]\\\\)([^\\\\/:*?\"<>|;,\\s]+)(\\\\" + FOLDERS + "*+" + END + ")?");
  private static final Pattern DRIVE =
      Pattern.compile(
          "(?<![A-Za-z0-9])(?:\\\\[\\\\?]\\?\\\\)?[A-Za-z]:[\\\\/]+" + FOLDERS + "*+" + END);

  /** Object names of one part below the usual folders are no secrets and no files. */
  private static final Pattern ROOTED =
      Pattern.compile(
          "(?<![\\w<>\\\\.])\\\\(?!(?:Driver|FileSystem|Device|KernelObjects|ObjectTypes)"
              + "(?:\\\\[\\w-]+)?(?![\\w\\\\-]))"
              + "(?:(?:\\?\\?|[^\\\\/:*?\"<>|;\\s]+)\\\\"
              + FOLDERS
              + "*+"
              + END
              + "|[^\\\\/:*?\"<>|;,\\s]+\\.\\w{1,8}(?!\\w))");

  private static final Pattern RELATIVE =
      Pattern.compile(
          "(?<![\\w$.+<>\\\\/-])[\\w$.+-]++\\\\(?=[\\w$.+-])(?:[\\w$.+-]+\\\\)*+" + END);
  private static final Pattern UNIX =
      Pattern.compile("(?<![\\w<>/.])(?:~|\\.{1,2})?/(?:[\\w.+@$,-]+/)++[\\w.+@$-]*");
  private static final Pattern HOST =
      Pattern.compile(
          "(?<![\\w.-])(?:[A-Za-z0-9-]+\\.){1,16}(?:local|corp|lan|intranet|internal|home|com|net|org)"
              + "(?![\\w.-]*\\w)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern SETTING =
      Pattern.compile(
          "\\b((?:USERNAME|COMPUTERNAME|USERDOMAIN|USERDNSDOMAIN|USERPROFILE|LOGONSERVER)=)([^<\\n]+)",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern FILE = Pattern.compile("[^\\n]{1,255}\\.\\w{1,8}");
  private static final Pattern FILE_TOKEN = Pattern.compile("<path-[0-9a-f]{8}>");
  private static final Pattern QUOTED = Pattern.compile("\"([^\"\\n]+)\"");
  private static final Pattern TOKEN = Pattern.compile("<[a-z]+(?:-[0-9a-f]{8})?>[\\w.+$-]*");

  /** Digits of a word of memory, or of the bytes of an instruction. */
  private static final Pattern DIGITS =
      Pattern.compile(
          "(?<![0-9A-Za-z_+`])(?<!<[a-z]{4}-)(?:0x|0n)?"
              + "((?:[0-9a-fA-F]{8}`[0-9a-fA-F]{8})|[0-9a-fA-F]{5,30})h?(?![0-9A-Za-z_`])");

  private final Map<String, String> names;
  private final Pattern learned;

  private Redaction(Map<String, String> names) {
    this.names = names;
    String any =
        String.join(
            "|",
            names.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .toList());
    this.learned =
        Pattern.compile(
            names.isEmpty() ? "(?!)" : "(?<![\\p{L}\\p{N}])(?:" + any + ")(?![\\p{L}\\p{N}])",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }

  /** Knows no names yet: for what is said before a dump is open. */
  public static Redaction withoutNames() {
    return new Redaction(Map.of());
  }

  /** Knows the names that a dump gives away; reads all of it. */
  public static Redaction of(Bytes dump) {
    return new Redaction(LearnedNames.of(dump));
  }

  /**
   * The same, and the names of some files besides, which may be those of customers.
   *
   * @param files paths or words of a command line; what does not look like a file is left out
   */
  public Redaction hiding(Collection<String> files) {
    Map<String, String> all = new HashMap<>(names);
    for (String file : files) {
      String name = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
      if (FILE.matcher(name).matches() && !PROGRAM_FILE.matcher(name).matches()) {
        all.put(name.toLowerCase(Locale.ROOT), "path");
      }
    }
    return new Redaction(all);
  }

  @Override
  public String apply(String text) {
    String t = replace(text, URL, this::url);
    t = replace(t, MAIL, m -> token("mail", m.group()));
    t = replace(t, SETTING, m -> m.group(1) + token("text", m.group(2)));
    t = replace(t, DRIVE, m -> path(m.group()));
    t = replace(t, UNC, this::unc);
    t = replace(t, ROOTED, m -> path(m.group()));
    t = replace(t, RELATIVE, m -> path(m.group()));
    t = replace(t, UNIX, m -> path(m.group()));
    t = replace(t, QUOTED, m -> quoted(m.group(1)));
    t = replace(t, HOST, m -> token("host", m.group()));
    t =
        replace(
            t,
            learned,
            m -> token(names.getOrDefault(m.group().toLowerCase(Locale.ROOT), "user"), m.group()));
    return replace(t, DIGITS, m -> isText(m.group(1)) ? REDACTED : m.group());
  }

  /** The token of a path or of a file's name as a whole. */
  public static String file(String path) {
    return path.isEmpty() ? path : token("path", path);
  }

  /** True of what {@link #file} gives. */
  public static boolean isFile(String token) {
    return FILE_TOKEN.matcher(token).matches();
  }

  private static String replace(
      String text, Pattern pattern, Function<MatchResult, String> replacement) {
    var matcher = pattern.matcher(text);
    if (!matcher.find()) {
      return text;
    }
    return matcher.replaceAll(m -> Matcher.quoteReplacement(replacement.apply(m)));
  }

  private String url(MatchResult m) {
    String rest = m.group(2);
    int slash = rest.indexOf('/');
    String host = slash < 0 ? rest : rest.substring(0, slash);
    String path = slash < 0 || slash == rest.length() - 1 ? "" : path(rest.substring(slash));
    return m.group(1) + "://" + token("host", host) + (path.isEmpty() ? "" : "/" + path);
  }

  private String unc(MatchResult m) {
    String path = m.group(2);
    return "\\\\" + token("host", m.group(1)) + (path == null ? "" : "\\" + path(path));
  }

  private static String quoted(String text) {
    return '"' + (TOKEN.matcher(text).matches() ? text : token("text", text)) + '"';
  }

  private static String path(String text) {
    int end = Math.max(text.lastIndexOf('\\'), text.lastIndexOf('/'));
    String name = text.substring(end + 1);
    return PROGRAM_FILE.matcher(name).matches()
        ? token("path", text.substring(0, end)) + text.charAt(end) + name
        : token("path", text);
  }

  /** True if the digits, as bytes in either order, are a text of ASCII or UTF-16. */
  private static boolean isText(String digits) {
    String d = digits.replace("`", "");
    byte[] bytes = HexFormat.of().parseHex(d.length() % 2 == 0 ? d : "0" + d);
    int from = 0;
    int to = bytes.length;
    while (from < to && bytes[from] == 0) {
      from++;
    }
    while (to > from && bytes[to - 1] == 0) {
      to--;
    }
    boolean ascii = true;
    boolean wide = (to - from) % 2 == 1;
    for (int i = from; i < to; i++) {
      boolean printable = bytes[i] >= ' ' && bytes[i] < 0x7f;
      ascii &= printable;
      wide &= (i - from) % 2 == 0 ? printable : bytes[i] == 0;
    }
    return ascii && to - from >= 3 || wide && to - from >= 3;
  }

  private static String token(String kind, String secret) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(secret.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
      return "<" + kind + "-" + HexFormat.of().formatHex(hash, 0, TOKEN_BYTES) + ">";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The same for every text of a list. */
  public List<String> all(List<String> texts) {
    return texts.stream().map(this).toList();
  }
}
