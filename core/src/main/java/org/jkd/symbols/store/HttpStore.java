// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jkd.image.Cancellation;
import org.jkd.symbols.store.Download.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * One symbol server. It is asked for the file itself, for the compressed one, and for a pointer, in
 * this order; what it does not have is remembered. A server that does not answer is not asked again
 * in this session, so that a dump of two hundred modules does not wait two hundred times.
 */
final class HttpStore {
  private static final int MAX_INDEX = 1 << 16;

  /**
   * After this many files in a row that did not arrive, a server that answers is left alone too.
   */
  private static final int MAX_FAILURES = 3;

  private final URI root;
  private final Download download;
  private final StoreSettings settings;
  private final Map<String, String> absent = new ConcurrentHashMap<>();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile @Nullable String down;
  private @Nullable Boolean twoTier;

  HttpStore(URI root, Download download, StoreSettings settings) {
    this.root = root;
    this.download = download;
    this.settings = settings;
  }

  /** The address of the server, as the path has it. */
  @Override
  public String toString() {
    return root.toString();
  }

  /** The address of a file, every part of it encoded. */
  URI url(String... parts) {
    StringBuilder s = new StringBuilder(root.toString());
    for (String part : parts) {
      if (s.charAt(s.length() - 1) != '/') {
        s.append('/');
      }
      for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
        char c = (char) (b & 0xff);
        boolean plain = c < 0x80 && Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0;
        if (plain) {
          s.append(c);
        } else {
          s.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
        }
      }
    }
    return URI.create(s.toString());
  }

  /**
   * Asks for a file.
   *
   * @param cache gets it
   * @param remember false asks even for what was not there before
   * @return its place in the cache; empty when the server has none, which the log says
   */
  Optional<Path> find(Wanted wanted, CacheFolder cache, boolean remember, Consumer<String> log) {
    Consumer<String> say = line -> log.accept(root + ": " + line);
    String url = url(wanted.name(), wanted.key(), wanted.name()).toString();
    Optional<String> known = remember ? known(url, cache) : Optional.empty();
    if (known.isPresent()) {
      say.accept(known.get());
      return Optional.empty();
    }
    try {
      return asked(wanted, url, cache, say);
    } catch (IOException e) {
      Cancellation.check();
      say.accept("the cache " + cache.root() + " cannot be written: " + StoreText.reason(e));
      return Optional.empty();
    }
  }

  /** Why there is no use in asking. */
  private Optional<String> known(String url, CacheFolder cache) {
    @Nullable String reason = down;
    if (reason != null) {
      return Optional.of("not asked again: " + reason);
    }
    @Nullable String before = absent.get(url);
    if (before != null) {
      return Optional.of(before);
    }
    return cache.absence(url, settings.absent()).map(why -> why + " (not asked again today)");
  }

  private Optional<Path> asked(Wanted wanted, String url, CacheFolder cache, Consumer<String> say)
      throws IOException {
    List<List<String>> places = places(wanted, isTwoTier(cache));
    @Nullable String reason = down;
    if (reason != null) {
      say.accept(reason);
      return Optional.empty();
    }
    String absence = "";
    boolean lasting = true;
    for (List<String> parts : places) {
      String name = parts.getLast();
      switch (reply(url(parts.toArray(new String[0])), name, wanted, cache, 0)) {
        case Reply.Found(Path file) -> {
          failures.set(0);
          return Optional.of(file);
        }
        case Reply.Absent(String why, boolean certain) -> {
          absence = absence.isEmpty() ? why : absence;
          lasting &= certain;
        }
        case Reply.Refused(String why) -> {
          absent.put(url, why);
          say.accept(why);
          return Optional.empty();
        }
        case Reply.Failed(String why, boolean serverDown) -> {
          absent.put(url, why);
          say.accept(why);
          if (serverDown || failures.incrementAndGet() >= MAX_FAILURES) {
            down = why;
          }
          return Optional.empty();
        }
      }
    }
    absent.put(url, absence);
    if (lasting) {
      cache.noteAbsence(url, absence);
    }
    say.accept(absence);
    return Optional.empty();
  }

  /** What came of a request. */
  private sealed interface Reply {
    /** The file, in its place in the cache. */
    record Found(Path file) implements Reply {}

    /** The server has not got it in this form; certain when it will not have it tomorrow either. */
    record Absent(String why, boolean certain) implements Reply {}

    /** Something came, and is not taken. */
    record Refused(String why) implements Reply {}

    /** Nothing came. */
    record Failed(String why, boolean serverDown) implements Reply {}
  }

  private Reply reply(URI url, String name, Wanted wanted, CacheFolder cache, int pointers)
      throws IOException {
    try (CacheFolder.Partial partial = cache.partial(url.toString())) {
      boolean begun = partial.channel().size() > 0;
      Reply reply = received(url, name, wanted, cache, partial, pointers);
      if (begun && reply instanceof Reply.Refused) {
        // What was there from before may not go with what came now: once more from the start.
        partial.channel().truncate(0);
        reply = received(url, name, wanted, cache, partial, pointers);
      }
      return reply;
    }
  }

  private Reply received(
      URI url,
      String name,
      Wanted wanted,
      CacheFolder cache,
      CacheFolder.Partial partial,
      int depth)
      throws IOException {
    return switch (download.fetch(url, wanted.name(), partial.channel())) {
      case Outcome.Absent(String why, boolean certain) -> new Reply.Absent(why, certain);
      case Outcome.Failed(String why, boolean serverDown) -> new Reply.Failed(why, serverDown);
      case Outcome.Got() ->
          name.equals(FolderStore.POINTER)
              ? pointer(url, wanted, cache, partial, depth)
              : kept(wanted, cache, partial);
    };
  }

  /** Expands what came, if it is a cabinet, and keeps it, if it is what was asked for. */
  private Reply kept(Wanted wanted, CacheFolder cache, CacheFolder.Partial partial)
      throws IOException {
    boolean packed = Unpacking.isCabinet(partial.file());
    Path file = packed ? cache.temporary() : partial.file();
    try {
      Optional<String> refusal =
          packed ? Unpacking.expand(partial.file(), file, settings.maxBytes()) : Optional.empty();
      if (refusal.isEmpty()) {
        refusal = wanted.check().refusal(file);
      }
      if (refusal.isPresent()) {
        partial.channel().truncate(0);
        return new Reply.Refused("refused what it sent: " + refusal.get());
      }
      if (packed) {
        partial.channel().truncate(0);
      }
      partial.channel().close();
      return new Reply.Found(cache.keep(file, wanted));
    } finally {
      if (packed) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Follows a pointer, but never to a file of this machine or of its network. */
  private Reply pointer(
      URI url, Wanted wanted, CacheFolder cache, CacheFolder.Partial partial, int depth)
      throws IOException {
    long size = partial.channel().size();
    String text =
        size > FolderStore.MAX_POINTER
            ? ""
            : Files.readString(partial.file(), StandardCharsets.ISO_8859_1).strip();
    partial.channel().truncate(0);
    if (!text.startsWith("PATH:") || depth > 0) {
      String shown = text.isEmpty() ? "no text" : StoreText.oneLine(text);
      return new Reply.Refused("file.ptr says: " + shown);
    }
    String target = text.substring(5).strip();
    Optional<URI> next = pointed(url, target);
    return next.isPresent()
        ? reply(next.get(), StoreNames.fileName(target), wanted, cache, depth + 1)
        : new Reply.Refused("file.ptr points to " + StoreText.oneLine(target) + ", not followed");
  }

  private Optional<URI> pointed(URI from, String target) {
    if (target.regionMatches(true, 0, "http", 0, 4)) {
      try {
        URI to = URI.create(target);
        return Download.redirectRefusal(from, to).isEmpty() ? Optional.of(to) : Optional.empty();
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    String[] parts = target.split("[/\\\\]", -1);
    for (String part : parts) {
      if (StoreNames.nameRefusal(part).isPresent()) {
        return Optional.empty();
      }
    }
    return Optional.of(url(parts));
  }

  /**
   * Where a server may have a file, in the order of asking: plain, compressed, by a pointer; each
   * as it is called, and in lower case where the server minds it.
   */
  private static List<List<String>> places(Wanted wanted, boolean tiers) {
    String name = wanted.name();
    String lowerName = name.toLowerCase(Locale.ROOT);
    String lowerKey = wanted.key().toLowerCase(Locale.ROOT);
    Set<List<String>> places = new LinkedHashSet<>();
    for (int form = 0; form < 3; form++) {
      places.add(place(name, wanted.key(), form, tiers));
      if (form < 2) {
        places.add(place(name, lowerKey, form, tiers));
        places.add(place(lowerName, lowerKey, form, tiers));
      }
    }
    return List.copyOf(places);
  }

  private static List<String> place(String name, String key, int form, boolean tiers) {
    List<String> parts = new ArrayList<>();
    if (tiers && name.length() >= 2) {
      parts.add(name.substring(0, 2));
    }
    parts.add(name);
    parts.add(key);
    parts.add(
        switch (form) {
          case 0 -> name;
          case 1 -> StoreNames.compressed(name);
          default -> FolderStore.POINTER;
        });
    return parts;
  }

  /** Asks once per session whether the server sorts by first letters. */
  private synchronized boolean isTwoTier(CacheFolder cache) throws IOException {
    if (twoTier == null) {
      try (CacheFolder.Partial partial = cache.partial(url(FolderStore.TWO_TIER).toString())) {
        Outcome outcome =
            download.fetch(url(FolderStore.TWO_TIER), FolderStore.TWO_TIER, partial.channel());
        twoTier = outcome instanceof Outcome.Got && isIndex(partial);
        partial.channel().truncate(0);
        if (outcome instanceof Outcome.Failed f && f.serverDown()) {
          down = f.why();
        }
      }
    }
    return twoTier;
  }

  /** Some servers answer everything with a page. */
  private static boolean isIndex(CacheFolder.Partial partial) throws IOException {
    return partial.channel().size() <= MAX_INDEX
        && !Files.readString(partial.file(), StandardCharsets.ISO_8859_1).contains("<");
  }
}
