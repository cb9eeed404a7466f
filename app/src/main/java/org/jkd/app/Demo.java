// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.engine.command.Debuggee;
import org.jkd.engine.command.Interpreter;
import org.jkd.engine.command.ListingShares;
import org.jkd.engine.command.Session;
import org.jkd.engine.command.SymbolPlaces;
import org.jkd.sample.ReferenceCase;

/**
 * {@code jkd demo}: the reference case, and the session in which an engineer took it apart by hand,
 * each command with its answer of today.
 */
final class Demo {
  /** The start that the article's author found by eye: saved EBP, its slot, return address. */
  private static final String START = "b8ae6100 b8ae60ec 8081df65";

  private static final List<String> PRODUCT =
      List.of("BabyHog", "BossHog", "BossHog01", "MamaHog", "daddyHog");

  /** What the author added up by hand from the listing. */
  private static final String SUM_BY_HAND =
      "0x8+0x80+0x84+0x10+0x28+0x84+0x10+0x28+0x8+0x80+0x84+0x10+0x28+0x84+0x10+0x8+0x80+0x84"
          + "+0x10+0x28+0x28+0x7c+0x94+0x10+0x28+0x50+0x54+0x164+0x40+0x2c4+0x24+0x34+0x8+0x60"
          + "+0x28+0x8c+0x10+0x28+0x9c+0x58+0x50+0x28+0x38+0x124+0x44";

  private final Console console;

  Demo(Console console) {
    this.console = console;
  }

  /** Commands that the demo does not show and that users run often; scripts ask for many names. */
  private static final String OFTEN =
      ".echo; lm; r; k 3; x nt!Io*; dt nt!_KPCR Prcb; dv; u nt!IofCallDriver L2; "
          + "ln nt!IofCallDriver+2; ".repeat(100);

  /** What the launcher records its class cache from: a whole demo, then a prompt. */
  int train() throws IOException {
    int code = run(List.of());
    Path folder = folder(List.of());
    String[] options = {
      "-z", folder.resolve(ReferenceCase.COMPLETE).toString(),
      "-y", folder.resolve(ReferenceCase.SYMBOLS).toString(),
      "-i", folder.resolve(ReferenceCase.IMAGES).toString(),
      "-c", OFTEN + "q"
    };
    new Main(console, Map.of()).run(options);
    Session session = new Session(open(folder));
    new Banner(session).text();
    TerminalReader.rehearse(console, session);
    return code;
  }

  int run(List<String> args) throws IOException {
    if (args.size() > 1 || !args.isEmpty() && args.getFirst().startsWith("-")) {
      throw new UsageException("demo takes one folder at most: jkd demo [DIR]");
    }
    Path folder = folder(args);
    ReferenceCase.writeTo(folder);
    Debuggee debuggee = open(folder);
    try (Output output = new Output(console, Optional.empty())) {
      Session session = new Session(debuggee);
      Interpreter interpreter = new Interpreter(session, output);
      tell(session, interpreter, output, folder);
      return interpreter.anyFailed() ? ExitCode.COMMAND_FAILED : ExitCode.DONE;
    }
  }

  private static Path folder(List<String> args) {
    return args.isEmpty()
        ? Path.of(System.getProperty("java.io.tmpdir"), "jkd-demo-" + userName())
        : Path.of(args.getFirst());
  }

  private static Debuggee open(Path folder) {
    return DebugRun.open(
        folder.resolve(ReferenceCase.COMPLETE),
        SymbolPlaces.of(
            folder.resolve(ReferenceCase.SYMBOLS).toString(),
            folder.resolve(ReferenceCase.IMAGES).toString()));
  }

  private void tell(Session session, Interpreter interpreter, Output out, Path folder)
      throws IOException {
    say(
        out,
        "A machine stopped with 0x7F, EXCEPTION_DOUBLE_FAULT: the 12 KB kernel stack of a",
        "thread in StackHog.exe had run out. Below is the session in which an engineer found",
        "out who used it, with jkd's answers. The dump was just written to",
        "  " + folder);
    ask("What jkd says, alone with the dump:", out);
    show("!overflow", session, interpreter, out);
    show("!stages", session, interpreter, out);
    ask("And by hand. What stopped the machine, and in which thread?", out);
    show(".bugcheck", session, interpreter, out);
    show("!thread -1 0", session, interpreter, out);
    ask("The stack from its limit on, word by word. A chain of saved frame pointers shows:", out);
    show("dps b8ae60ec L18", session, interpreter, out);
    ask("With the start of that chain, kd can walk the rest:", out);
    show(".kframes 200", session, interpreter, out);
    show("kf=" + START, session, interpreter, out);
    ask("One frame of 0x2c4 bytes stands out. Who calls it, and what is called?", out);
    show("ub b958ecdf L1", session, interpreter, out);
    show("dps b9596090 L1", session, interpreter, out);
    show("u b8d8c0d0 L9", session, interpreter, out);
    show(".formats 0x0FFFFFD70", session, interpreter, out);
    show(".formats 2c4", session, interpreter, out);
    ask("How much does the product use? The engineer added up what he saw:", out);
    show("? " + SUM_BY_HAND, session, interpreter, out);
    sums(session, out);
    hints(out, folder);
  }

  /** Keeps the demos of several users of a machine apart. */
  private static String userName() {
    return System.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9._-]", "_");
  }

  private static void ask(String question, Output out) {
    out.line("");
    out.line("--- " + question);
  }

  private static void say(Output out, String... lines) {
    for (String line : lines) {
      out.line(line);
    }
  }

  private static void show(String command, Session session, Interpreter interpreter, Output out)
      throws IOException {
    out.line("");
    out.line(session.prompt() + command);
    interpreter.run(command);
    out.flush();
  }

  /** The sums that the listing really gives. */
  private static void sums(Session session, Output out) {
    ListingShares use = ListingShares.byListing(session, 0xb8ae6100L, 0xb8ae60ecL, 0x8081df65L);
    Map<String, long[]> product = new LinkedHashMap<>();
    long bytes = 0;
    long frames = 0;
    for (ListingShares.Share share : use.shares()) {
      if (PRODUCT.contains(share.module())) {
        product.put(share.module(), new long[] {share.bytes(), share.frames()});
        bytes += share.bytes();
        frames += share.frames();
      }
    }
    say(out, "", "--- He missed five rows. By the same listing, per module:", "");
    for (ListingShares.Share share : use.shares()) {
      String mark = product.containsKey(share.module()) ? " *" : "";
      out.line(
          String.format(
              "  %-10s %6d bytes in %3d frames%s",
              share.module(), share.bytes(), share.frames(), mark));
    }
    out.line(
        String.format(
            "  the product (*) %d bytes (0x%x) in %d frames, not 4176", bytes, bytes, frames));
    out.line(String.format("  all rows        %d bytes (0x%x) of 12288", use.total(), use.total()));
  }

  private static void hints(Output out, Path folder) throws IOException {
    say(
        out,
        "",
        "--- Now you. Open the dump:",
        "",
        "  " + openCommand(folder),
        "",
        "and type, for instance:",
        "",
        "  !stackrecon         the whole stack, rebuilt; -why 5 says why frame 5 is believed",
        "  !stackusage         who used how much of it",
        "  !thread             the crashing thread and what kd makes of its stack",
        "  .tss 28; kf         the registers at the overflow, and the walk from there",
        "  dps b8ae6000 b8ae9000   the whole stack",
        "  lm kv m *hog*       which product the drivers belong to",
        "  .help               everything else",
        "  q                   to end");
    out.flush();
  }

  /** The command that opens the sample. */
  static String openCommand(Path folder) {
    return "./jkd -z "
        + folder.resolve(ReferenceCase.COMPLETE)
        + " -y "
        + folder.resolve(ReferenceCase.SYMBOLS)
        + " -i "
        + folder.resolve(ReferenceCase.IMAGES);
  }
}
