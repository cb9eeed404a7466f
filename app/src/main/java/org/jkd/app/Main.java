// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jkd.engine.program.Subcommand;
import org.jkd.engine.redact.Redaction;
import org.jkd.image.FormatException;

/** Picks what to do, and turns every way of failing into one line and an exit code. */
public final class Main {
  private final Console console;
  private final Map<String, String> environment;
  private Optional<Redaction> redaction = Optional.empty();

  Main(Console console, Map<String, String> environment) {
    this.console = console;
    this.environment = environment;
  }

  /** Runs the program. */
  public static void main(String[] args) {
    Console console = Console.standard();
    int code = new Main(console, System.getenv()).run(args);
    // Not System.exit alone: what is buffered must be out, and a broken pipe is no news then.
    try {
      console.flush();
    } catch (IOException e) {
      code = code == ExitCode.DONE ? ExitCode.COMMAND_FAILED : code;
    }
    if (code != ExitCode.DONE) {
      System.exit(code);
    }
    // Nothing is left that could keep the machine running, and leaving it alone is faster: exit
    // looks for a logger to tell.
  }

  int run(String[] args) {
    List<String> words = Arrays.asList(args);
    redaction =
        words.contains("--redact")
            ? Optional.of(Redaction.withoutNames().hiding(words))
            : Optional.empty();
    try {
      return dispatch(args);
    } catch (UsageException e) {
      return fail(e.getMessage() + "; jkd --help explains", ExitCode.USAGE);
    } catch (MissingException e) {
      return fail(String.valueOf(e.getMessage()), ExitCode.MISSING);
    } catch (FormatException e) {
      return fail(String.valueOf(e.getMessage()), ExitCode.NO_DUMP);
    } catch (IOException | UncheckedIOException e) {
      return fail(reason(e), ExitCode.COMMAND_FAILED);
    } catch (OutOfMemoryError e) {
      return fail("out of memory: give the Java machine more with JKD_OPTS=-Xmx4g", 1);
    }
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private int dispatch(String[] args) throws IOException {
    String first = args.length == 0 ? "--help" : args[0];
    List<String> rest = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
    return switch (first) {
      case "--help", "-h", "-?", "help" -> help(HelpTexts.MAIN);
      case "--version" -> version();
      case "--train" -> new Demo(console).train();
      case "demo" -> wantsHelp(rest) ? help(HelpTexts.DEMO) : new Demo(console).run(rest);
      case "analyze" ->
          wantsHelp(rest) ? help(HelpTexts.ANALYZE) : new Analyze(console, environment).run(rest);
      case "sample" -> wantsHelp(rest) ? help(HelpTexts.SAMPLE) : new Sample(console).run(rest);
      default -> {
        Optional<Subcommand> other = other(first);
        if (other.isPresent()) {
          yield wantsHelp(rest) ? help(other.get().help()) : run(other.get(), rest);
        }
        if (!first.startsWith("-")) {
          throw new UsageException("'" + first + "' is no subcommand");
        }
        if (wantsHelp(Arrays.asList(args))) {
          yield help(HelpTexts.MAIN);
        }
        DebugOptions options = DebugOptions.parse(Arrays.asList(args), environment);
        yield new DebugRun(console, options, environment).run();
      }
    };
  }

  /** A subcommand that another module brings along. */
  private static Optional<Subcommand> other(String name) {
    return name.startsWith("-")
        ? Optional.empty()
        : ServiceLoader.load(Subcommand.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(s -> s.name().equals(name))
            .findFirst();
  }

  private int run(Subcommand subcommand, List<String> args) throws IOException {
    try {
      return subcommand.run(
          args,
          environment,
          new Subcommand.Streams(console.out(), console.err(), console.isTerminal()));
    } catch (Subcommand.WrongUsage e) {
      return fail(
          e.getMessage() + "; jkd " + subcommand.name() + " --help explains", ExitCode.USAGE);
    } catch (Subcommand.Missing e) {
      return fail(String.valueOf(e.getMessage()), ExitCode.MISSING);
    }
  }

  private static boolean wantsHelp(List<String> args) {
    return args.contains("--help") || args.contains("-h");
  }

  private int help(String text) throws IOException {
    console.print(text);
    return ExitCode.DONE;
  }

  private int version() throws IOException {
    console.line("jkd " + versionText());
    return ExitCode.DONE;
  }

  /** The version out of the jar; the classes of a build tree have none. */
  static String versionText() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  private int fail(String message, int code) {
    try {
      console.flush();
      console.notice("jkd: " + redaction.map(r -> r.apply(message)).orElse(message));
    } catch (IOException e) {
      // Nobody listens any more; the exit code is all that is left to say.
      return code;
    }
    return code;
  }
}
