// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.image.MemoryReader;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.Types;

/**
 * The fields of a thread that only the kernel's types can locate.
 *
 * @param waitStart the tick count when it last waited
 * @param switches how often it was switched to
 * @param userTime ticks in user mode
 * @param kernelTime ticks in kernel mode
 * @param increment 100 ns in a tick; empty if the kernel's variable cannot be read
 */
record ThreadTimes(
    OptionalLong waitStart,
    OptionalLong now,
    OptionalLong switches,
    OptionalLong userTime,
    OptionalLong kernelTime,
    OptionalLong increment,
    OptionalLong priority,
    OptionalLong basePriority,
    OptionalLong decrement,
    boolean largeStack) {
  private static final long TICKS_PER_SECOND = 10_000_000L;

  /** Reads them if the kernel's symbols are loaded already or can be, and have types. */
  static Optional<ThreadTimes> read(Session session, long thread) {
    Optional<ModuleIdentity> nt = session.debuggee().symbols().module("nt");
    if (nt.isEmpty()) {
      return Optional.empty();
    }
    var symbols = session.debuggee().symbols().symbols(nt.get());
    if (symbols.status() == SymbolStatus.NONE || symbols.types().struct("_KTHREAD").isEmpty()) {
      return Optional.empty();
    }
    Fields fields = new Fields(session.memory(), symbols.types(), thread);
    OptionalLong increment = session.names().address("nt!KeMaximumIncrement");
    OptionalLong ticks = session.names().address("nt!KeTickCount");
    return Optional.of(
        new ThreadTimes(
            fields.number("WaitTime", 4),
            ticks.isPresent() ? session.memory().u32(ticks.getAsLong()) : ticks,
            fields.number("ContextSwitches", 4),
            fields.number("UserTime", 4),
            fields.number("KernelTime", 4),
            increment.isPresent() ? session.memory().u32(increment.getAsLong()) : increment,
            fields.number("Priority", 1),
            fields.number("BasePriority", 1),
            fields.number("PriorityDecrement", 1),
            fields.number("LargeStack", 1).orElse(0) == 1));
  }

  private record Fields(MemoryReader memory, Types types, long thread) {
    OptionalLong number(String field, int size) {
      OptionalLong offset = types.offset("_KTHREAD", field);
      return offset.isPresent()
          ? memory.number(thread + offset.getAsLong(), size)
          : OptionalLong.empty();
    }
  }

  /** {@code 0:00:02.0031} on x86 as in its time, {@code 00:00:01.046} on x64; empty if unknown. */
  String time(Arch arch, OptionalLong ticks) {
    if (ticks.isEmpty() || increment.isEmpty() || increment.getAsLong() == 0) {
      return "";
    }
    long units = ticks.getAsLong() * increment.getAsLong();
    long seconds = units / TICKS_PER_SECOND;
    long millis = units % TICKS_PER_SECOND / 10_000;
    return arch == Arch.X86
        ? "%d:%02d:%02d.%04d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60, millis)
        : "%02d:%02d:%02d.%03d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60, millis);
  }
}
