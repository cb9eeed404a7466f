// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A symbol or image path in the grammar of {@code _NT_SYMBOL_PATH}: folders and stores, separated
 * by {@code ;}.
 */
public record SymbolPath(List<Element> elements) {
  /** No place at all. */
  public static final SymbolPath EMPTY = new SymbolPath(List.of());

  /** A place to look in. */
  public sealed interface Element {}

  /** A folder, which may also be laid out as a store. */
  public record Folder(Path path) implements Element {}

  /** A folder in the layout of a symbol store. */
  public record Store(Path path) implements Element {}

  /** A place that cannot be looked in, and why. */
  public record Unreachable(String text, String reason) implements Element {}

  /** Understands a path; nothing is refused, what is not understood is {@link Unreachable}. */
  public static SymbolPath parse(String text) {
    List<Element> elements = new ArrayList<>();
    for (String part : text.split(";", -1)) {
      String p = part.strip();
      if (!p.isEmpty()) {
        element(p, elements);
      }
    }
    return new SymbolPath(List.copyOf(elements));
  }

  private static void element(String text, List<Element> into) {
    String[] parts = text.split("\\*", -1);
    String kind = parts[0].toLowerCase(Locale.ROOT);
    if (parts.length == 1) {
      into.add(isUrl(text) ? url(text) : new Folder(Path.of(text)));
      return;
    }
    int first =
        switch (kind) {
          case "srv", "cache" -> 1;
          case "symsrv" -> 2;
          default -> -1;
        };
    if (first < 0) {
      into.add(new Unreachable(text, "unknown kind of symbol path element"));
      return;
    }
    for (int i = first; i < parts.length; i++) {
      String p = parts[i].strip();
      if (!p.isEmpty()) {
        into.add(isUrl(p) ? url(p) : new Store(Path.of(p)));
      }
    }
  }

  private static boolean isUrl(String s) {
    return s.regionMatches(true, 0, "http:", 0, 5) || s.regionMatches(true, 0, "https:", 0, 6);
  }

  private static Element url(String s) {
    return new Unreachable(s, "symbol servers are not asked");
  }
}
