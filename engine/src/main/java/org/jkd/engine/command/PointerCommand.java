// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Memory;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.stack.rebuild.Reconstructor;
import org.jkd.stack.rebuild.WordNote;

/**
 * {@code dps dds dqs} and the undocumented {@code dpS}: words and what they point at; {@code dpp
 * dpa dpu} and their kin: what lies where the words point. {@code dps /f} adds what each word is to
 * the rebuilt stack.
 */
final class PointerCommand extends Command {
  private static final int DEFAULT_BYTES = 128;
  private static final int MAX_TEXT = 260;

  /**
   * A word of memory.
   *
   * @param value empty if it cannot be read
   * @param pointee what it points at: a word, or empty
   * @param quoted the string that it points at, or empty
   * @param symbol the name of the value, or of the pointee where that is shown
   * @param note what the word is to the rebuilt stack; empty if that was not asked for
   */
  record Word(
      long address,
      OptionalLong value,
      OptionalLong pointee,
      String quoted,
      String symbol,
      String note) {
    Word noted(String what) {
      return new Word(address, value, pointee, quoted, symbol, what);
    }
  }

  @Override
  public Result run(Arguments arguments, Session session) {
    String name = arguments.name();
    int unit =
        switch (name.charAt(1)) {
          case 'd' -> 4;
          case 'q' -> 8;
          default -> session.arch().pointerSize();
        };
    char kind = name.charAt(2);
    boolean frames = false;
    while (arguments.peek() == '/') {
      if (arguments.eat("/c")) {
        arguments.expression(); // one word per line is all there is
      } else if (kind == 's' && arguments.eat("/f")) {
        frames = true;
      } else if (arguments.eat("/p")) {
        throw new CommandException("Physical addresses are shown by dd /p and dq /p only");
      } else {
        throw arguments.error(Kind.SYNTAX);
      }
    }
    Range range = arguments.range(session.bookmarks().nextAddress(), unit, DEFAULT_BYTES / unit);
    arguments.end();
    session.bookmarks().setNextAddress(range.start() + range.count() * unit);
    return switch (kind) {
      case 's' -> frames ? noted(session, range, unit) : words(session, range, unit);
      case 'S' -> new Words(session.arch(), unit, symbols(session, range, unit), true);
      default -> new Words(session.arch(), unit, targets(session, range, unit, kind), false);
    };
  }

  /** Words with the symbols that they point at. */
  Words words(Session session, Range range, int unit) {
    Iterable<Word> words = () -> pointers(session, range, unit).iterator();
    return new Words(session.arch(), unit, words, false);
  }

  /** Words with what each of them is to the rebuilt stack of the crash. */
  private static Words noted(Session session, Range range, int unit) {
    if (unit != session.arch().pointerSize()) {
      throw new CommandException("/f needs words of the size of a pointer");
    }
    Map<Long, String> notes = new HashMap<>();
    Reconstructor reconstructor = session.debuggee().reconstructor();
    RebuiltStack stack = reconstructor.rebuild(StackReconCommand.crash(session, false));
    for (WordNote note : reconstructor.words(stack)) {
      notes.put(note.address(), note.what());
    }
    Iterable<Word> words =
        () ->
            pointers(session, range, unit)
                .map(w -> w.noted(notes.getOrDefault(w.address(), "")))
                .iterator();
    return new Words(session.arch(), unit, words, false);
  }

  /** The words of a range, read one by one while they are shown: a range may be long. */
  private static Stream<Word> pointers(Session session, Range range, int unit) {
    return addresses(session, range, unit)
        .mapToObj(address -> {
          OptionalLong value = session.memory().number(address, unit);
          return new Word(address, value, OptionalLong.empty(), "", symbol(session, value), "");
        });
  }

  private static LongStream addresses(Session session, Range range, int unit) {
    return LongStream.range(0, range.count())
        .map(i -> session.arch().address(range.start() + i * unit));
  }

  private static Iterable<Word> symbols(Session session, Range range, int unit) {
    return () -> pointers(session, range, unit).filter(w -> !w.symbol().isEmpty()).iterator();
  }

  private static String symbol(Session session, OptionalLong value) {
    return value.isPresent() ? session.names().text(value.getAsLong()).orElse("") : "";
  }

  private static Iterable<Word> targets(Session session, Range range, int unit, char kind) {
    return () ->
        addresses(session, range, unit).mapToObj(a -> target(session, a, unit, kind)).iterator();
  }

  private static Word target(Session session, long address, int unit, char kind) {
    OptionalLong value = session.memory().number(address, unit);
    OptionalLong pointee = OptionalLong.empty();
    String quoted = "";
    if (value.isPresent() && kind == 'p') {
      pointee = session.memory().number(value.getAsLong(), unit);
    } else if (value.isPresent()) {
      quoted = string(session.memory().memory(), value.getAsLong(), kind == 'u' ? 2 : 1);
    }
    return new Word(address, value, pointee, quoted, symbol(session, pointee), "");
  }

  private static String string(Memory memory, long address, int unit) {
    StringBuilder text = new StringBuilder();
    byte[] c = new byte[2];
    while (text.length() < MAX_TEXT
        && memory.read(address + (long) text.length() * unit, c, 0, unit) == unit) {
      int value = c[0] & 0xff | (unit == 2 ? (c[1] & 0xff) << 8 : 0);
      if (value == 0) {
        return "\"" + text + "\"";
      }
      text.append(value >= 0x20 && value < 0x7f ? (char) value : '.');
    }
    return text.isEmpty() ? "" : "\"" + text + "\"";
  }

  /**
   * Words, one per line.
   *
   * @param bare true if only values and symbols are shown
   */
  record Words(Arch arch, int unit, Iterable<Word> words, boolean bare) implements Result {
    @Override
    public void text(TextOut out) {
      for (Word word : words) {
        if (!bare) {
          out.add(Hex.address(arch, word.address)).add("  ");
        }
        out.add(number(word.value));
        if (word.pointee.isPresent()) {
          out.add(" ").add(number(word.pointee));
        }
        if (!word.quoted.isEmpty()) {
          out.add(" ").add(word.quoted);
        }
        if (!word.symbol.isEmpty()) {
          out.add(" ").add(word.symbol);
        }
        if (!word.note.isEmpty()) {
          out.add("  <- ").add(word.note);
        }
        out.end();
      }
    }

    private String number(OptionalLong value) {
      if (value.isEmpty()) {
        return unit == 4 ? "????????" : "????????`????????";
      }
      return unit == 4 ? Hex.pad(value.getAsLong(), 8) : Hex.accent(value.getAsLong());
    }

    @Override
    public void json(JsonOut out) {
      out.number("unit", unit);
      out.objects("words", words, Words::json);
    }

    private static void json(JsonOut out, Word word) {
      out.address("address", word.address);
      if (word.value.isPresent()) {
        out.address("value", word.value.getAsLong());
      }
      if (word.pointee.isPresent()) {
        out.address("pointee", word.pointee.getAsLong());
      }
      out.optional("string", word.quoted)
          .optional("symbol", word.symbol)
          .optional("note", word.note);
    }
  }
}
