// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/**
 * {@code .symopt[+|-] [Flags]} shows or changes how symbols are loaded, {@code !sym [noisy | quiet]
 * [prompts [on | off]]} whether every place that is looked in is told.
 */
final class SymbolOptionsCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    Debuggee debuggee = session.debuggee();
    SymbolOptions options = debuggee.symbolOptions();
    return arguments.name().equals("!sym")
        ? noise(arguments, debuggee, options)
        : flags(arguments, debuggee, options);
  }

  private static Result flags(Arguments arguments, Debuggee debuggee, SymbolOptions before) {
    SymbolOptions options = before;
    boolean adds = arguments.name().endsWith("+") || arguments.eat("+");
    boolean takes = arguments.name().endsWith("-") || !adds && arguments.eat("-");
    if (!arguments.atEnd()) {
      long flags = arguments.expression();
      arguments.end();
      options =
          adds
              ? options.with(flags)
              : takes ? options.without(flags) : new SymbolOptions(flags & 0xffff_ffffL);
      set(debuggee, options);
    }
    return new Lines(options.lines());
  }

  private static Result noise(Arguments arguments, Debuggee debuggee, SymbolOptions before) {
    SymbolOptions options = before;
    boolean asks = arguments.atEnd();
    while (!arguments.atEnd()) {
      String word = arguments.word();
      switch (word) {
        case "noisy" -> options = options.with(SymbolOptions.DEBUG);
        case "quiet" -> options = options.without(SymbolOptions.DEBUG);
        case "prompts" ->
            options =
                arguments.eatWord("off")
                    ? options.with(SymbolOptions.NO_PROMPTS)
                    : options.without(SymbolOptions.NO_PROMPTS);
        case "on" -> {
          // The end of "prompts on".
        }
        default -> throw new CommandException("!sym <noisy/quiet - prompts/prompts off>");
      }
    }
    set(debuggee, options);
    String state =
        (options.has(SymbolOptions.DEBUG) ? "noisy" : "quiet")
            + " mode - symbol prompts "
            + (options.has(SymbolOptions.NO_PROMPTS) ? "off" : "on");
    return Lines.of(asks ? "!sym <noisy/quiet - prompts/prompts off> - " + state : state);
  }

  private static void set(Debuggee debuggee, SymbolOptions options) {
    if (options.has(SymbolOptions.DEBUG) && !debuggee.symbolOptions().has(SymbolOptions.DEBUG)) {
      debuggee.symbols().news(); // what was not listened to is not told now
    }
    debuggee.setSymbolOptions(options);
  }
}
