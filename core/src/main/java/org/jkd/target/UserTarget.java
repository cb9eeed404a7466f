// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.ContextRecord;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.mini.MiniDump;
import org.jkd.dump.mini.MiniException;
import org.jkd.dump.mini.MiniModule;
import org.jkd.dump.mini.MiniThread;
import org.jkd.dump.mini.MiniUnloaded;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;
import org.jkd.pe.DebugDirectory;

/** A process in a user-mode minidump. */
public final class UserTarget implements Target {
  /** TEB64.TlsSlots[1]: where WOW64 keeps the registers of 32-bit code (WOW64_TLS_CPURESERVED). */
  private static final int WOW64_SLOT = 0x1488;

  /** The CONTEXT in WOW64_CPURESERVED. */
  private static final int WOW64_CONTEXT = 4;

  /** Shorter identifiers are the timestamps of PDB 2.0. */
  private static final int GUID_DIGITS = 32;

  private final MiniDump dump;
  private final List<LoadedModule> modules = new ArrayList<>();
  private final List<UnloadedModule> unloaded = new ArrayList<>();

  /** The target of an opened dump. */
  public UserTarget(MiniDump dump) {
    this.dump = dump;
    for (MiniModule m : dump.modules()) {
      modules.add(
          new LoadedModule(
              ModuleNames.ofFile(m.fileName()),
              m.fileName(),
              m.path(),
              m.base(),
              m.size(),
              m.timestamp(),
              m.checksum()));
    }
    for (MiniUnloaded u : dump.unloaded()) {
      String file = ModuleNames.fileName(u.path());
      unloaded.add(new UnloadedModule(file, u.base(), u.base() + u.size(), 0));
    }
  }

  /** The dump behind this target. */
  public MiniDump dump() {
    return dump;
  }

  @Override
  public Arch arch() {
    return dump.system().arch();
  }

  @Override
  public Memory memory() {
    return dump.memory();
  }

  @Override
  public List<LoadedModule> modules() {
    return List.copyOf(modules);
  }

  @Override
  public List<UnloadedModule> unloadedModules() {
    return List.copyOf(unloaded);
  }

  /** The debug record of a module, which minidumps keep beside the module list. */
  public Optional<DebugDirectory.CodeView> debugRecord(LoadedModule module) {
    return dump.modules().stream()
        .filter(m -> m.base() == module.base())
        .findFirst()
        .flatMap(MiniModule::debugId)
        .filter(id -> id.guid().length() == GUID_DIGITS)
        .map(id -> new DebugDirectory.Rsds(id.guid(), id.age(), id.pdb()));
  }

  /** The threads, in the dump's order; their index is the debugger's number. */
  public List<MiniThread> threads() {
    return dump.threads();
  }

  /** The exception of the dump: {@code .exr -1} and {@code .ecxr}. */
  public Optional<MiniException> exception() {
    return dump.exception();
  }

  /** The thread with which the debugger starts: that of the exception, else the first. */
  public Optional<MiniThread> firstThread() {
    Optional<MiniException> exception = dump.exception();
    Optional<MiniThread> raised =
        exception.flatMap(
            e -> dump.threads().stream().filter(t -> t.id() == e.threadId()).findFirst());
    return raised.isPresent() ? raised : dump.threads().stream().findFirst();
  }

  /**
   * The registers of a thread: those of the exception for the thread that raised it (the dump
   * writer's own code runs in the thread's context), else the thread's own.
   */
  public Optional<CpuContext> context(MiniThread thread) {
    Optional<CpuContext> raised =
        dump.exception().filter(e -> e.threadId() == thread.id()).flatMap(MiniException::context);
    return raised.isPresent() ? raised : thread.context();
  }

  /**
   * The 32-bit registers of a thread of a WOW64 process in an x64 dump; empty when there are none,
   * or the dump does not hold the memory where they lie.
   */
  public Optional<CpuContext> wow64Context(MiniThread thread) {
    if (arch() != Arch.X64 || thread.teb() == 0) {
      return Optional.empty();
    }
    MemoryReader reader = new MemoryReader(memory(), 8);
    var cpu = reader.pointer(thread.teb() + WOW64_SLOT);
    if (cpu.isEmpty() || cpu.getAsLong() == 0) {
      return Optional.empty();
    }
    return ContextRecord.read(Arch.X86, memory(), cpu.getAsLong() + WOW64_CONTEXT)
        .filter(c -> c.ip() != 0);
  }
}
