// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Session;
import org.jkd.engine.render.Hex;
import org.jkd.image.LinkWalk;
import org.jkd.image.MemoryReader;
import org.jkd.objects.MissingTypeException;
import org.jkd.objects.Structure;
import org.jkd.objects.Structures;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.Types;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelTarget;
import org.jkd.target.KernelThread;
import org.jkd.target.Listed;
import org.jkd.target.Processor;

/** The kernel of a session: its structures, its variables, its lists, and how they are written. */
final class Nt {
  /** More entries than any list of a healthy system has. */
  static final int MAX_LIST = 1 << 16;

  private final Session session;
  private final String module;
  private final Structures structures;

  Nt(Session session) {
    this(session, "nt");
  }

  /**
   * @param module whose types are taken: in user mode those of {@code ntdll}
   */
  Nt(Session session, String module) {
    this.session = session;
    this.module = module;
    this.structures = new Structures(module, types(session, module), session.memory());
  }

  private static Types types(Session session, String module) {
    return session
        .debuggee()
        .symbols()
        .module(module)
        .map(nt -> session.debuggee().symbols().symbols(nt).types())
        .orElse(Types.NONE);
  }

  Session session() {
    return session;
  }

  KernelTarget kernel() {
    return session.kernel();
  }

  Arch arch() {
    return session.arch();
  }

  boolean isX86() {
    return session.arch() == Arch.X86;
  }

  int pointerSize() {
    return session.arch().pointerSize();
  }

  MemoryReader memory() {
    return session.memory();
  }

  Structures structures() {
    return structures;
  }

  /** The structures in the memory of a process. */
  Structures structures(KernelProcess process) {
    return structures.in(new MemoryReader(kernel().memory(process), pointerSize()));
  }

  /** True if the symbols describe a structure. */
  boolean knows(String type) {
    return structures.knows(type);
  }

  /** A structure at an address; nothing is read yet. */
  Structure at(String type, long address) {
    return structures.at(type, arch().address(address));
  }

  /** A structure, if the symbols describe it. */
  Optional<Structure> maybe(String type, long address) {
    return knows(type) ? Optional.of(at(type, address)) : Optional.empty();
  }

  /** The address of a variable or function of the kernel. */
  OptionalLong find(String name) {
    OptionalLong symbol = session.names().address("nt!" + name);
    int offset = KernelVariables.offset(name);
    return symbol.isPresent() || offset < 0
        ? symbol
        : kernel().debuggerData().map(d -> d.address(offset)).orElse(OptionalLong.empty());
  }

  /**
   * The address of a variable that a command cannot do without.
   *
   * @throws CommandException if nothing tells it
   */
  long needed(String name) {
    return find(name)
        .orElseThrow(() ->
            new CommandException(
                "Unable to get address of nt!" + name + ": nt has " + status().text()));
  }

  /** A variable's value; empty if it is not known where it is, or not in the dump. */
  OptionalLong variable(String name, int size) {
    OptionalLong at = find(name);
    return at.isPresent() ? memory().number(at.getAsLong(), size) : at;
  }

  /** A variable that holds a pointer or a count of pages. */
  OptionalLong word(String name) {
    return variable(name, pointerSize());
  }

  private SymbolStatus status() {
    Optional<ModuleIdentity> nt = session.debuggee().symbols().module(module);
    return nt.isEmpty() ? SymbolStatus.NONE : session.debuggee().symbols().status(nt.get());
  }

  /** Which symbol is missing. */
  String missing(MissingTypeException e) {
    return "*** Error: type "
        + e.getMessage()
        + " is not described by the symbols: "
        + e.module()
        + " has "
        + status().text()
        + "; a PDB with type information is needed (.sympath, .reload)";
  }

  /** True when an address is one of the system's half. */
  boolean isSystem(long address) {
    return isX86() ? address >= 0x8000_0000L && address <= 0xffff_ffffL : address < 0;
  }

  /** Follows a doubly linked list of the kernel. */
  LinkWalk list(long head) {
    return LinkWalk.forward(memory(), head, MAX_LIST, this::isSystem);
  }

  /**
   * The threads of a process: its list, and those of its threads that run on a processor. Of a list
   * small dumps hold little, but always the thread that the crash is about.
   */
  Listed<KernelThread> threads(KernelProcess process) {
    Listed<KernelThread> listed = kernel().threadList(process);
    List<KernelThread> all = new ArrayList<>(listed.items());
    for (Processor processor : kernel().processors()) {
      boolean idle = processor.currentThread().equals(processor.idleThread());
      if (processor.currentThread().isPresent() && !idle) {
        KernelThread thread = kernel().thread(processor.currentThread().getAsLong());
        boolean here = thread.process().equals(OptionalLong.of(process.address()));
        if (here && all.stream().noneMatch(t -> t.address() == thread.address())) {
          all.add(thread);
        }
      }
    }
    return new Listed<>(List.copyOf(all), listed.broken());
  }

  /** The line that says why a list ends where it does; empty if nothing is wrong with it. */
  Optional<String> problem(LinkWalk walk) {
    String from = "the link at " + hex(walk.from());
    return switch (walk.end()) {
      case COMPLETE ->
          walk.torn().isPresent()
              ? Optional.of(
                  "*** The list is torn: the entry at "
                      + hex(walk.torn().getAsLong())
                      + " does not lead back to the one before it")
              : Optional.empty();
      case CYCLE ->
          Optional.of(
              "*** The list ends here: "
                  + from
                  + " leads to "
                  + hex(walk.to())
                  + ", which was listed already (a cycle that misses the head)");
      case BAD_LINK ->
          Optional.of(
              "*** The list ends here: "
                  + from
                  + " holds "
                  + hex(walk.to())
                  + ", which is no address of an entry");
      case UNREADABLE ->
          Optional.of(
              "*** The list ends here: "
                  + from
                  + " cannot be read: "
                  + memory().memory().whyUnreadable(walk.from()).text());
      case LIMIT ->
          Optional.of("*** The list ends here: it has more than " + MAX_LIST + " entries");
    };
  }

  /** An address or word in full width, without an accent. */
  String hex(long value) {
    return Hex.plain(arch(), value);
  }

  /** As {@link #hex(long)}; question marks if it could not be read. */
  String hex(OptionalLong value) {
    return value.isPresent() ? hex(value.getAsLong()) : "?".repeat(pointerSize() * 2);
  }

  /** A number of 32 bits. */
  String hex32(OptionalLong value) {
    return value.isPresent() ? Hex.pad(value.getAsLong(), 8) : "????????";
  }

  /** A decimal number. */
  static String decimal(OptionalLong value) {
    return value.isPresent() ? Long.toString(value.getAsLong()) : "?";
  }

  /** {@code module!symbol+0x12}; empty if no module contains the address. */
  String symbol(long address) {
    return session.names().text(address).orElse("");
  }
}
