// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jkd.symbols.store.StoreChain;

/**
 * A symbol or image path in the grammar of {@code _NT_SYMBOL_PATH}: folders, stores and servers,
 * separated by {@code ;}.
 *
 * <ul>
 *   <li>{@code c:\symbols}: a folder, which may also be laid out as a store
 *   <li>{@code srv*A*B*https://server}: stores, each a cache of those behind it
 *   <li>{@code srv*}: Microsoft's server behind the default cache; {@code srv*https://server}:
 *       another server behind it; an empty place between two stars is the default cache too
 *   <li>{@code cache*c:\cache}: caches what all elements to its right find on servers and in stores
 *   <li>{@code symsrv*symsrv.dll*A*B}: the older form of {@code srv*A*B}
 * </ul>
 */
public record SymbolPath(List<Element> elements) {
  /** No place at all. */
  public static final SymbolPath EMPTY = new SymbolPath(List.of());

  /** Where Microsoft's public symbols are. */
  public static final String MICROSOFT = "https://msdl.microsoft.com/download/symbols";

  /** A place to look in. */
  public sealed interface Element {}

  /** A folder, which may also be laid out as a store. */
  public record Folder(Path path) implements Element {}

  /** Stores, of which each caches those behind it. */
  public record Store(StoreChain chain) implements Element {}

  /** A place that cannot be looked in, and why. */
  public record Unreachable(String text, String reason) implements Element {}

  /** Understands a path; nothing is refused, what is not understood is {@link Unreachable}. */
  public static SymbolPath parse(String text) {
    List<Element> elements = new ArrayList<>();
    List<StoreChain.Place> caches = new ArrayList<>();
    for (String part : text.split(";", -1)) {
      String p = part.strip();
      if (p.isEmpty()) {
        continue;
      }
      try {
        elements.add(element(p, caches));
      } catch (IllegalArgumentException e) {
        elements.add(new Unreachable(p, reason(e)));
      }
    }
    return new SymbolPath(List.copyOf(elements));
  }

  private static String reason(IllegalArgumentException e) {
    return e instanceof InvalidPathException
        ? "not a path"
        : e.getMessage() == null ? "not understood" : e.getMessage();
  }

  /** True when a server may be asked. */
  public boolean hasServer() {
    return elements.stream().anyMatch(e -> e instanceof Store s && s.chain().hasServer());
  }

  private static Element element(String text, List<StoreChain.Place> caches) {
    String[] parts = text.split("\\*", -1);
    String kind = parts[0].toLowerCase(Locale.ROOT);
    if (parts.length == 1) {
      return isUrl(text) ? chain(List.of(server(text)), caches) : new Folder(Path.of(text));
    }
    return switch (kind) {
      case "srv" -> chain(places(parts, 1), caches);
      case "symsrv" -> chain(places(parts, 2), caches);
      case "cache" -> {
        StoreChain.Place cache = place(parts[1].strip());
        if (parts.length > 2 || cache instanceof StoreChain.Server) {
          throw new IllegalArgumentException("cache* takes one folder");
        }
        Element element = chain(List.of(cache), caches);
        caches.add(cache);
        yield element;
      }
      default -> throw new IllegalArgumentException("unknown kind of symbol path element");
    };
  }

  private static List<StoreChain.Place> places(String[] parts, int first) {
    List<StoreChain.Place> places = new ArrayList<>();
    for (int i = first; i < parts.length; i++) {
      StoreChain.Place place = place(parts[i].strip());
      if (!places.contains(place)) {
        places.add(place);
      }
    }
    if (places.stream().allMatch(StoreChain.DefaultCache.class::isInstance)) {
      // srv* alone
      places.add(server(MICROSOFT));
    }
    return places;
  }

  private static StoreChain.Place place(String text) {
    if (text.isEmpty()) {
      return new StoreChain.DefaultCache();
    }
    return isUrl(text) ? server(text) : new StoreChain.Folder(Path.of(text));
  }

  private static Store chain(List<StoreChain.Place> places, List<StoreChain.Place> caches) {
    List<StoreChain.Place> all = new ArrayList<>(caches);
    for (StoreChain.Place p : places) {
      if (!all.contains(p)) {
        all.add(p);
      }
    }
    if (all.getFirst() instanceof StoreChain.Server) {
      all.addFirst(new StoreChain.DefaultCache());
    }
    return new Store(new StoreChain(all));
  }

  private static boolean isUrl(String s) {
    return s.regionMatches(true, 0, "http:", 0, 5) || s.regionMatches(true, 0, "https:", 0, 6);
  }

  private static StoreChain.Server server(String text) {
    URI url = URI.create(text.replace(" ", "%20"));
    if (url.getHost() == null || url.getRawQuery() != null || url.getRawFragment() != null) {
      throw new IllegalArgumentException("not the address of a server");
    }
    return new StoreChain.Server(url);
  }

  /**
   * A path as kd shows it expanded: {@code srv*} with what it stands for, and caches in front of
   * their servers.
   */
  public static String expanded(String text) {
    List<String> parts = new ArrayList<>();
    for (String part : text.split(";", -1)) {
      String[] names = part.strip().split("\\*", -1);
      boolean store = names[0].equalsIgnoreCase("srv") && names.length > 1;
      if (store && names.length == 2 && names[1].isBlank()) {
        parts.add("cache*;SRV*" + MICROSOFT);
      } else if (store && names.length == 3 && isUrl(names[2].strip())) {
        parts.add("cache*" + names[1].strip() + ";SRV*" + names[2].strip());
      } else {
        parts.add(part.strip());
      }
    }
    return String.join(";", parts);
  }
}
