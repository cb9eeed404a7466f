// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jkd.cpu.Arch;
import org.jkd.dump.Dump;
import org.jkd.dump.DumpHeader;
import org.jkd.image.LinkWalk;
import org.jkd.image.MemoryReader;

/**
 * What all readers of this package share: the dump, a way to read memory, the debugger data and the
 * offsets of fields. As a predicate it tells which addresses are the system's.
 */
record KernelCore(
    Dump dump,
    Arch arch,
    MemoryReader reader,
    Optional<DebuggerData> debuggerData,
    KernelLayout layout)
    implements LongPredicate {

  /** The longest list of anything that is followed. */
  static final int MAX_LIST = 4096;

  /** The longest name that is read, bytes. */
  private static final int MAX_NAME_BYTES = 2048;

  DumpHeader header() {
    return dump.header();
  }

  int build() {
    return dump.header().build();
  }

  /** The same with other memory, for instance that of the current process. */
  KernelCore with(MemoryReader other) {
    return new KernelCore(dump, arch, other, debuggerData, layout);
  }

  /** A pointer-sized field of a structure; empty when its place or its bytes are unknown. */
  OptionalLong pointer(long structure, KernelField field) {
    OptionalInt offset = layout.offset(field);
    return offset.isPresent()
        ? reader.pointer(structure + offset.getAsInt())
        : OptionalLong.empty();
  }

  /** A field of one byte. */
  OptionalInt byteAt(long structure, KernelField field) {
    OptionalInt offset = layout.offset(field);
    return offset.isPresent() ? reader.u8(structure + offset.getAsInt()) : OptionalInt.empty();
  }

  /** The text of a UNICODE_STRING, or nothing when any byte of it is missing. */
  String unicode(long address) {
    OptionalInt length = reader.u16(address);
    OptionalLong buffer = reader.pointer(address + arch.pointerSize());
    if (length.isEmpty() || buffer.isEmpty() || length.getAsInt() > MAX_NAME_BYTES) {
      return "";
    }
    Optional<byte[]> text = reader.bytes(buffer.getAsLong(), length.getAsInt() & ~1);
    return text.isPresent() ? new String(text.get(), StandardCharsets.UTF_16LE) : "";
  }

  /** True when an address is one of the system's half. */
  boolean isSystemAddress(long address) {
    return arch == Arch.X86
        ? address >= 0x8000_0000L && address <= 0xffff_ffffL
        : address < 0 && address >>> 47 == 0x1_ffff || address < 0 && address >>> 56 == 0xff;
  }

  @Override
  public boolean test(long address) {
    return isSystemAddress(address);
  }

  /** A number of the debugger data block; empty without the block. */
  OptionalLong debuggerAddress(int field) {
    return debuggerData.isPresent() ? debuggerData.get().address(field) : OptionalLong.empty();
  }

  /** Where the debugger data block says that the kernel's image begins. */
  OptionalLong kernelBase() {
    return debuggerData.isPresent() ? debuggerData.get().kernelBase() : OptionalLong.empty();
  }

  /**
   * The entries of a doubly linked list, each the address of its LIST_ENTRY, head excluded. Ends at
   * the first link that cannot be right; then the list is followed from its other end as well.
   */
  List<Long> list(long head) {
    return listed(head).items();
  }

  /** As {@link #list}, with the walk that ended early. */
  Listed<Long> listed(long head) {
    LinkWalk forward = LinkWalk.forward(reader, head, MAX_LIST, this);
    if (forward.end() == LinkWalk.End.COMPLETE) {
      return new Listed<>(
          forward.entries(), forward.isWhole() ? Optional.empty() : Optional.of(forward));
    }
    LinkWalk backward = LinkWalk.backward(reader, head, MAX_LIST, this);
    Set<Long> all = new LinkedHashSet<>(forward.entries());
    all.addAll(backward.entries().reversed());
    return new Listed<>(List.copyOf(all), Optional.of(forward));
  }
}
