// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.expr.Evaluator;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.image.Cancellation;

/**
 * Runs the text of a line or block: commands one after the other, control words with their blocks.
 *
 * <p>The shape of a control statement (where its conditions and blocks begin and end) is read
 * before anything of it runs, so that an error in a condition cannot make the rest be misread.
 * Aliases are replaced whenever a block is entered.
 */
final class Script {
  /** Blocks and scripts may nest this deep. */
  private static final int MAX_DEPTH = 60;

  private final Interpreter interpreter;
  private final Session session;
  private final boolean stopsAtErrors;
  private final int depth;

  private String text = "";
  private int pos;

  private Script(Interpreter interpreter, Session session, boolean stopsAtErrors, int depth) {
    this.interpreter = interpreter;
    this.session = session;
    this.stopsAtErrors = stopsAtErrors;
    this.depth = depth;
  }

  /** Runs a line with its aliases replaced. */
  static Flow run(Interpreter interpreter, Session session, String line) {
    return new Script(interpreter, session, false, 0).block(line, false);
  }

  /** Runs a block within this one. */
  Flow block(String block, boolean catching) {
    if (depth >= MAX_DEPTH) {
      throw new CommandException("Blocks and scripts nest too deeply");
    }
    Script inner = new Script(interpreter, session, stopsAtErrors || catching, depth + 1);
    return inner.commands(session.aliases().expand(block));
  }

  private Flow commands(String commands) {
    text = commands;
    pos = 0;
    int rounds = 0;
    while (true) {
      skipSeparators();
      if (pos >= text.length()) {
        return Flow.NEXT;
      }
      Cancellation.check();
      String name = CommandTable.nameAt(text, pos);
      if (name.equals("z")) {
        rounds++;
      }
      Flow flow = one(name, rounds);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
  }

  /** Skips blanks, semicolons and comments. */
  private void skipSeparators() {
    while (pos < text.length()) {
      char c = text.charAt(pos);
      if (ScriptText.isBlank(c) || c == ';') {
        pos++;
      } else if (c == '*') {
        int newline = text.indexOf('\n', pos);
        pos = newline < 0 ? text.length() : newline;
      } else if (text.startsWith("$$", pos)
          && !text.startsWith("$$<", pos)
          && !text.startsWith("$$>", pos)) {
        int semicolon = text.indexOf(';', pos);
        int newline = text.indexOf('\n', pos);
        int end = semicolon < 0 || newline >= 0 && newline < semicolon ? newline : semicolon;
        pos = end < 0 ? text.length() : end;
      } else {
        return;
      }
    }
  }

  private Flow one(String name, int rounds) {
    if (name.equals("q") || name.equals("qq") || name.equals("qd")) {
      return Flow.QUIT;
    }
    if (!ControlWord.steers(name)) {
      CommandLine.Piece piece = CommandLine.piece(text, pos, name);
      pos += piece.length();
      return interpreter.answer(piece) || !stopsAtErrors ? Flow.NEXT : Flow.LEAVE;
    }
    int start = pos;
    pos += name.length();
    try {
      return steer(name, start, rounds);
    } catch (ExpressionException e) {
      int end = Math.max(pos, ScriptText.endOfCommand(text, start));
      interpreter.failed(text.substring(start, end).strip(), start, e);
      pos = end;
    } catch (CommandException e) {
      int end = Math.max(pos, start + name.length());
      interpreter.failed(text.substring(start, end).strip(), e);
      pos = end;
    }
    return stopsAtErrors ? Flow.LEAVE : Flow.NEXT;
  }

  private Flow steer(String name, int start, int rounds) {
    return switch (name) {
      case ".if" -> branch();
      case ".while" -> whileLoop();
      case ".for" -> forLoop();
      case ".do" -> doLoop();
      case ".block" -> block(body(), false);
      case ".catch" -> leftByLeave(block(body(), true));
      case ".foreach" -> forEach();
      case ".break" -> end(Flow.BREAK);
      case ".continue" -> end(Flow.CONTINUE);
      case ".leave" -> end(Flow.LEAVE);
      case "j" -> choice();
      case "z" -> again(start, rounds);
      default ->
          Repetition.isName(name)
              ? repeat(name)
              : ScriptFile.run(this, interpreter, session, name, scriptArguments(name));
    };
  }

  private Flow end(Flow flow) {
    skipBlanks();
    if (pos < text.length() && text.charAt(pos) != ';' && text.charAt(pos) != '}') {
      throw error(Kind.EXTRA);
    }
    return flow;
  }

  private static Flow leftByLeave(Flow flow) {
    return flow == Flow.LEAVE ? Flow.NEXT : flow;
  }

  // ---- .if

  private Flow branch() {
    int chosen = -1;
    int chosenEnd = -1;
    int after;
    String word = ".if";
    // First the shape: where a chain of conditions and blocks ends.
    int scan = pos;
    int[] conditions = new int[Math.min(text.length() / 4 + 2, 0x1000)];
    int[] bodies = new int[conditions.length];
    int count = 0;
    do {
      if (count == conditions.length) {
        throw new CommandException("Too many branches");
      }
      conditions[count] = word.equals(".else") ? -1 : ScriptText.skipBlanks(text, scan);
      int open = word.equals(".else") ? ScriptText.skipBlanks(text, scan) : afterCondition(scan);
      bodies[count++] = open;
      after = bodyEnd(open) + 1;
      int next = ScriptText.skipBlanks(text, after);
      boolean last = word.equals(".else");
      word = next < text.length() ? CommandTable.nameAt(text, next) : "";
      scan = next + word.length();
      if (last) {
        break;
      }
    } while (word.equals(".elsif") || word.equals(".elseif") || word.equals(".else"));
    pos = after;
    for (int i = 0; i < count && chosen < 0; i++) {
      if (conditions[i] < 0 || condition(conditions[i], bodies[i]) != 0) {
        chosen = bodies[i];
        chosenEnd = ScriptText.close(text, chosen);
      }
    }
    return chosen < 0 ? Flow.NEXT : block(text.substring(chosen + 1, chosenEnd), false);
  }

  // ---- loops

  private Flow whileLoop() {
    int condition = pos;
    int open = afterCondition(pos);
    String body = bodyAt(open);
    while (condition(condition, open) != 0) {
      Flow flow = round(body);
      if (flow != Flow.NEXT) {
        return flow == Flow.BREAK ? Flow.NEXT : flow;
      }
    }
    return Flow.NEXT;
  }

  private Flow doLoop() {
    String body = body();
    int condition = pos;
    pos = parenthesis(pos) + 1;
    int end = pos;
    do {
      Flow flow = round(body);
      if (flow != Flow.NEXT) {
        return flow == Flow.BREAK ? Flow.NEXT : flow;
      }
    } while (condition(condition, end) != 0);
    return Flow.NEXT;
  }

  private Flow forLoop() {
    int close = parenthesis(pos);
    int open = ScriptText.skipBlanks(text, pos) + 1;
    int first = ScriptText.semicolon(text, open, close);
    int second = first < 0 ? -1 : ScriptText.semicolon(text, first + 1, close);
    if (second < 0) {
      throw new ExpressionException(Kind.SYNTAX, text, open);
    }
    String body = bodyAt(ScriptText.skipBlanks(text, close + 1));
    String step = text.substring(second + 1, close);
    Flow flow = block(text.substring(open, first), false);
    boolean endless = text.substring(first + 1, second).isBlank();
    while (flow == Flow.NEXT && (endless || condition(first + 1, second) != 0)) {
      flow = round(body);
      if (flow == Flow.NEXT) {
        flow = block(step, false);
      }
    }
    return flow == Flow.BREAK ? Flow.NEXT : flow;
  }

  /** One round of a loop; {@code .continue} ends no more than the round. */
  private Flow round(String body) {
    Cancellation.check();
    Flow flow = block(body, false);
    return flow == Flow.CONTINUE ? Flow.NEXT : flow;
  }

  private Flow forEach() {
    ForEach loop = ForEach.parse(text, pos, session);
    pos = loop.end();
    String before = session.aliases().get(loop.variable());
    try {
      for (String token : loop.tokens(session)) {
        session.aliases().put(loop.variable(), token);
        Flow flow = round(loop.body());
        if (flow != Flow.NEXT) {
          return flow == Flow.BREAK ? Flow.NEXT : flow;
        }
      }
    } finally {
      session.aliases().restore(loop.variable(), before);
    }
    return Flow.NEXT;
  }

  /** {@code !list} and {@code !for_each_…}: a round of commands for each element. */
  private Flow repeat(String name) {
    int end = ScriptText.endOfCommand(text, pos);
    Arguments arguments = new Arguments(text.substring(0, end), name, pos, session);
    pos = end;
    for (String commands : Repetition.of(name, arguments, session)) {
      Flow flow = round(commands);
      if (flow != Flow.NEXT) {
        return flow == Flow.BREAK ? Flow.NEXT : flow;
      }
    }
    return Flow.NEXT;
  }

  // ---- j and z

  /** {@code j Expression 'Command1' ; 'Command2'}. */
  private Flow choice() {
    int at = pos;
    Evaluator evaluator = new Evaluator(text, pos, session);
    long value;
    try {
      value = evaluator.expression();
    } catch (ExpressionException e) {
      pos = text.length(); // what belongs to the command and what not cannot be known
      throw new ExpressionException(e.kind(), text, Math.max(at, e.position()));
    }
    pos = evaluator.position();
    String yes = alternative();
    skipBlanks();
    if (pos < text.length() && text.charAt(pos) == ';') {
      pos++;
    }
    String no = alternative();
    return block(value != 0 ? yes : no, false);
  }

  private String alternative() {
    skipBlanks();
    if (pos < text.length() && text.charAt(pos) == '\'') {
      int close = text.indexOf('\'', pos + 1);
      if (close < 0) {
        throw error(Kind.SYNTAX);
      }
      String command = text.substring(pos + 1, close);
      pos = close + 1;
      return command;
    }
    int end = ScriptText.endOfCommand(text, pos);
    String command = text.substring(pos, end);
    pos = end;
    return command;
  }

  /** {@code z (Condition)}: what stands before it on the line runs again. */
  private Flow again(int start, int rounds) {
    int condition = pos;
    pos = parenthesis(pos) + 1;
    if (condition(condition, pos) != 0) {
      interpreter.note("redo [" + rounds + "] " + text.substring(0, pos).strip());
      if (text.substring(0, start).isBlank()) {
        throw new CommandException("z has nothing before it to repeat");
      }
      pos = 0;
    }
    return Flow.NEXT;
  }

  // ---- shapes

  /** The value of the condition in parentheses at a place. */
  private long condition(int from, int to) {
    Evaluator evaluator = new Evaluator(text, ScriptText.skipBlanks(text, from), session);
    long value = evaluator.expression();
    int end = ScriptText.skipBlanks(text, evaluator.position());
    if (end < to) {
      throw new ExpressionException(Kind.SYNTAX, text, end);
    }
    return value;
  }

  /** The place of the block behind a condition. */
  private int afterCondition(int from) {
    int close = parenthesis(from);
    int open = text.indexOf('{', close);
    if (open < 0) {
      throw new ExpressionException(Kind.SYNTAX, text, Math.min(text.length(), close + 1));
    }
    return open;
  }

  private int parenthesis(int from) {
    int open = ScriptText.skipBlanks(text, from);
    int close =
        open < text.length() && text.charAt(open) == '(' ? ScriptText.close(text, open) : -1;
    if (close < 0) {
      pos = text.length();
      throw new ExpressionException(Kind.SYNTAX, text, open);
    }
    return close;
  }

  private String body() {
    return bodyAt(ScriptText.skipBlanks(text, pos));
  }

  /** The text of the block at a place; the script goes on behind it. */
  private String bodyAt(int open) {
    int close = bodyEnd(open);
    pos = close + 1;
    return text.substring(open + 1, close);
  }

  private int bodyEnd(int open) {
    int close =
        open < text.length() && text.charAt(open) == '{' ? ScriptText.close(text, open) : -1;
    if (close < 0) {
      pos = text.length();
      throw new ExpressionException(Kind.SYNTAX, text, open);
    }
    return close;
  }

  private String scriptArguments(String name) {
    // Only the forms with two dollar signs leave something of the line to others.
    int end = name.startsWith("$$") ? ScriptText.endOfCommand(text, pos) : text.length();
    String arguments = text.substring(pos, end).strip();
    pos = end;
    return arguments;
  }

  private void skipBlanks() {
    pos = ScriptText.skipBlanks(text, pos);
  }

  private ExpressionException error(Kind kind) {
    return new ExpressionException(kind, text, pos);
  }
}
