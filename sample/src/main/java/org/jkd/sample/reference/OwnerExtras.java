// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jkd.sample.format.VirtualMemory;

/** More about the process of the overflowed stack: addresses, handles, its part in user mode. */
final class OwnerExtras {
  private static final long PEB = 0x7ffdf000L;
  private static final long LOADER = 0x251ea0L;
  private static final long PARAMETERS = 0x20000L;
  private static final int VAD_SIZE = 0x28;
  private static final int HANDLE_TABLE_SIZE = 0x44;
  private static final int PRIVATE = 1 << 31;
  private static final int IMAGE = 2 << 20;
  private static final int READ_WRITE = 4 << 24;
  private static final int EXECUTE_WRITE_COPY = 7 << 24;

  private final VirtualMemory memory;
  private final VirtualMemory user;
  private final KernelData data;

  OwnerExtras(VirtualMemory memory, VirtualMemory user, KernelData data) {
    this.memory = memory;
    this.user = user;
    this.data = data;
  }

  /** Stores them. */
  void store(long process, List<Long> objects) {
    addresses(process);
    handles(process, objects);
    loader();
    parameters();
  }

  private void addresses(long process) {
    long image = vad(0x400, 0x41f, IMAGE | EXECUTE_WRITE_COPY | 7);
    long heap = vad(0x250, 0x34f, PRIVATE | READ_WRITE | 12);
    long stack = vad(0x3260, 0x335f, PRIVATE | READ_WRITE | 6);
    long root = process + 0x250;
    memory.u32(root + 8, image);
    memory.u32(root + 0x14, 3 << 8 | 2);
    memory.u32(image, root);
    memory.u32(image + 4, heap);
    memory.u32(image + 8, stack);
    memory.u32(heap, image);
    memory.u32(stack, image);
  }

  private long vad(long first, long last, int flags) {
    long at = data.allocate(VAD_SIZE, "Vad ");
    memory.u32(at + 0xc, first);
    memory.u32(at + 0x10, last);
    memory.u32(at + 0x14, flags & 0xffff_ffffL);
    return at;
  }

  /** A table of one level: entries of a header and of what may be done with the object. */
  private void handles(long process, List<Long> objects) {
    long table = data.allocate(HANDLE_TABLE_SIZE, "Obtb");
    long page = data.allocate(VirtualMemory.PAGE, "Obtb");
    memory.u32(table, page);
    memory.u32(table + 4, process);
    memory.u32(table + 8, 0xc58);
    memory.u32(table + 0x38, VirtualMemory.PAGE / 2);
    memory.u32(table + 0x3c, objects.size());
    memory.u32(process + 0xd4, table);
    for (int i = 0; i < objects.size(); i++) {
      long entry = page + 8L * (i + 1);
      memory.u32(entry, objects.get(i) - 0x18 | 1);
      memory.u32(entry + 4, i == 0 ? 0x1f0fff : 0x12019f);
    }
  }

  private void loader() {
    user.commit(PEB, 0x230);
    user.u32(PEB + 8, 0x400000);
    user.u32(PEB + 0xc, LOADER);
    user.u32(PEB + 0x10, PARAMETERS);
    user.u32(PEB + 0x18, 0x250000);
    user.u32(PEB + 0x64, Processors.COUNT);
    user.commit(LOADER, 0x1000);
    user.u32(LOADER, 0x28);
    user.u8(LOADER + 4, 1);
    for (int list = 0xc; list < 0x24; list += 8) {
      user.u32(LOADER + list, LOADER + list);
      user.u32(LOADER + list + 4, LOADER + list);
    }
    module(LOADER + 0x60, 0x400000, 0x20000, "C:\\Program Files\\StackHog\\StackHog.exe");
    module(LOADER + 0x160, 0x7c800000, 0xc0000, "C:\\WINDOWS\\system32\\ntdll.dll");
  }

  private void module(long at, long base, int size, String path) {
    for (int list = 0; list < 0x18; list += 8) {
      long head = LOADER + 0xc + list;
      long last = user.u32(head + 4);
      user.u32(at + list, head);
      user.u32(at + list + 4, last);
      user.u32(last, at + list);
      user.u32(head + 4, at + list);
    }
    user.u32(at + 0x18, base);
    user.u32(at + 0x20, size);
    string(at + 0x24, at + 0x60, path);
    user.u32(at + 0x44, 0x45d6_96c3L);
  }

  private void parameters() {
    user.commit(PARAMETERS, 0x1000);
    string(PARAMETERS + 0x24, PARAMETERS + 0x300, "C:\\WINDOWS\\system32\\");
    string(PARAMETERS + 0x38, PARAMETERS + 0x400, "C:\\Program Files\\StackHog\\StackHog.exe");
    string(PARAMETERS + 0x40, PARAMETERS + 0x500, "StackHog.exe /service");
    user.u32(PARAMETERS + 0x48, PARAMETERS + 0x800);
    user.raw(
        PARAMETERS + 0x800,
        "ComSpec=C:\\WINDOWS\\system32\\cmd.exe\0OS=Windows_NT\0\0"
            .getBytes(StandardCharsets.UTF_16LE));
  }

  private void string(long at, long buffer, String text) {
    byte[] characters = text.getBytes(StandardCharsets.UTF_16LE);
    user.raw(buffer, characters);
    user.u16(at, characters.length);
    user.u16(at + 2, characters.length + 2);
    user.u32(at + 4, buffer);
  }
}
