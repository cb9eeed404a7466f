// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;

/** Reads threads and processes; dump-formats.md, 4.4 and 4.5. */
final class ThreadReader {
  /** Larger than any kernel stack; bounds that are further apart cannot be right. */
  private static final long MAX_STACK = 0x10_0000;

  private static final int IMAGE_NAME_SIZE = 16;

  private final KernelCore core;

  ThreadReader(KernelCore core) {
    this.core = core;
  }

  /** The thread at an address; fields that cannot be read are empty, all of them if need be. */
  KernelThread thread(long address) {
    OptionalLong attached = core.pointer(address, KernelField.APC_PROCESS);
    OptionalLong owner = core.pointer(address, KernelField.OWNER_PROCESS);
    OptionalLong base = core.pointer(address, KernelField.STACK_BASE);
    OptionalLong limit = core.pointer(address, KernelField.STACK_LIMIT);
    OptionalLong initial = core.pointer(address, KernelField.INITIAL_STACK);
    if (!areBounds(base, limit)) {
      base = OptionalLong.empty();
      limit = OptionalLong.empty();
      if (initial.isPresent()) {
        OptionalLong controlBase = core.reader().pointer(initial.getAsLong());
        OptionalLong controlLimit =
            core.reader().pointer(initial.getAsLong() + core.arch().pointerSize());
        if (core.arch() != Arch.X86 && areBounds(controlBase, withoutFlags(controlLimit))) {
          base = controlBase;
          limit = withoutFlags(controlLimit);
        }
      }
    }
    OptionalInt cid = core.layout().offset(KernelField.CID);
    int pointer = core.arch().pointerSize();
    return new KernelThread(
        address,
        owner.isPresent() ? owner : attached,
        attached,
        cid.isPresent() ? core.reader().pointer(address + cid.getAsInt()) : OptionalLong.empty(),
        cid.isPresent()
            ? core.reader().pointer(address + cid.getAsInt() + pointer)
            : OptionalLong.empty(),
        core.pointer(address, KernelField.TEB),
        initial,
        base,
        limit,
        core.pointer(address, KernelField.KERNEL_STACK),
        core.pointer(address, KernelField.TRAP_FRAME),
        core.pointer(address, KernelField.CALLBACK_STACK),
        core.byteAt(address, KernelField.THREAD_STATE),
        core.byteAt(address, KernelField.WAIT_REASON),
        core.pointer(address, KernelField.WIN32_START));
  }

  private static OptionalLong withoutFlags(OptionalLong value) {
    return value.isPresent() ? OptionalLong.of(value.getAsLong() & ~0xfffL) : value;
  }

  private boolean areBounds(OptionalLong base, OptionalLong limit) {
    if (base.isEmpty() || limit.isEmpty()) {
      return false;
    }
    long size = base.getAsLong() - limit.getAsLong();
    return size > 0
        && size <= MAX_STACK
        && (base.getAsLong() & 0xfff) == 0
        && (limit.getAsLong() & 0xfff) == 0
        && core.isSystemAddress(limit.getAsLong());
  }

  /** The process at an address. */
  KernelProcess process(long address) {
    OptionalInt nameAt = core.layout().offset(KernelField.IMAGE_FILE_NAME);
    String name =
        nameAt.isPresent()
            ? core.reader()
                .bytes(address + nameAt.getAsInt(), IMAGE_NAME_SIZE - 1)
                .map(ThreadReader::text)
                .orElse("")
            : "";
    return new KernelProcess(
        address,
        fullName(address, name),
        core.pointer(address, KernelField.PROCESS_ID),
        core.pointer(address, KernelField.PARENT_ID),
        core.pointer(address, KernelField.DIRECTORY_TABLE_BASE),
        core.pointer(address, KernelField.PEB));
  }

  /** The name from the process's creation, where its whole path is kept; the field cuts it off. */
  private String fullName(long address, String shortName) {
    OptionalLong audit = core.pointer(address, KernelField.AUDIT_NAME);
    if (audit.isEmpty() || !core.isSystemAddress(audit.getAsLong())) {
      return shortName;
    }
    String full = ModuleNames.fileName(core.unicode(audit.getAsLong()));
    return full.length() > shortName.length()
            && full.regionMatches(true, 0, shortName, 0, shortName.length())
        ? full
        : shortName;
  }

  /** The characters up to a NUL; nothing at all when they are no text. */
  private static String text(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      if (bytes[end] > 0 && bytes[end] < 0x20) {
        return "";
      }
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
  }

  /** All processes of the system's list. */
  Listed<KernelProcess> processes() {
    OptionalLong head = core.header().activeProcessHead();
    if (head.isEmpty() && core.debuggerData().isPresent()) {
      head = core.debuggerData().get().activeProcessHead();
    }
    OptionalInt links = core.layout().offset(KernelField.ACTIVE_LINKS);
    return head.isPresent() && links.isPresent()
        ? core.listed(head.getAsLong()).map(entry -> process(entry - links.getAsInt()))
        : new Listed<>(List.of(), Optional.empty());
  }

  /** All threads of a process. */
  Listed<KernelThread> threads(long process) {
    OptionalInt head = core.layout().offset(KernelField.THREAD_LIST_HEAD);
    OptionalInt links = core.layout().offset(KernelField.THREAD_LIST_ENTRY);
    return head.isPresent() && links.isPresent()
        ? core.listed(process + head.getAsInt()).map(entry -> thread(entry - links.getAsInt()))
        : new Listed<>(List.of(), Optional.empty());
  }

  /**
   * The registers of a thread that does not run, from what the switch away from it left on its
   * stack (KSWITCH_FRAME); the others are unknown.
   */
  Optional<CpuContext> switchedOut(KernelThread thread) {
    if (thread.kernelStack().isEmpty() || !thread.onStack(thread.kernelStack().getAsLong())) {
      return Optional.empty();
    }
    long sp = thread.kernelStack().getAsLong();
    return switch (core.arch()) {
      case X86 -> switched(core.reader().u32(sp + 8), core.reader().u32(sp + 0xc), sp + 0xc);
      case X64 -> switched(core.reader().u64(sp + 0x38), core.reader().u64(sp + 0x30), sp + 0x40);
      case ARM64 -> Optional.empty();
    };
  }

  private Optional<CpuContext> switched(OptionalLong ip, OptionalLong bp, long sp) {
    if (ip.isEmpty() || bp.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        CpuContext.unknown(core.arch())
            .with(Register.RIP, ip.getAsLong())
            .with(Register.RSP, sp)
            .with(Register.RBP, bp.getAsLong()));
  }
}
