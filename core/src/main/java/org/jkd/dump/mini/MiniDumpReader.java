// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump.mini;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jkd.cpu.Arch;
import org.jkd.cpu.ContextRecord;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.ExceptionRecord;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.image.Unreadable;

/** Reads the streams of a minidump; every count is bounded by the bytes that its stream has. */
final class MiniDumpReader {
  private static final int MAX_STREAMS = 0x1000;
  private static final int MAX_NAME_BYTES = 0x10000;
  private static final int MAX_CODEVIEW = 0x1000;
  private static final int HEADER = 0x20;
  private static final int THREAD = 0x30;
  private static final int MODULE = 0x6c;
  private static final int MEMORY = 0x10;
  private static final int UNLOADED = 0x18;
  private static final int THREAD_NAME = 12;
  private static final long FIXED_VERSION = 0xfeef04bdL;
  private static final long RSDS = 0x53445352L;
  private static final long NB10 = 0x3031424eL;

  private static final int MISC_PROCESS_ID = 1;
  private static final int MISC_PROCESS_TIMES = 2;

  private final Bytes file;
  private final List<String> notes = new ArrayList<>();
  private Arch arch = Arch.X86;

  MiniDumpReader(Bytes file) {
    this.file = file;
  }

  MiniDump read() {
    if (!MiniDump.isMiniDump(file) || !file.has(0, HEADER)) {
      throw new FormatException(file.name(), -1, "not a minidump (no MDMP header)");
    }
    List<MiniStream> streams = directory(file.u32(8), file.u32(12));
    MiniSystem system = stream(streams, MiniStream.SYSTEM_INFO, this::system, systemUnknown());
    arch = system.arch();
    Map<Long, String> names = stream(streams, MiniStream.THREAD_NAMES, this::threadNames, Map.of());
    List<BlockMemory.Block> blocks = new ArrayList<>();
    List<MiniThread> threads =
        stream(streams, MiniStream.THREAD_LIST, s -> threads(s, names, blocks), List.of());
    stream(streams, MiniStream.MEMORY_LIST, s -> memory(s, blocks), 0);
    stream(streams, MiniStream.MEMORY64_LIST, s -> memory64(s, blocks), 0);
    return new MiniDump(
        file,
        file.u32(20),
        file.u64(24),
        system,
        threads,
        stream(streams, MiniStream.MODULE_LIST, this::modules, List.of()),
        stream(streams, MiniStream.UNLOADED_MODULES, this::unloaded, List.of()),
        new BlockMemory(blocks, new Unreadable.NoBlock()),
        stream(streams, MiniStream.EXCEPTION, s -> Optional.of(exception(s)), Optional.empty()),
        stream(streams, MiniStream.MISC_INFO, this::misc, MiniMisc.NONE),
        streams,
        notes);
  }

  private List<MiniStream> directory(long count, long at) {
    if (count > MAX_STREAMS) {
      throw new FormatException(
          file.name(), 8, "a directory of at most " + MAX_STREAMS + " streams, found " + count);
    }
    List<MiniStream> streams = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long entry = at + 12L * i;
      if (!file.has(entry, 12)) {
        notes.add("the file ends inside the stream directory");
        break;
      }
      streams.add(new MiniStream(file.u32(entry), file.u32(entry + 4), file.u32(entry + 8)));
    }
    return streams;
  }

  /** Reads a stream from its bytes. */
  private interface StreamReader<T> {
    T read(Bytes stream);
  }

  /** What the first stream of a type yields; the default when it is absent or damaged. */
  private <T> T stream(List<MiniStream> streams, int type, StreamReader<T> reader, T otherwise) {
    for (MiniStream s : streams) {
      if (s.type() == type) {
        return guarded(
            "stream " + type,
            () -> {
              long held = Math.clamp(file.size() - s.offset(), 0, s.size());
              if (held < s.size()) {
                notes.add("the file ends inside stream " + type);
              }
              return reader.read(file.slice(Math.min(s.offset(), file.size()), held));
            },
            otherwise);
      }
    }
    return otherwise;
  }

  private <T> T guarded(String what, Supplier<T> reader, T otherwise) {
    try {
      return reader.get();
    } catch (FormatException e) {
      notes.add(what + " is damaged: " + e.getMessage());
      return otherwise;
    }
  }

  /**
   * The number of entries that a stream really holds, and in {@code start[0]} where they begin:
   * some writers put four bytes of padding after the count.
   */
  private static int entries(Bytes s, int entrySize, long[] start) {
    long count = s.u32(0);
    start[0] = s.size() == 8 + count * entrySize ? 8 : 4;
    return (int) Math.min(count, (s.size() - start[0]) / entrySize);
  }

  private MiniSystem systemUnknown() {
    return new MiniSystem(0xffff, Arch.X86, 0, 0, 0, 0, 0, 0, 0, "");
  }

  private MiniSystem system(Bytes s) {
    int processor = s.u16(0);
    // 10 is a 32-bit process on an x64 processor; 0x8003 is Breakpad's older number for ARM64.
    Arch found =
        switch (processor) {
          case 9 -> Arch.X64;
          case 12, 0x8003 -> Arch.ARM64;
          default -> Arch.X86;
        };
    if (processor != 0 && processor != 10 && found == Arch.X86) {
      notes.add("processor architecture " + processor + " is not known; taken for x86");
    }
    return new MiniSystem(
        processor,
        found,
        s.u8(6),
        s.u8(7),
        s.u32(8),
        s.u32(12),
        s.u32(16),
        s.u32(20),
        s.u16(28),
        s.u32(24) == 0 ? "" : name(s.u32(24)));
  }

  private Map<Long, String> threadNames(Bytes s) {
    Map<Long, String> names = new HashMap<>();
    long[] start = new long[1];
    int count = entries(s, THREAD_NAME, start);
    for (int i = 0; i < count; i++) {
      long at = start[0] + (long) i * THREAD_NAME;
      String name = name(s.u64(at + 4));
      if (!name.isEmpty()) {
        names.put(s.u32(at), name);
      }
    }
    return names;
  }

  private List<MiniThread> threads(
      Bytes s, Map<Long, String> names, List<BlockMemory.Block> blocks) {
    List<MiniThread> threads = new ArrayList<>();
    long[] start = new long[1];
    int count = entries(s, THREAD, start);
    for (int i = 0; i < count; i++) {
      long at = start[0] + (long) i * THREAD;
      long id = s.u32(at);
      long stack = arch.address(s.u64(at + 24));
      long size = s.u32(at + 32);
      threads.add(
          new MiniThread(
              i,
              id,
              s.u32(at + 4),
              s.u32(at + 8),
              s.u32(at + 12),
              arch.address(s.u64(at + 16)),
              stack,
              size,
              context(s.u32(at + 40), s.u32(at + 44)),
              Optional.ofNullable(names.get(id))));
      addBlock(blocks, stack, size, s.u32(at + 36));
    }
    return threads;
  }

  private Optional<CpuContext> context(long size, long offset) {
    if (offset == 0 || size < ContextRecord.size(arch)) {
      return Optional.empty();
    }
    return guarded(
        "a context",
        () -> Optional.of(ContextRecord.read(arch, file.slice(offset, size))),
        Optional.empty());
  }

  private void addBlock(List<BlockMemory.Block> blocks, long address, long size, long offset) {
    if (size > 0 && offset > 0) {
      blocks.add(BlockMemory.Block.inFile(address, size, file, offset));
    }
  }

  private int memory(Bytes s, List<BlockMemory.Block> blocks) {
    long[] start = new long[1];
    int count = entries(s, MEMORY, start);
    for (int i = 0; i < count; i++) {
      long at = start[0] + (long) i * MEMORY;
      addBlock(blocks, arch.address(s.u64(at)), s.u32(at + 8), s.u32(at + 12));
    }
    return count;
  }

  private int memory64(Bytes s, List<BlockMemory.Block> blocks) {
    long count = Math.min(s.u64(0) & Long.MAX_VALUE, (s.size() - 16) / MEMORY);
    long offset = s.u64(8);
    for (int i = 0; i < count; i++) {
      long at = 16 + (long) i * MEMORY;
      long size = s.u64(at + 8);
      if (size < 0 || offset < 0 || offset > file.size()) {
        notes.add("the file ends inside its memory");
        break;
      }
      addBlock(blocks, arch.address(s.u64(at)), size, offset);
      offset += size;
    }
    return (int) count;
  }

  private List<MiniModule> modules(Bytes s) {
    List<MiniModule> modules = new ArrayList<>();
    long[] start = new long[1];
    int count = entries(s, MODULE, start);
    for (int i = 0; i < count; i++) {
      long at = start[0] + (long) i * MODULE;
      boolean versioned = s.u32(at + 24) == FIXED_VERSION;
      long debugSize = s.u32(at + 76);
      long debugAt = s.u32(at + 80);
      modules.add(
          new MiniModule(
              arch.address(s.u64(at)),
              s.u32(at + 8),
              s.u32(at + 12),
              s.u32(at + 16),
              name(s.u32(at + 20)),
              versioned ? Optional.of(version(s, at + 32)) : Optional.empty(),
              versioned ? Optional.of(version(s, at + 40)) : Optional.empty(),
              guarded(
                  "the debug record of module " + i,
                  () -> debugId(debugAt, debugSize),
                  Optional.empty())));
    }
    return modules;
  }

  private static String version(Bytes s, long at) {
    long high = s.u32(at);
    long low = s.u32(at + 4);
    return (high >>> 16) + "." + (high & 0xffff) + "." + (low >>> 16) + "." + (low & 0xffff);
  }

  private Optional<MiniModule.DebugId> debugId(long at, long size) {
    if (at == 0 || size < 16 || size > MAX_CODEVIEW) {
      return Optional.empty();
    }
    long signature = file.u32(at);
    if (signature == RSDS && size > 24) {
      StringBuilder guid = new StringBuilder();
      guid.append("%08X%04X%04X".formatted(file.u32(at + 4), file.u16(at + 8), file.u16(at + 10)));
      for (int i = 0; i < 8; i++) {
        guid.append("%02X".formatted(file.u8(at + 12 + i)));
      }
      return Optional.of(
          new MiniModule.DebugId(
              guid.toString(), file.u32(at + 20), file.utf8(at + 24, (int) size - 24)));
    }
    if (signature == NB10) {
      return Optional.of(
          new MiniModule.DebugId(
              "%08X".formatted(file.u32(at + 8)).toUpperCase(Locale.ROOT),
              file.u32(at + 12),
              file.utf8(at + 16, (int) size - 16)));
    }
    return Optional.empty();
  }

  private List<MiniUnloaded> unloaded(Bytes s) {
    List<MiniUnloaded> unloaded = new ArrayList<>();
    long header = s.u32(0);
    long entry = s.u32(4);
    if (entry < UNLOADED || header < 12) {
      return unloaded;
    }
    long count = Math.min(s.u32(8), Math.max(0, s.size() - header) / entry);
    for (int i = 0; i < count; i++) {
      long at = header + entry * i;
      unloaded.add(
          new MiniUnloaded(
              name(s.u32(at + 20)),
              arch.address(s.u64(at)),
              s.u32(at + 8),
              s.u32(at + 16),
              s.u32(at + 12)));
    }
    return unloaded;
  }

  private MiniException exception(Bytes s) {
    int count = (int) Math.min(s.u32(8 + 24), ExceptionRecord.MAX_PARAMETERS);
    List<Long> parameters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parameters.add(s.u64(8 + 32 + 8L * i));
    }
    return new MiniException(
        s.u32(0),
        new ExceptionRecord(s.u32(8), s.u32(12), s.u64(16), arch.address(s.u64(24)), parameters),
        context(s.u32(160), s.u32(164)));
  }

  private MiniMisc misc(Bytes s) {
    long flags = s.u32(4);
    boolean id = (flags & MISC_PROCESS_ID) != 0;
    boolean times = (flags & MISC_PROCESS_TIMES) != 0;
    return new MiniMisc(
        field(s, 8, id), field(s, 12, times), field(s, 16, times), field(s, 20, times));
  }

  private static OptionalLong field(Bytes s, long at, boolean present) {
    return present && s.has(at, 4) ? OptionalLong.of(s.u32(at)) : OptionalLong.empty();
  }

  /** A counted UTF-16 string anywhere in the file; empty when it is not there. */
  private String name(long at) {
    if (at <= 0 || !file.has(at, 4)) {
      return "";
    }
    long bytes = Math.min(Math.min(file.u32(at), MAX_NAME_BYTES), file.size() - at - 4);
    String text = file.utf16(at + 4, (int) bytes & ~1);
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }
}
