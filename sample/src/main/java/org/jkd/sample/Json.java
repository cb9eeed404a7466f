// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value of a JSON text, for tests that compare with published truth. It reads well-formed texts
 * and says {@link IllegalArgumentException} to others; numbers are kept as they are written.
 */
public final class Json {
  private final @Nullable Object value;

  private Json(@Nullable Object value) {
    this.value = value;
  }

  /** Reads a file. */
  public static Json of(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  /** Reads a text. */
  public static Json parse(String text) {
    Parser p = new Parser(text);
    Json result = p.value();
    p.end();
    return result;
  }

  /** A member of an object; a missing one is {@code null} in the sense of {@link #isNull()}. */
  public Json get(String name) {
    Json member = value instanceof Map<?, ?> m && m.get(name) instanceof Json j ? j : null;
    return member == null ? new Json(null) : member;
  }

  /** The names of an object's members. */
  public List<String> names() {
    return value instanceof Map<?, ?> m
        ? m.keySet().stream().map(String::valueOf).toList()
        : List.of();
  }

  /** The elements of an array; none for anything else. */
  public List<Json> list() {
    List<Json> result = new ArrayList<>();
    if (value instanceof List<?> l) {
      l.forEach(e -> result.add((Json) e));
    }
    return result;
  }

  /** True for an object. */
  public boolean isObject() {
    return value instanceof Map<?, ?>;
  }

  /** True for an array. */
  public boolean isArray() {
    return value instanceof List<?>;
  }

  /** True for a string, as opposed to a number or a truth value. */
  public boolean isString() {
    return value instanceof String;
  }

  /** True for {@code null} and for what is missing. */
  public boolean isNull() {
    return value == null;
  }

  /** The text of a string, number or truth value. */
  public String text() {
    if (value == null || value instanceof Map<?, ?> || value instanceof List<?>) {
      throw new IllegalArgumentException("no text: " + value);
    }
    return value.toString();
  }

  /** The text, if there is one. */
  public Optional<String> optionalText() {
    return value == null ? Optional.empty() : Optional.of(text());
  }

  /** A number, or a string that holds one with {@code 0x} in front; unsigned 64 bits. */
  public long number() {
    String s = text();
    return s.startsWith("0x") ? Long.parseUnsignedLong(s.substring(2), 16) : Long.parseLong(s);
  }

  /** True for the truth value. */
  public boolean isTrue() {
    return "true".equals(String.valueOf(value));
  }

  /** A number or a truth value as it is written. */
  private record Word(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    private IllegalArgumentException bad(String what) {
      return new IllegalArgumentException("JSON at " + at + ": " + what);
    }

    private char next() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      if (at >= text.length()) {
        throw bad("the text ends");
      }
      return text.charAt(at);
    }

    void end() {
      if (!text.substring(at).isBlank()) {
        throw bad("more text");
      }
    }

    private boolean take(char c) {
      if (next() == c) {
        at++;
        return true;
      }
      return false;
    }

    private void expect(char c) {
      if (!take(c)) {
        throw bad("expected " + c);
      }
    }

    Json value() {
      return switch (next()) {
        case '{' -> object();
        case '[' -> array();
        case '"' -> new Json(string());
        default -> word();
      };
    }

    private Json object() {
      Map<String, Json> members = new LinkedHashMap<>();
      expect('{');
      if (!take('}')) {
        do {
          next();
          String name = string();
          expect(':');
          members.put(name, value());
        } while (take(','));
        expect('}');
      }
      return new Json(members);
    }

    private Json array() {
      List<Json> elements = new ArrayList<>();
      expect('[');
      if (!take(']')) {
        do {
          elements.add(value());
        } while (take(','));
        expect(']');
      }
      return new Json(elements);
    }

    private Json word() {
      int start = at;
      while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String word = text.substring(start, at);
      return new Json(word.equals("null") ? null : new Word(word));
    }

    private String string() {
      expect('"');
      StringBuilder s = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c == '"') {
          return s.toString();
        }
        s.append(c == '\\' ? escaped() : c);
      }
      throw bad("a string without end");
    }

    private char escaped() {
      char c = text.charAt(at++);
      return switch (c) {
        case 'n' -> '\n';
        case 't' -> '\t';
        case 'r' -> '\r';
        case 'b' -> '\b';
        case 'f' -> '\f';
        case 'u' -> {
          at += 4;
          yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        default -> c;
      };
    }
  }
}
