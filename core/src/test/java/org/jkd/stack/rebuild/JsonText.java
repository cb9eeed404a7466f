// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the JSON of truth files: objects become maps, arrays lists, numbers doubles. */
final class JsonText {
  private final String text;
  private int at;

  private JsonText(String text) {
    this.text = text;
  }

  static Map<String, @Nullable Object> object(String text) {
    return asObject(new JsonText(text).value());
  }

  @SuppressWarnings("unchecked")
  static Map<String, @Nullable Object> asObject(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw new IllegalArgumentException("no object: " + value);
  }

  @SuppressWarnings("unchecked")
  static List<Object> asList(@Nullable Object value) {
    if (value instanceof List<?> list) {
      return (List<Object>) list;
    }
    throw new IllegalArgumentException("no list: " + value);
  }

  /** A number, or a hexadecimal number in a string. */
  static long number(@Nullable Object value) {
    if (value instanceof Double d) {
      return d.longValue();
    }
    if (value instanceof String s && s.startsWith("0x")) {
      return Long.parseUnsignedLong(s.substring(2), 16);
    }
    throw new IllegalArgumentException("no number: " + value);
  }

  private @Nullable Object value() {
    space();
    char c = text.charAt(at);
    return switch (c) {
      case '{' -> members();
      case '[' -> elements();
      case '"' -> string();
      case 't' -> word("true", Boolean.TRUE);
      case 'f' -> word("false", Boolean.FALSE);
      case 'n' -> word("null", null);
      default -> numeral();
    };
  }

  private Map<String, @Nullable Object> members() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    at++;
    space();
    while (text.charAt(at) != '}') {
      space();
      String key = string();
      space();
      at++; // colon
      map.put(key, value());
      space();
      if (text.charAt(at) == ',') {
        at++;
        space();
      }
    }
    at++;
    return map;
  }

  private List<@Nullable Object> elements() {
    List<@Nullable Object> list = new ArrayList<>();
    at++;
    space();
    while (text.charAt(at) != ']') {
      list.add(value());
      space();
      if (text.charAt(at) == ',') {
        at++;
        space();
      }
    }
    at++;
    return list;
  }

  private String string() {
    StringBuilder out = new StringBuilder();
    at++;
    while (text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c == '\\') {
        c = text.charAt(at++);
        if (c == 'u') {
          out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
          at += 4;
          continue;
        }
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
      }
      out.append(c);
    }
    at++;
    return out.toString();
  }

  private @Nullable Object word(String word, @Nullable Object value) {
    at += word.length();
    return value;
  }

  private Double numeral() {
    int from = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return Double.valueOf(text.substring(from, at));
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }
}
