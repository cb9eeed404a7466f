// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.List;
import org.jkd.sample.format.VirtualMemory;

/** What threads that do not run wait for, with the stacks on which they do. */
final class Waits {
  private static final int EVENT = 1;
  private static final int SEMAPHORE = 5;

  private final VirtualMemory memory;
  private final KernelData data;

  Waits(VirtualMemory memory, KernelData data) {
    this.memory = memory;
    this.data = data;
  }

  /** Stores wait blocks for two threads, their stacks and the locks that the second waits for. */
  void store(long first, long second) {
    long event = dispatcher(EVENT, 0x10);
    waitFor(first, List.of(event));
    stack(first, List.of("KeWaitForSingleObject", "ObReferenceObjectByHandle"));
    long semaphore = dispatcher(SEMAPHORE, 0x14);
    memory.u32(semaphore + 0x10, 0x7fffffffL);
    waitFor(second, List.of(semaphore));
    stack(second, List.of("KeWaitForSingleObject", "ExAcquireResourceSharedLite", "CcCopyRead"));
    resources(semaphore, second);
    asynchronousCall(second);
  }

  /** A call that the thread takes when it wakes up. */
  private void asynchronousCall(long thread) {
    long call = data.allocate(0x30, "Even");
    memory.u8(call, 0x12);
    memory.u8(call + 2, 0x30);
    memory.u32(call + 8, thread);
    data.append(thread + 0x28, call + 0xc);
    memory.u32(call + 0x14, data.address("KiDeliverApc"));
    memory.u8(call + 0x2e, 1);
  }

  private long dispatcher(int type, int size) {
    long object = data.allocate(size, "Even");
    memory.u8(object, type);
    memory.u8(object + 2, size / 4L);
    data.emptyList(object + 8);
    return object;
  }

  private void waitFor(long thread, List<Long> objects) {
    long first = thread + 0xa8;
    memory.u32(thread + 0x54, first);
    for (int i = 0; i < objects.size(); i++) {
      long block = first + 0x18L * i;
      long next = i + 1 < objects.size() ? block + 0x18 : first;
      data.append(objects.get(i) + 8, block);
      memory.u32(block + 8, thread);
      memory.u32(block + 0xc, objects.get(i));
      memory.u32(block + 0x10, next);
      memory.u16(block + 0x16, 1);
    }
  }

  /** A chain of frames that the switch away from the thread left, each in one of the functions. */
  private void stack(long thread, List<String> functions) {
    long base = memory.u32(thread + 0x158);
    memory.commit(base - 0x1000, 0x1000);
    long pointer = memory.u32(thread + 0x20);
    memory.u32(pointer + 8, data.address("KiSwapThread") + 0x24);
    long frame = pointer + 0x30;
    memory.u32(pointer + 0xc, frame);
    for (String function : functions) {
      memory.u32(frame, frame + 0x40);
      memory.u32(frame + 4, data.address(function) + 0x58);
      frame += 0x40;
    }
  }

  private void resources(long semaphore, long waiter) {
    long head = data.address("ExpSystemResourcesList");
    long held = data.allocate(0x38, "Rsrc");
    data.append(head, held);
    memory.u16(held + 0xc, 1);
    memory.u16(held + 0xe, 0x80);
    memory.u32(held + 0x10, semaphore);
    memory.u32(held + 0x18, Processors.THREAD);
    memory.u32(held + 0x1c, 1);
    memory.u32(held + 0x28, 3);
    memory.u16(held + 0x2c, waiter == 0 ? 0 : 1);
    data.append(head, data.allocate(0x38, "Rsrc"));
  }
}
