// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.List;
import org.jkd.sample.format.VirtualMemory;

/** Processes and threads: the owner of the overflowed stack and the usual company. */
final class Processes {
  /** A process: its object, number, parent's number and image name. */
  record Image(long address, int id, int parent, String name) {}

  private static final List<Image> ALL =
      List.of(
          new Image(0x8a9b8a78L, 4, 0, "System"),
          new Image(0x8a53c020L, 0x15c, 4, "smss.exe"),
          new Image(0x8a4a4d88L, 0x18c, 0x15c, "csrss.exe"),
          new Image(0x8a47e3c8L, 0x1a4, 0x15c, "winlogon.exe"),
          new Image(0x8a39b610L, 0x1d4, 0x1a4, "services.exe"),
          new Image(0x8a38a020L, 0x1e0, 0x1a4, "lsass.exe"),
          new Image(0x8a2f1448L, 0x298, 0x1d4, "svchost.exe"),
          new Image(0x87b0cd88L, 0xa64, 0xa30, "explorer.exe"),
          new Image(0x874c6800L, 0xc58, 0x1d4, "StackHog.exe"));
  private static final long CREATED = 0x1c8_2ae0_0000_0000L;

  private final VirtualMemory memory;
  private final VirtualMemory user;
  private final KernelData data;

  Processes(VirtualMemory memory, VirtualMemory user, KernelData data) {
    this.memory = memory;
    this.user = user;
    this.data = data;
  }

  /** All of them, the owner of the overflowed stack last. */
  List<Image> all() {
    return ALL;
  }

  /** Stores the objects. */
  void store(NamedObjects names) {
    long head = data.address("PsActiveProcessHead");
    data.emptyList(head);
    long idle = data.address("KiIdleProcess");
    memory.u32(data.address("PsIdleProcess"), idle);
    memory.u32(data.address("PsInitialSystemProcess"), ALL.getFirst().address());
    process(new Image(idle, 0, 0, "Idle"));
    ALL.forEach(process -> names.header(process.address(), "Process"));
    for (int i = 0; i < Processors.COUNT; i++) {
      thread(Processors.idleThread(i), idle, 0, 0, Processors.idleStack(i), 2);
    }
    for (int i = 0; i < ALL.size(); i++) {
      Image process = ALL.get(i);
      process(process);
      data.append(head, process.address() + 0x98);
      boolean owner = process.name().equals("StackHog.exe");
      long thread = owner ? Processors.THREAD : waiting(i);
      long base = owner ? StackBuilder.BASE : 0xb9ae9000L + 0x4000L * i;
      thread(thread, process.address(), process.id(), process.id() + 4, base, owner ? 2 : 5);
    }
    owner();
    new Waits(memory, data).store(waiting(0), waiting(ALL.size() - 2));
    Image last = ALL.getLast();
    new OwnerExtras(memory, user, data)
        .store(last.address(), List.of(last.address(), StackBuilder.STAGES.getLast().fileObject()));
  }

  private static long waiting(int process) {
    return 0x8a100020L + 0x1000L * process;
  }

  /** Puts requests on the list of the thread that issued them. */
  void issued(List<Long> requests) {
    requests.forEach(irp -> data.append(Processors.THREAD + 0x208, irp + 0x10));
  }

  private void process(Image process) {
    long at = process.address();
    memory.commit(at, 0x278);
    memory.u8(at, 3);
    memory.u8(at + 2, 0x1e);
    data.emptyList(at + 8);
    data.emptyList(at + 0x10);
    memory.u16(at + 0x30, 0x20ac);
    data.emptyList(at + 0x40);
    data.emptyList(at + 0x50);
    memory.u32(at + 0x5c, 0xf);
    memory.u8(at + 0x64, 8);
    memory.u8(at + 0x65, 6);
    memory.u64(at + 0x80, CREATED + process.id() * 0x40_0000L);
    memory.u32(at + 0x94, process.id());
    usage(at, process.id());
    memory.u32(at + 0x138, process.parent());
    for (int i = 0; i < process.name().length(); i++) {
      memory.u8(at + 0x164 + i, process.name().charAt(i));
    }
    data.emptyList(at + 0x180);
  }

  /** Sizes and times: invented, but in proportion to each other. */
  private void usage(long at, int id) {
    long pages = 200L + id % 97 * 16;
    memory.u32(at + 0x38, 3L + id % 41);
    memory.u32(at + 0x3c, 2L + id % 23);
    memory.u32(at + 0xa0, 0x1000L + id);
    memory.u32(at + 0xa4, 0x8000L + 4L * id);
    memory.u32(at + 0xb8, pages);
    memory.u32(at + 0xbc, pages * 0xc000);
    memory.u32(at + 0xc0, pages * 0x8000);
    memory.u32(at + 0x114, pages * 3 / 4);
    memory.u32(at + 0x1fc, 4 * pages);
    memory.u32(at + 0x200, 2 * pages);
    memory.u32(at + 0x208, 50);
    memory.u32(at + 0x20c, 345);
    memory.u32(at + 0x224, pages);
  }

  private void thread(long at, long process, int processId, int id, long stackBase, int state) {
    memory.commit(at, 0x250);
    memory.u8(at, 6);
    memory.u8(at + 2, 0x6e);
    data.emptyList(at + 8);
    data.emptyList(at + 0x10);
    memory.u32(at + 0x18, stackBase);
    memory.u32(at + 0x1c, stackBase - 0x3000);
    memory.u32(at + 0x20, stackBase - 0x2d0);
    data.emptyList(at + 0x28);
    data.emptyList(at + 0x30);
    memory.u32(at + 0x38, process);
    memory.u32(at + 0x48, 0x1a2b);
    memory.u8(at + 0x4c, state);
    memory.u8(at + 0x4e, 1);
    memory.u8(at + 0x5a, state == 5 ? 6 : 0);
    memory.u8(at + 0x5b, 9);
    memory.u8(at + 0xd7, processId > 4 ? 1 : 0);
    data.append(process + 0x50, at + 0x1a8);
    memory.u32(at + 0x118, data.address("KiProcessorBlock"));
    memory.u8(at + 0x120, state == 2 ? 1 : 0);
    memory.u8(at + 0x121, 8);
    memory.u32(at + 0x124, 0xf);
    memory.u32(at + 0x128, process);
    memory.u32(at + 0x12c, 0xf);
    memory.u32(at + 0x130, at + 0x28);
    memory.u32(at + 0x134, at + 0x138);
    memory.u32(at + 0x158, stackBase);
    memory.u64(at + 0x1b8, CREATED + id * 0x40_0000L);
    data.emptyList(at + 0x1cc);
    memory.u32(at + 0x1e4, processId);
    memory.u32(at + 0x1e8, id);
    data.emptyList(at + 0x208);
    memory.u32(at + 0x218, process);
    memory.u32(at + 0x21c, processId > 4 ? 0x7c8217f8L : data.address("KiSwapThread"));
    data.append(process + 0x180, at + 0x224);
    memory.u32(process + 0x190, memory.u32(process + 0x190) + 1);
  }

  private void owner() {
    long process = ALL.getLast().address();
    long thread = Processors.THREAD;
    memory.u32(process + 0x1a0, 0x7ffdf000L);
    memory.u32(process + 0x128, 0x400000);
    memory.u32(process + 0x144, 0);
    memory.u32(thread + 0x20, StackBuilder.LIMIT + 0x60);
    memory.u32(thread + 0x74, 0x7ffdd000L);
    memory.u8(thread + 0x5b, 10);
    memory.u8(thread + 0xd7, 0);
    memory.u32(thread + 0x110, StackBuilder.SERVICE_FRAME);
    memory.u32(thread + 0x220, 0x00402a10L);
    user.u32(0x7ffdd000L, 0x0335ffdcL);
    user.u32(0x7ffdd004L, 0x03360000L);
    user.u32(0x7ffdd008L, 0x0335b000L);
    user.u32(0x7ffdd018L, 0x7ffdd000L);
    user.u32(0x7ffdd020L, ALL.getLast().id());
    user.u32(0x7ffdd024L, ALL.getLast().id() + 4L);
    user.u32(0x7ffdd030L, 0x7ffdf000L);
  }

  /** Stores a process' directory base. */
  void directoryBase(Image process, long base) {
    memory.u32(process.address() + 0x18, base);
    if (process.id() == 4) {
      memory.u32(data.address("KiIdleProcess") + 0x18, base);
    }
  }
}
