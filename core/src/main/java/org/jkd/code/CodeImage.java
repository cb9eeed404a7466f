// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.image.FormatException;
import org.jkd.image.Memory;
import org.jkd.pe.LoadedImage;
import org.jkd.pe.PeImage;
import org.jkd.pe.PeSection;
import org.jkd.symbols.ModuleSymbols;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one module at the addresses where it is loaded. What the dump holds counts; pages
 * that it does not hold come from the image file of the module, relocated to where it was loaded.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class CodeImage {
  static final int PAGE = 0x1000;

  /** No Windows module is larger; a claimed size above it is cut. */
  static final long MAX_SIZE = 1L << 30;

  /**
   * A range of addresses.
   *
   * @param end the first address behind it
   */
  public record Range(long start, long end) {
    /** True when the address lies inside. */
    public boolean contains(long address) {
      return address >= start && address < end;
    }
  }

  /** Of a page with more differing bytes the file is taken to be another version. */
  private static final int MAX_PATCHED = PAGE / 8;

  private final String name;
  private final Arch arch;
  private final long base;
  private final long size;
  private final Memory memory;
  private final @Nullable LoadedImage file;
  private final @Nullable PeImage headers;
  private final @Nullable ModuleSymbols symbols;
  private final List<Range> executable;
  private final boolean sectionsKnown;
  private final byte[][] pages;
  private final byte[] pageLength;

  /** What the pages are: 0 not asked for yet, complete, parts are missing, from the image file. */
  static final byte COMPLETE = 1;

  static final byte PARTIAL = 2;

  static final byte FROM_FILE = 3;

  /** What the dump has in pages from which hooks were taken out. */
  private final Map<Integer, byte[]> hooked = new HashMap<>();

  private @Nullable FunctionMap functions;
  private @Nullable KnownCode known;
  private @Nullable LongIntMap pointed;
  private @Nullable LongIntMap tables;
  private @Nullable BitSet touched;

  /**
   * @param size bytes; 0 takes it from the headers
   * @param memory the target's memory
   * @param imageFile the matching image file, if there is one
   * @param symbols the module's symbols, if there are any
   */
  public CodeImage(
      String name,
      Arch arch,
      long base,
      long size,
      Memory memory,
      Optional<PeImage> imageFile,
      Optional<ModuleSymbols> symbols) {
    this.name = name;
    this.arch = arch;
    this.base = base;
    this.memory = memory;
    this.file = imageFile.map(f -> f.loadedAt(base)).orElse(null);
    this.symbols = symbols.orElse(null);
    this.headers = imageFile.orElseGet(() -> headersInMemory(name, memory, base));
    long claimed = size != 0 ? size : headers == null ? 0 : headers.sizeOfImage();
    this.size = Math.min(claimed, MAX_SIZE);
    this.executable = executableRanges(headers, base, this.size);
    this.sectionsKnown = !executable.isEmpty();
    int count = (int) ((this.size + PAGE - 1) / PAGE);
    this.pages = new byte[count][];
    this.pageLength = new byte[count];
  }

  private static @Nullable PeImage headersInMemory(String name, Memory memory, long base) {
    try {
      return PeImage.inMemory(name, memory, base);
    } catch (FormatException e) {
      // Headers that were paged out are normal; the module is then code of unknown extent.
      return null;
    }
  }

  private static List<Range> executableRanges(@Nullable PeImage image, long base, long size) {
    List<Range> ranges = new ArrayList<>();
    if (image != null) {
      for (PeSection s : image.sections()) {
        if (s.executable() && s.rva() < size) {
          long end = Math.min(size, s.rva() + s.size());
          ranges.add(new Range(base + s.rva(), base + end));
        }
      }
    }
    return List.copyOf(ranges);
  }

  /** The module's name as kd shows it, for instance {@code nt}. */
  public String name() {
    return name;
  }

  /** The processor. */
  public Arch arch() {
    return arch;
  }

  /** The first address. */
  public long base() {
    return base;
  }

  /** The first address behind the module. */
  public long end() {
    return base + size;
  }

  /** True when the address lies in the module. */
  public boolean contains(long address) {
    return address - base >= 0 && address - base < size;
  }

  /** The headers: those of the image file, else those in memory, if they can be read. */
  public Optional<PeImage> headers() {
    return Optional.ofNullable(headers);
  }

  /** The module's symbols. */
  public Optional<ModuleSymbols> symbols() {
    return Optional.ofNullable(symbols);
  }

  /** False when no section headers can be read: then all of the module counts as code. */
  public boolean sectionsKnown() {
    return sectionsKnown;
  }

  /** The code sections by address; the whole module when its headers cannot be read. */
  public List<Range> executable() {
    return sectionsKnown ? executable : List.of(new Range(base, base + size));
  }

  /** True when the address lies in a section of code, or when nobody knows the sections. */
  public boolean isExecutable(long address) {
    if (!sectionsKnown) {
      return contains(address);
    }
    for (Range range : executable) {
      if (range.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** Copies the leading bytes of a range that the dump or the image file holds. */
  public int read(long address, byte[] target, int at, int length) {
    int done = 0;
    while (done < length && contains(address + done)) {
      long offset = address + done - base;
      int page = (int) (offset / PAGE);
      int inside = (int) (offset % PAGE);
      if (touched != null) {
        touched.set(page);
      }
      byte[] bytes = page(page);
      int have = bytes.length - inside;
      if (pageLength[page] == PARTIAL) {
        return done + readAround(address + done, target, at + done, length - done);
      }
      int n = Math.min(length - done, have);
      System.arraycopy(bytes, inside, target, at + done, n);
      done += n;
    }
    return done;
  }

  /** Pages of which only parts can be read (small dumps) are not kept. */
  private int readAround(long address, byte[] target, int at, int length) {
    int got = memory.read(address, target, at, length);
    while (got < length && file != null && contains(address + got)) {
      int inPage = PAGE - (int) ((address + got) % PAGE);
      int want = Math.min(Math.min(inPage, 16), length - got);
      int more = file.read(address + got, target, at + got, want);
      if (more == 0) {
        break;
      }
      got += more;
      got += memory.read(address + got, target, at + got, length - got);
    }
    return got;
  }

  private byte[] page(int index) {
    byte[] page = pages[index];
    if (page != null) {
      return page;
    }
    long start = base + (long) index * PAGE;
    int want = lengthOf(index);
    byte[] bytes = new byte[want];
    pageLength[index] = COMPLETE;
    int got = memory.read(start, bytes, 0, want);
    if (got < want) {
      boolean someInDump = got > 0 || anyReadable(start, want);
      boolean fromFile = !someInDump && file != null && file.read(start, bytes, 0, want) == want;
      pageLength[index] = fromFile ? FROM_FILE : PARTIAL;
      if (!fromFile) {
        bytes = new byte[0];
      }
    } else if (file != null && isExecutable(start)) {
      byte[] original = unhook(file, start, bytes);
      if (original.length > 0) {
        hooked.put(index, original);
      }
    }
    pages[index] = bytes;
    return bytes;
  }

  /**
   * Undoes jumps that were written over code. A function that was hooked still runs all of its own
   * instructions, the overwritten ones from a trampoline, so its stack is that of the file's code;
   * read as it stands, nothing of it could be reached from its start.
   *
   * @return what the bytes were; empty when they are still the same
   */
  private static byte[] unhook(LoadedImage file, long start, byte[] bytes) {
    byte[] same = new byte[0];
    byte[] original = new byte[bytes.length];
    if (file.read(start, original, 0, original.length) != original.length) {
      return same;
    }
    int different = 0;
    for (int i = 0; i < bytes.length; i++) {
      different += bytes[i] != original[i] ? 1 : 0;
    }
    if (different == 0 || different > MAX_PATCHED) {
      return same;
    }
    byte[] before = bytes.clone();
    for (int i = 0; i < bytes.length; i++) {
      int jump = bytes[i] != original[i] ? jumpLength(bytes, i) : 0;
      int end = Math.min(i + jump, bytes.length);
      for (int k = i; k < end; k++) {
        bytes[k] = original[k];
      }
    }
    return before;
  }

  /** The length of a jump that hooks use; 0 for anything else. */
  private static int jumpLength(byte[] bytes, int at) {
    int next = at + 1 < bytes.length ? bytes[at + 1] & 0xff : 0;
    return switch (bytes[at] & 0xff) {
      case 0xe9 -> 5;
      case 0xeb -> 2;
      case 0x68 -> 6; // push, ret
      case 0xff -> next == 0x25 ? 6 : 0;
      default -> 0;
    };
  }

  private boolean anyReadable(long start, int length) {
    byte[] one = new byte[1];
    if (memory.read(start, one, 0, 1) == 0 && isBeyond(memory.after(start), start + length)) {
      return false;
    }
    for (int at = 0; at < length; at += 64) {
      if (memory.read(start + at, one, 0, 1) == 1) {
        return true;
      }
    }
    return memory.read(start + length - 1, one, 0, 1) == 1;
  }

  /** True for an address at or above another one, and for 0, the end of all memory. */
  private static boolean isBeyond(long address, long end) {
    return Long.compareUnsigned(address - 1, end - 1) >= 0;
  }

  /** A byte, or -1 when neither the dump nor the file has it. */
  int u8(long address) {
    byte[] one = new byte[1];
    return read(address, one, 0, 1) == 1 ? one[0] & 0xff : -1;
  }

  /** Uses what was learned from other dumps with the same code, and adds to it. */
  public void learnFrom(KnownCode others) {
    known = others;
  }

  /** The image file of the module; null when only the dump has it. */
  @Nullable LoadedImage file() {
    return file;
  }

  /** The number of pages. */
  int pageCount() {
    return pages.length;
  }

  /** A page as far as it was asked for already. */
  KnownCode.Page recorded(int index) {
    byte[] bytes = page(index);
    long start = base + (long) index * PAGE;
    return new KnownCode.Page(
        index,
        pageLength[index],
        bytes,
        hooked.getOrDefault(index, bytes),
        pageLength[index] == PARTIAL
            ? Optional.of(KnownCode.Parts.of(memory, start, lengthOf(index)))
            : Optional.empty());
  }

  /** Takes a page that was recorded from another dump, if this one has the same there. */
  boolean take(KnownCode.Page page, byte[] scratch) {
    int index = page.index();
    if (index >= pages.length) {
      return false;
    }
    long start = base + (long) index * PAGE;
    int want = lengthOf(index);
    boolean same =
        switch (page.state()) {
          case COMPLETE ->
              page.raw().length == want
                  && memory.read(start, scratch, 0, want) == want
                  && Arrays.equals(scratch, 0, want, page.raw(), 0, want);
          case FROM_FILE -> !anyReadable(start, want);
          default ->
              page.parts().isPresent()
                  && page.parts().get().equals(KnownCode.Parts.of(memory, start, want));
        };
    if (same) {
      pages[index] = page.bytes();
      pageLength[index] = page.state();
      if (page.raw() != page.bytes()) {
        hooked.put(index, page.raw());
      }
    }
    return same;
  }

  private int lengthOf(int index) {
    return (int) Math.min(PAGE, size - (long) index * PAGE);
  }

  /** Where functions start. */
  FunctionMap functions() {
    FunctionMap map = functions;
    if (map == null) {
      map =
          known == null
              ? FunctionScan.of(this, FunctionScan.pointers(this))
              : known.functions(this);
      functions = map;
    }
    return map;
  }

  /**
   * True when what lies right behind a call that never returns is rather the next function, without
   * padding between them. A case of a switch is reached by its jump all the same.
   */
  boolean mayStartBehindCall(long address) {
    LongIntMap map = pointed;
    if (map == null) {
      map = new LongIntMap(64);
      for (long target : FunctionScan.pointed(this)) {
        map.put(target, 1);
      }
      pointed = map;
    }
    return map.has(address) || FunctionScan.looksLikePrologue(this, address);
  }

  /** True where the table of a switch begins. */
  boolean beginsTable(long address) {
    LongIntMap map = tables;
    if (map == null) {
      map = FunctionScan.switchTables(this);
      tables = map;
    }
    return map.has(address);
  }

  /** Where functions start, found by looking; what was read for that is recorded. */
  FunctionMap scan(long[] pointers, BitSet read) {
    touched = read;
    try {
      return FunctionScan.of(this, pointers);
    } finally {
      touched = null;
    }
  }
}
