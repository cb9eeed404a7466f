// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.image.Memory;
import org.jkd.pe.PeImage;
import org.jkd.symbols.ModuleSymbols;

/**
 * What was learned about the code of modules and holds for any dump with the same code at the same
 * place: where its functions start. Whether the code is the same is not guessed: every page that
 * was looked at is compared, byte by byte.
 *
 * <p>Worth something to programs that open many dumps; safe for use by several threads.
 */
public final class KnownCode {
  /** Bytes of pages and tables that are kept, those used last. */
  static final long MAX_BYTES = 64L << 20;

  /** Forms of one module that are kept: small dumps hold a page or two of it, each other ones. */
  private static final int MAX_VARIANTS = 8;

  /** What a start and its sources take in a {@link FunctionMap}, about. */
  private static final int START_BYTES = 40;

  /**
   * A page of a module.
   *
   * @param state as {@link CodeImage} numbers them
   * @param bytes as they are read
   * @param raw as they are in the dump, before hooks were taken out
   * @param parts what the dump has of a page that is not complete
   */
  record Page(int index, byte state, byte[] bytes, byte[] raw, Optional<Parts> parts) {
    long size() {
      return bytes.length + (raw == bytes ? 0 : raw.length) + (parts.isPresent() ? 5000 : 100);
    }
  }

  /**
   * The bytes of a page that a dump has.
   *
   * @param present which they are
   */
  record Parts(BitSet present, byte[] bytes) {
    static Parts of(Memory memory, long start, int length) {
      byte[] bytes = new byte[length];
      BitSet present = new BitSet(length);
      int at = 0;
      while (at < length) {
        int got = memory.read(start + at, bytes, at, length - at);
        present.set(at, at + got);
        at += got;
        if (at < length) {
          long next = memory.after(start + at) - start;
          at = next <= at || next > length ? length : (int) next;
        }
      }
      return new Parts(present, bytes);
    }

    @Override
    public boolean equals(Object o) {
      return o instanceof Parts p && present.equals(p.present) && Arrays.equals(bytes, p.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  private record Key(
      Arch arch, long base, long size, PeImage file, Optional<ModuleSymbols> symbols) {}

  /** A form of a module: what was read of it, and what came out. */
  private record Variant(long[] pointers, List<Page> pages, FunctionMap functions, long size) {}

  private final Map<Key, List<Variant>> known = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /** Where the functions of a module start, known or found now. */
  FunctionMap functions(CodeImage image) {
    if (image.file() == null) {
      // Headers are in the dump as well, in pages of which nobody keeps account.
      return FunctionScan.of(image, FunctionScan.pointers(image));
    }
    Key key =
        new Key(
            image.arch(),
            image.base(),
            image.end() - image.base(),
            image.file().image(),
            image.symbols());
    byte[] scratch = new byte[CodeImage.PAGE];
    for (Variant variant : variants(key)) {
      if (variant.pages.stream().allMatch(p -> image.take(p, scratch))
          && Arrays.equals(variant.pointers, FunctionScan.pointers(image))) {
        return variant.functions;
      }
    }
    long[] pointers = FunctionScan.pointers(image);
    BitSet read = new BitSet(image.pageCount());
    FunctionMap functions = image.scan(pointers, read);
    List<Page> pages = read.stream().mapToObj(image::recorded).toList();
    long size =
        pages.stream().mapToLong(Page::size).sum()
            + (long) functions.count() * START_BYTES
            + pointers.length * 8L;
    keep(key, new Variant(pointers, pages, functions, size));
    return functions;
  }

  private synchronized List<Variant> variants(Key key) {
    return List.copyOf(known.getOrDefault(key, List.of()));
  }

  private synchronized void keep(Key key, Variant variant) {
    List<Variant> variants = known.computeIfAbsent(key, k -> new ArrayList<>());
    variants.addFirst(variant);
    bytes += variant.size;
    if (variants.size() > MAX_VARIANTS) {
      bytes -= variants.removeLast().size;
    }
    Iterator<List<Variant>> eldest = known.values().iterator();
    while (bytes > MAX_BYTES && eldest.hasNext()) {
      for (Variant old : eldest.next()) {
        bytes -= old.size;
      }
      eldest.remove();
    }
  }
}
