// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.image.Bytes;
import org.jkd.image.MemoryReader;

/**
 * KDDEBUGGER_DATA64: what the kernel tells debuggers about itself. Every field is gated by the size
 * that the block claims, so an older system simply lacks the younger fields; dump-formats.md, 3.
 *
 * @param address where the block lies in the target
 * @param data the block, decoded
 * @param encoded true when the system kept it encoded
 */
public record DebuggerData(Arch arch, long address, Bytes data, boolean encoded) {
  /** The mark {@code KDBG}. */
  static final long TAG = 0x4742_444bL;

  static final int TAG_OFFSET = 0x10;
  static final int SIZE_OFFSET = 0x14;

  /** Larger than any known block, which have up to 0x3a8 bytes. */
  static final int MAX_SIZE = 0x1000;

  static final int KERN_BASE = 0x18;
  static final int SAVED_CONTEXT = 0x28;
  static final int CALL_USER_MODE = 0x38;
  static final int LOADED_MODULE_LIST = 0x48;
  static final int ACTIVE_PROCESS_HEAD = 0x50;
  static final int BUGCHECK_DATA = 0x88;
  static final int PAGED_POOL_START = 0x120;
  static final int BUILD_LAB = 0x208;
  static final int PROCESSOR_BLOCK = 0x218;
  static final int UNLOADED_DRIVERS = 0x220;
  static final int LAST_UNLOADED_DRIVER = 0x228;
  static final int CSD_VERSION = 0x268;
  static final int PTE_BASE = 0x360;
  private static final int SHADOW_STACK_LIMIT = 0x380;
  private static final int SHADOW_STACK_BASE = 0x384;
  private static final int SHADOW_STACK_ENABLED = 0x388;

  /** No KTHREAD is larger, bytes. */
  private static final int MAX_THREAD = 0x1000;

  /** The smallest block that is believed: the fields up to the list heads. */
  private static final int MIN_SIZE = 0x58;

  /** The block at an address, if there is one in plain form. */
  static Optional<DebuggerData> read(Arch arch, MemoryReader reader, long address) {
    OptionalLong tag = reader.u32(address + TAG_OFFSET);
    OptionalLong size = reader.u32(address + SIZE_OFFSET);
    if (tag.isEmpty() || tag.getAsLong() != TAG || size.isEmpty()) {
      return Optional.empty();
    }
    if (size.getAsLong() < MIN_SIZE || size.getAsLong() > MAX_SIZE) {
      return Optional.empty();
    }
    byte[] block = new byte[(int) size.getAsLong()];
    int got = reader.memory().read(address, block, 0, block.length);
    Bytes data = Bytes.of("debugger data", block).slice(0, got);
    return Optional.of(new DebuggerData(arch, address, data, false));
  }

  /** Bytes of the block, as far as it could be read. */
  public int size() {
    return (int) data.size();
  }

  /** A 64-bit field that holds an address, cut to the width of the target; empty when 0. */
  public OptionalLong address(int offset) {
    if (!data.has(offset, 8)) {
      return OptionalLong.empty();
    }
    long value = arch.address(data.u64(offset));
    return value == 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /**
   * A 16-bit field that holds the offset of a structure's field; empty when the block ends before.
   */
  public OptionalInt offset16(int offset) {
    return data.has(offset, 2) ? OptionalInt.of(data.u16(offset)) : OptionalInt.empty();
  }

  /** A 32-bit field that holds the offset of a structure's field. */
  public OptionalInt offset32(int offset) {
    return data.has(offset, 4) ? OptionalInt.of(data.i32(offset)) : OptionalInt.empty();
  }

  /**
   * The offset of KTHREAD's lowest address of the thread's shadow stack; empty where the system
   * uses none.
   */
  public OptionalInt shadowStackLimit() {
    return shadowStackField(SHADOW_STACK_LIMIT);
  }

  /** The offset of KTHREAD's address after the shadow stack. */
  public OptionalInt shadowStackBase() {
    return shadowStackField(SHADOW_STACK_BASE);
  }

  private OptionalInt shadowStackField(int field) {
    OptionalInt offset = offset32(field);
    boolean used =
        data.has(SHADOW_STACK_ENABLED, 8)
            && data.u64(SHADOW_STACK_ENABLED) != 0
            && offset.isPresent()
            && offset.getAsInt() > 0
            && offset.getAsInt() < MAX_THREAD;
    return used ? offset : OptionalInt.empty();
  }

  /** The base of the kernel image. */
  public OptionalLong kernelBase() {
    return address(KERN_BASE);
  }

  /** {@code KiCallUserMode}, the function in which the kernel waits for a user-mode callback. */
  public OptionalLong callUserMode() {
    return address(CALL_USER_MODE);
  }

  /** The head of the list of loaded modules. */
  public OptionalLong loadedModuleList() {
    return address(LOADED_MODULE_LIST);
  }

  /** The head of the list of processes. */
  public OptionalLong activeProcessHead() {
    return address(ACTIVE_PROCESS_HEAD);
  }

  /** The array of pointers to the processors' control blocks. */
  public OptionalLong processorBlock() {
    return address(PROCESSOR_BLOCK);
  }
}
