// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.cpu.Arch;
import org.jkd.engine.expr.ExpressionException;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Memory;

/**
 * {@code s}: searches memory. Flags in brackets before the type: {@code 1} addresses only, {@code
 * s} keeps the hits, {@code r} searches among the kept ones, {@code lN} the least length of texts.
 */
final class SearchCommand extends Command {
  /** Bytes that one pattern may have. */
  private static final int MAX_PATTERN = 0x1000;

  /** Hits that {@code -[s]} keeps. */
  private static final int MAX_KEPT = 1 << 20;

  private static final Set<String> TYPES = Set.of("b", "w", "d", "q", "a", "u", "sa", "su", "v");

  /** What stands between the minus sign and the range. */
  private record Options(String type, boolean bare, boolean keeps, boolean among, int least) {}

  @Override
  public Result run(Arguments arguments, Session session) {
    Options options = options(arguments);
    if (arguments.atEnd()) {
      throw arguments.error(Kind.SYNTAX);
    }
    int unit = unit(options.type, session);
    Range range = arguments.range(0, unit, 0);
    MemorySearch.Pattern pattern =
        options.type.startsWith("s")
            ? new MemorySearch.Texts(unit, options.least)
            : new MemorySearch.Exact(pattern(arguments, session, options.type, unit), unit);
    arguments.end();
    long bytes = range.count() * unit;
    Memory memory = session.memory().memory();
    Set<Long> among = options.among ? Set.copyOf(session.bookmarks().keptHits()) : Set.of();
    Iterable<MemorySearch.Hit> hits = () -> new MemorySearch(memory, range.start(), bytes, pattern);
    if (options.keeps || options.among) {
      hits = chosen(hits, among, options, session);
    }
    return new Found(session.arch(), memory, format(options.type), options.bare, unit, hits);
  }

  private static Iterable<MemorySearch.Hit> chosen(
      Iterable<MemorySearch.Hit> hits, Set<Long> among, Options options, Session session) {
    List<MemorySearch.Hit> chosen = new ArrayList<>();
    for (MemorySearch.Hit hit : hits) {
      if ((!options.among || among.contains(hit.address())) && chosen.size() < MAX_KEPT) {
        chosen.add(hit);
      }
    }
    if (options.keeps) {
      session.bookmarks().keepHits(chosen.stream().map(MemorySearch.Hit::address).toList());
    }
    return chosen;
  }

  private static Options options(Arguments arguments) {
    boolean bare = false;
    boolean keeps = false;
    boolean among = false;
    int least = 3;
    String type = "b";
    if (arguments.eat("-")) {
      int start = arguments.position();
      String text = arguments.text();
      int pos = start;
      if (pos < text.length() && text.charAt(pos) == '[') {
        int close = text.indexOf(']', pos);
        for (pos++; pos < close; pos++) {
          switch (text.charAt(pos)) {
            case '1' -> bare = true;
            case 's' -> keeps = true;
            case 'r' -> among = true;
            case 'l' -> {
              int length = 0;
              while (pos + 1 < close && Character.isDigit(text.charAt(pos + 1))) {
                length = Math.min(0xffff, length * 10 + text.charAt(++pos) - '0');
              }
              least = Math.max(1, length);
            }
            default -> throw new ExpressionException(Kind.SYNTAX, text, pos);
          }
        }
        if (close < 0) {
          throw new ExpressionException(Kind.SYNTAX, text, start);
        }
        pos = close + 1;
      }
      int end = pos;
      while (end < text.length() && Character.isLetter(text.charAt(end))) {
        end++;
      }
      if (end > pos || end < text.length() && !ScriptText.isBlank(text.charAt(end))) {
        type = text.substring(pos, end);
      }
      if (!TYPES.contains(type)) {
        throw new ExpressionException(Kind.SYNTAX, text, pos);
      }
      arguments.back(end);
    }
    return new Options(type, bare, keeps, among, least);
  }

  private static int unit(String type, Session session) {
    return switch (type) {
      case "w", "u", "su" -> 2;
      case "d" -> 4;
      case "q" -> 8;
      case "v" -> session.arch().pointerSize();
      default -> 1;
    };
  }

  private static MemoryFormat format(String type) {
    return switch (type) {
      case "w", "u" -> MemoryFormat.WORDS_TEXT;
      case "d" -> MemoryFormat.DWORDS_TEXT;
      case "q" -> MemoryFormat.QWORDS;
      case "sa" -> MemoryFormat.ASCII;
      case "su" -> MemoryFormat.UNICODE;
      default -> MemoryFormat.BYTES;
    };
  }

  private static byte[] pattern(Arguments arguments, Session session, String type, int unit) {
    arguments.eat(",");
    if (type.equals("a") || type.equals("u")) {
      String text = arguments.peek() == '"' ? arguments.quoted() : arguments.rest();
      if (text.isEmpty()) {
        throw arguments.error(Kind.SYNTAX);
      }
      return text.getBytes(unit == 2 ? StandardCharsets.UTF_16LE : StandardCharsets.ISO_8859_1);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (type.equals("v")) {
      int at = arguments.position();
      OptionalLong table = session.memory().pointer(arguments.address());
      if (table.isEmpty()) {
        throw new ExpressionException(Kind.MEMORY, arguments.text(), at);
      }
      add(bytes, table.getAsLong(), unit);
      return bytes.toByteArray();
    }
    do {
      if (arguments.peek() == '\'' || arguments.peek() == '"') {
        characters(arguments, bytes, unit);
      } else {
        add(bytes, arguments.expression(), unit);
      }
      arguments.eat(",");
    } while (!arguments.atEnd() && bytes.size() < MAX_PATTERN);
    return bytes.toByteArray();
  }

  /** {@code 'Tag'}: the characters, one per element. */
  private static void characters(Arguments arguments, ByteArrayOutputStream bytes, int unit) {
    String text = arguments.text();
    int open = arguments.position();
    int close = text.indexOf(text.charAt(open), open + 1);
    if (close <= open + 1) {
      throw arguments.error(Kind.SYNTAX);
    }
    for (int i = open + 1; i < close; i++) {
      add(bytes, text.charAt(i), unit);
    }
    arguments.back(close + 1);
  }

  private static void add(ByteArrayOutputStream bytes, long value, int unit) {
    for (int i = 0; i < unit; i++) {
      bytes.write((int) (value >>> 8 * i));
    }
  }

  /** Hits, found while they are shown. */
  record Found(
      Arch arch,
      Memory memory,
      MemoryFormat format,
      boolean bare,
      int unit,
      Iterable<MemorySearch.Hit> hits)
      implements Result {
    @Override
    public void text(TextOut out) {
      Iterator<MemorySearch.Hit> each = hits.iterator();
      while (each.hasNext()) {
        MemorySearch.Hit hit = each.next();
        if (bare) {
          out.line(Hex.prefixed(arch, hit.address()));
        } else if (format == MemoryFormat.ASCII || format == MemoryFormat.UNICODE) {
          out.line(Hex.address(arch, hit.address()) + "  \"" + string(hit) + "\"");
        } else {
          MemoryBlock block = MemoryBlock.read(memory, hit.address(), 16);
          int columns = 16 / format.unit();
          out.add(Hex.address(arch, hit.address())).add("  ");
          out.line(new MemoryRow(format, columns, block, 0, 16).text());
        }
      }
    }

    private String string(MemorySearch.Hit hit) {
      byte[] bytes = new byte[hit.length()];
      int got = memory.read(hit.address(), bytes, 0, bytes.length);
      return new String(
          bytes, 0, got, unit == 2 ? StandardCharsets.UTF_16LE : StandardCharsets.ISO_8859_1);
    }

    @Override
    public void json(JsonOut out) {
      out.objects("hits", hits, (o, h) -> o.address("address", h.address()));
    }
  }
}
