// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongUnaryOperator;
import org.jkd.cpu.Arch;
import org.jkd.image.Bytes;
import org.jkd.image.MemoryReader;

/**
 * Decodes the debugger data block of x64 systems from Windows 8 on, which keep it encoded in
 * memory: every 8 bytes q are {@code bswap(rotl(q ^ never, never) ^ place) ^ always}, where never
 * and always are nt!KiWaitNever and nt!KiWaitAlways and place is the address of
 * nt!KdpDataBlockEncoded; dump-formats.md, 3.1.
 *
 * <p>Without symbols the header still gives two of the block's fields in plain form. Because the
 * code is linear in exclusive or, any two fields satisfy {@code p1 ^ p2 = bswap(rotl(q1 ^ q2, n))}:
 * the known pair tells n, and then every other field follows from a known one. The mark {@code
 * KDBG} proves the result.
 */
final class DebuggerDataDecoder {
  private final MemoryReader reader;
  private final long address;

  DebuggerDataDecoder(MemoryReader reader, long address) {
    this.reader = reader;
    this.address = address;
  }

  /** With the keys that symbols give. */
  Optional<DebuggerData> withSymbols(KernelNames names) {
    OptionalLong place = names.address("KdpDataBlockEncoded");
    OptionalLong never = value(names.address("KiWaitNever"));
    OptionalLong always = value(names.address("KiWaitAlways"));
    if (place.isEmpty() || never.isEmpty() || always.isEmpty()) {
      return Optional.empty();
    }
    long n = never.getAsLong();
    return decode(q ->
        Long.reverseBytes(Long.rotateLeft(q ^ n, (int) (n & 0x3f)) ^ place.getAsLong())
            ^ always.getAsLong());
  }

  /** With two fields that are known from elsewhere, here the two list heads of the dump header. */
  Optional<DebuggerData> withKnownFields(long loadedModuleList, long activeProcessHead) {
    OptionalLong first = reader.u64(address + DebuggerData.LOADED_MODULE_LIST);
    OptionalLong second = reader.u64(address + DebuggerData.ACTIVE_PROCESS_HEAD);
    if (first.isEmpty() || second.isEmpty()) {
      return Optional.empty();
    }
    long known = first.getAsLong();
    long wanted = loadedModuleList ^ activeProcessHead;
    for (int turn = 0; turn < 64; turn++) {
      int n = turn;
      if (Long.reverseBytes(Long.rotateLeft(known ^ second.getAsLong(), n)) == wanted) {
        Optional<DebuggerData> decoded =
            decode(q -> loadedModuleList ^ Long.reverseBytes(Long.rotateLeft(q ^ known, n)));
        if (decoded.isPresent()) {
          return decoded;
        }
      }
    }
    return Optional.empty();
  }

  private OptionalLong value(OptionalLong at) {
    return at.isPresent() ? reader.u64(at.getAsLong()) : at;
  }

  private Optional<DebuggerData> decode(LongUnaryOperator decoder) {
    OptionalLong mark = reader.u64(address + DebuggerData.TAG_OFFSET);
    if (mark.isEmpty()) {
      return Optional.empty();
    }
    long plain = decoder.applyAsLong(mark.getAsLong());
    long size = plain >>> 32;
    if ((plain & 0xffff_ffffL) != DebuggerData.TAG || size > DebuggerData.MAX_SIZE) {
      return Optional.empty();
    }
    byte[] block = new byte[(int) size];
    int got = reader.memory().read(address, block, 0, block.length) & ~7;
    Bytes coded = Bytes.of("debugger data", block.clone());
    for (int at = 0; at < got; at += 8) {
      long value = decoder.applyAsLong(coded.u64(at));
      for (int i = 0; i < 8; i++) {
        block[at + i] = (byte) (value >>> 8 * i);
      }
    }
    Bytes data = Bytes.of("debugger data", block).slice(0, got);
    return Optional.of(new DebuggerData(Arch.X64, address, data, true));
  }
}
