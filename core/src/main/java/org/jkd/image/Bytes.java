// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A bounds-checked little-endian view of bytes: a mapped file, a part of one, or an array.
 *
 * <p>Offsets are bytes from the start of the view. Every read outside it ends in a {@link
 * FormatException} that names the view and the place in the underlying file; nothing else can come
 * out of a read. A mapped file stays mapped as long as a view of it is reachable: the arena is
 * automatic, so views can be shared between threads and need no closing.
 */
public final class Bytes {
  /** Bytes from the start of one window to that of the next; each reaches a number further. */
  private static final int WINDOW_BITS = 30;

  private static final long WINDOW = 1L << WINDOW_BITS;

  private final String name;
  private final MemorySegment segment;

  /**
   * The same bytes, and those around a part, as buffers. Numbers are read from these: for reads of
   * a segment Java makes classes at every start, which takes longer than to open a dump.
   */
  private final ByteBuffer[] windows;

  /** Where this view starts in the windows. */
  private final long start;

  private final long origin;

  private Bytes(String name, MemorySegment segment, long origin) {
    this(name, segment, windows(segment), 0, origin);
  }

  private Bytes(String name, MemorySegment segment, ByteBuffer[] windows, long start, long origin) {
    this.name = name;
    this.segment = segment;
    this.windows = windows;
    this.start = start;
    this.origin = origin;
  }

  private static ByteBuffer[] windows(MemorySegment segment) {
    long size = segment.byteSize();
    ByteBuffer[] windows = new ByteBuffer[(int) ((size + WINDOW - 1) >>> WINDOW_BITS)];
    for (int i = 0; i < windows.length; i++) {
      long at = (long) i << WINDOW_BITS;
      long length = Math.min(WINDOW + Long.BYTES, size - at);
      windows[i] = segment.asSlice(at, length).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }
    return windows;
  }

  private ByteBuffer window(long at) {
    return windows[(int) (at >>> WINDOW_BITS)];
  }

  private static int inWindow(long at) {
    return (int) at & (int) (WINDOW - 1);
  }

  /** Maps a whole file read-only. Costs the same for a small file and for a huge one. */
  public static Bytes map(Path file) throws IOException {
    return map(file, Arena.ofAuto());
  }

  /**
   * Maps a whole file read-only for as long as an arena is open. Reads after that end in an {@link
   * IllegalStateException}.
   */
  public static Bytes map(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Path last = file.getFileName();
      return map(last == null ? file.toString() : last.toString(), channel, arena);
    } catch (ClosedByInterruptException e) {
      // Nothing is wrong with the file, and nobody shall remember that it could not be read.
      CancelledException cancelled = new CancelledException();
      cancelled.addSuppressed(e);
      throw cancelled;
    }
  }

  /** Maps a whole file that is open already; it may be closed afterwards. */
  public static Bytes map(String name, FileChannel channel) throws IOException {
    return map(name, channel, Arena.ofAuto());
  }

  private static Bytes map(String name, FileChannel channel, Arena arena) throws IOException {
    return new Bytes(name, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena), 0);
  }

  /** A view of an array, which must not be changed afterwards. */
  public static Bytes of(String name, byte[] array) {
    return new Bytes(name, MemorySegment.ofArray(array), 0);
  }

  /** What the bytes are called in messages: the file's name, or the name given to a part. */
  public String name() {
    return name;
  }

  /** The number of bytes in this view. */
  public long size() {
    return segment.byteSize();
  }

  /** True when {@code length} bytes from {@code offset} lie inside the view. */
  public boolean has(long offset, long length) {
    return offset >= 0 && length >= 0 && offset <= size() - length;
  }

  /** A part of this view under the same name; messages keep giving offsets in the whole file. */
  public Bytes slice(long offset, long length) {
    return slice(name, offset, length);
  }

  /** A part of this view under its own name. */
  public Bytes slice(String partName, long offset, long length) {
    check(offset, length);
    return new Bytes(
        partName, segment.asSlice(offset, length), windows, start + offset, origin + offset);
  }

  /** An unsigned byte, 0 to 0xff. */
  public int u8(long offset) {
    check(offset, 1);
    long at = start + offset;
    return window(at).get(inWindow(at)) & 0xff;
  }

  /** An unsigned 16-bit number. */
  public int u16(long offset) {
    check(offset, 2);
    long at = start + offset;
    return window(at).getShort(inWindow(at)) & 0xffff;
  }

  /** An unsigned 32-bit number in a {@code long}. */
  public long u32(long offset) {
    return i32(offset) & 0xffff_ffffL;
  }

  /** A signed 32-bit number. */
  public int i32(long offset) {
    check(offset, 4);
    long at = start + offset;
    return window(at).getInt(inWindow(at));
  }

  /** A 64-bit number; use {@link Long}'s unsigned helpers where its top bit may be set. */
  public long u64(long offset) {
    check(offset, 8);
    long at = start + offset;
    return window(at).getLong(inWindow(at));
  }

  /** Copies bytes out. */
  public void copy(long offset, byte[] target, int at, int length) {
    check(offset, length);
    MemorySegment.copy(segment, offset, MemorySegment.ofArray(target), at, length);
  }

  /** A copy of {@code length} bytes; the caller has checked the length against a named limit. */
  public byte[] copy(long offset, int length) {
    check(offset, length);
    byte[] copy = new byte[length];
    MemorySegment.copy(segment, offset, MemorySegment.ofArray(copy), 0, length);
    return copy;
  }

  /** The characters up to a NUL or {@code max} bytes, whichever comes first, as ISO 8859-1. */
  public String ascii(long offset, int max) {
    return new String(copy(offset, lengthToNul(offset, max)), StandardCharsets.ISO_8859_1);
  }

  /** The characters up to a NUL or {@code max} bytes, whichever comes first, as UTF-8. */
  public String utf8(long offset, int max) {
    return new String(copy(offset, lengthToNul(offset, max)), StandardCharsets.UTF_8);
  }

  /** {@code byteLength} bytes of UTF-16; no NUL is looked for. */
  public String utf16(long offset, int byteLength) {
    return new String(copy(offset, byteLength), StandardCharsets.UTF_16LE);
  }

  /** The distance from {@code offset} to the next NUL, at most {@code max} or the view's end. */
  public int lengthToNul(long offset, int max) {
    check(offset, 0);
    int limit = (int) Math.min(max, size() - offset);
    for (int i = 0; i < limit; i++) {
      long at = start + offset + i;
      if (window(at).get(inWindow(at)) == 0) {
        return i;
      }
    }
    return limit;
  }

  private void check(long offset, long length) {
    if (!has(offset, length)) {
      throw new FormatException(
          name,
          origin + offset,
          "expected "
              + length
              + " bytes, but the data ends at 0x"
              + Long.toHexString(origin + size()));
    }
  }
}
