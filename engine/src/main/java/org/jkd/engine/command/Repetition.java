// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.pe.PeImage;
import org.jkd.pe.VersionInfo;
import org.jkd.symbols.LocalVariable;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.Types;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;
import org.jkd.target.LoadedModule;

/**
 * The extensions that run a command for each of something: {@code !list !for_each_module
 * !for_each_frame !for_each_local !for_each_process !for_each_thread}. {@link Script} runs what
 * they give, round by round, so that answers appear at once and an interrupt ends the loop.
 *
 * <p>In the commands, {@code @#Name} stands for a property of the round's element; names that come
 * from the dump lose the characters that have a meaning in a script. {@code !list} sets {@code
 * $extret} to the element's address.
 */
final class Repetition {
  /** More entries than any list of a healthy system has. */
  private static final int MAX_LIST = 1 << 16;

  private final Session session;

  private Repetition(Session session) {
    this.session = session;
  }

  /** True for the names that this class explains. */
  static boolean isName(String name) {
    return switch (name) {
      case "!list",
          "!for_each_module",
          "!for_each_frame",
          "!for_each_local",
          "!for_each_process",
          "!for_each_thread" ->
          true;
      default -> false;
    };
  }

  /**
   * The commands of each round.
   *
   * @param arguments what follows the name
   */
  static Iterable<String> of(String name, Arguments arguments, Session session) {
    Repetition all = new Repetition(session);
    if (name.equals("!list")) {
      return all.list(arguments);
    }
    String given = arguments.rest();
    boolean quoted = given.length() > 1 && given.startsWith("\"") && given.endsWith("\"");
    String commands = quoted ? unescaped(given.substring(1, given.length() - 1)) : given;
    return switch (name) {
      case "!for_each_module" -> all.modules(commands);
      case "!for_each_frame" -> all.frames(commands);
      case "!for_each_local" -> all.locals(commands);
      case "!for_each_process" -> all.processes(commands);
      default -> all.threads(commands);
    };
  }

  private static String unescaped(String text) {
    return text.replace("\\\"", "\"");
  }

  // ---- elements with names

  private Iterable<String> modules(String commands) {
    List<String> rounds = new ArrayList<>();
    int index = 0;
    for (LoadedModule module : session.debuggee().modules()) {
      Map<String, String> values = new LinkedHashMap<>();
      values.put("ModuleName", module.name());
      values.put("ModuleIndex", Integer.toHexString(index++));
      values.put("Base", number(module.base()));
      values.put("Size", number(module.size()));
      values.put("End", number(session.arch().address(module.end())));
      values.put("ImageName", module.imagePath());
      values.put("LoadedImageName", module.imageName());
      values.put("MappedImageName", "");
      values.put("TimeDateStamp", number(module.timestamp()));
      values.put("Checksum", number(module.checksum()));
      values.put("Flags", "0");
      if (commands.contains("@#Symbol")) {
        symbols(module, values);
      }
      if (commands.contains("Version")) {
        versions(module, values);
      }
      rounds.add(filled(commands.isEmpty() ? ".echo @#Base @#End @#ModuleName" : commands, values));
    }
    return rounds;
  }

  private void symbols(LoadedModule module, Map<String, String> values) {
    var identity = session.debuggee().identity(module);
    SymbolStatus status = session.debuggee().symbols().status(identity);
    values.put("SymbolType", status.name().toLowerCase(java.util.Locale.ROOT));
    boolean looked = status != SymbolStatus.DEFERRED;
    values.put(
        "SymbolFileName",
        looked
            ? session.debuggee().symbols().symbols(identity).file().map(Object::toString).orElse("")
            : "");
  }

  private void versions(LoadedModule module, Map<String, String> values) {
    var fixed =
        session.debuggee().image(module).flatMap(PeImage::version).flatMap(VersionInfo::fixed);
    values.put("FileVersion", fixed.map(f -> VersionInfo.Fixed.text(f.fileVersion())).orElse(""));
    values.put(
        "ProductVersion", fixed.map(f -> VersionInfo.Fixed.text(f.productVersion())).orElse(""));
  }

  /** {@code .frame N} before the commands of each round; the frame that was current is so again. */
  private Iterable<String> frames(String commands) {
    int before = session.frame();
    int count = session.frames(session.frameCount()).rows().size();
    List<String> rounds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rounds.add(
          ".frame 0x" + Integer.toHexString(i) + (commands.isEmpty() ? "" : "; " + commands));
    }
    return () -> new Ending(rounds.iterator(), () -> session.selectFrame(before));
  }

  private Iterable<String> locals(String commands) {
    List<String> rounds = new ArrayList<>();
    FrameScope scope = session.frameScope();
    if (scope.symbols().map(s -> s.status() != SymbolStatus.PRIVATE).orElse(true)) {
      throw new CommandException(
          "Unable to enumerate locals, Win32 error 0n87\n"
              + "Private symbols (symbols.pri) are required for locals.");
    }
    for (LocalVariable variable : scope.variables()) {
      rounds.add(
          filled(commands.isEmpty() ? "dv @#Local" : commands, Map.of("Local", variable.name())));
    }
    return rounds;
  }

  private Iterable<String> processes(String commands) {
    List<String> rounds = new ArrayList<>();
    for (KernelProcess process : session.kernel().processes()) {
      rounds.add(
          filled(
              commands.isEmpty() ? "!process @#Process 0" : commands,
              Map.of("Process", number(process.address()))));
    }
    return rounds;
  }

  private Iterable<String> threads(String commands) {
    List<String> rounds = new ArrayList<>();
    for (KernelProcess process : session.kernel().processes()) {
      for (KernelThread thread : session.kernel().threads(process)) {
        rounds.add(
            filled(
                commands.isEmpty() ? "!thread @#Thread 0" : commands,
                Map.of("Process", number(process.address()), "Thread", number(thread.address()))));
      }
    }
    return rounds;
  }

  private static String filled(String commands, Map<String, String> values) {
    String text = commands;
    // The longer names first: @#ModuleName before @#Module would be.
    List<String> names = new ArrayList<>(values.keySet());
    names.sort((a, b) -> b.length() - a.length());
    for (String name : names) {
      text = text.replace("@#" + name, plain(values.getOrDefault(name, "")));
    }
    return text;
  }

  /** A name out of a dump, without what would end a command or begin another. */
  private static String plain(String name) {
    StringBuilder text = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      text.append(c < ' ' || ";\"{}$@'`".indexOf(c) >= 0 ? '_' : c);
    }
    return text.toString();
  }

  private static String number(long value) {
    return "0x" + Long.toHexString(value);
  }

  // ---- lists

  /** {@code !list -t Type.Field [-x "Commands"] [-a "Arguments"] [-m Max] [-e] Start}. */
  private Iterable<String> list(Arguments arguments) {
    Arguments parts = arguments;
    if (arguments.peek() == '"') {
      // The whole of it in quotes, the quotes within after backslashes.
      String inner = unescaped(arguments.quoted());
      arguments.end();
      parts = new Arguments(inner, "!list", 0, session);
    }
    String path = "";
    String commands = "";
    String after = "";
    long max = MAX_LIST;
    while (parts.peek() == '-') {
      String option = parts.word();
      switch (option) {
        case "-t" -> path = parts.word();
        case "-x" -> commands = text(parts);
        case "-a" -> after = text(parts);
        case "-m" -> max = Math.clamp(parts.expression(), 0L, (long) MAX_LIST);
        case "-e", "-h" -> {
          // What is run is seen by its answer.
        }
        default -> throw parts.error(Kind.SYNTAX);
      }
    }
    if (parts.atEnd()) {
      throw parts.error(Kind.SYNTAX);
    }
    long start = parts.address();
    parts.end();
    int dot = path.indexOf('.', path.indexOf('!') + 1);
    if (dot < 0) {
      throw new CommandException("!list needs the link's place: -t Module!Type.Field");
    }
    TypeFinder.Found found = TypeFinder.find(session, path.substring(0, dot));
    if (!(found.type() instanceof Types.StructRef ref)) {
      throw new CommandException(path.substring(0, dot) + " is no structure");
    }
    ListLink link = ListLink.of(found.types(), ref, path.substring(dot + 1));
    String run = commands.isEmpty() ? "dp" : commands;
    String tail = after.isEmpty() ? "" : " " + after;
    boolean explicit = run.contains("$extret");
    long most = max;
    return () -> new Elements(start, link, most, run, explicit, tail);
  }

  private static String text(Arguments parts) {
    return parts.peek() == '"' ? unescaped(parts.quoted()) : parts.word();
  }

  /** The elements of a list one by one; how it ends is told when it does. */
  private final class Elements implements Iterator<String> {
    private final ListLink link;
    private final long max;
    private final String commands;
    private final boolean explicit;
    private final String tail;
    private final Set<Long> seen = new HashSet<>();
    private long at;
    private boolean atEnd;

    Elements(long start, ListLink link, long max, String commands, boolean explicit, String tail) {
      this.at = start;
      this.link = link;
      this.max = max;
      this.commands = commands;
      this.explicit = explicit;
      this.tail = tail;
    }

    @Override
    public boolean hasNext() {
      if (atEnd || at == 0 || seen.contains(at) || seen.size() >= max) {
        return false;
      }
      OptionalLong readable = session.memory().pointer(session.arch().address(at + link.offset()));
      if (readable.isEmpty()) {
        atEnd = true;
        throw new CommandException(
            "The list cannot be followed: memory at "
                + Hex.address(session.arch(), session.arch().address(at + link.offset()))
                + " is not readable");
      }
      return true;
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      seen.add(at);
      session.numbers().setExtensionResult(at);
      String round = explicit ? commands + tail : commands + " 0x" + Long.toHexString(at) + tail;
      long next = session.memory().pointer(session.arch().address(at + link.offset())).orElse(0);
      at = next == 0 ? 0 : session.arch().address(next - link.back());
      return round;
    }
  }

  /** Does something when the last round is over. */
  private record Ending(Iterator<String> rounds, Runnable end) implements Iterator<String> {
    @Override
    public boolean hasNext() {
      boolean more = rounds.hasNext();
      if (!more) {
        end.run();
      }
      return more;
    }

    @Override
    public String next() {
      return rounds.next();
    }
  }
}
