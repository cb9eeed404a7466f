// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jkd.dump.mini.MiniThread;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Command;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.command.Session;
import org.jkd.engine.render.CTime;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;
import org.jkd.image.LinkWalk;
import org.jkd.image.MemoryReader;
import org.jkd.objects.MissingTypeException;
import org.jkd.objects.Structure;
import org.jkd.objects.Structures;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;
import org.jkd.target.UserTarget;

/** {@code !peb [Address]}, {@code !teb [Address]}: what user mode knows of a process or thread. */
public final class BlockCommand extends Command {
  private static final int LABEL = 26;
  private static final int MAX_MODULES = 4096;
  private static final int MAX_ENVIRONMENT = 0x8000;

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean user = session.target() instanceof UserTarget;
    if (!user) {
      session.kernel();
    }
    OptionalLong given =
        arguments.atEnd()
            ? OptionalLong.empty()
            : OptionalLong.of(session.arch().address(arguments.expression()));
    arguments.end();
    Nt nt = new Nt(session, user ? "ntdll" : "nt");
    try {
      Structures types = user ? nt.structures() : ofProcess(nt);
      return arguments.name().equals("!teb")
          ? teb(nt, types, given.orElseGet(() -> ofThread(session)))
          : peb(nt, types, given.orElseGet(() -> ofProcess(nt, types)));
    } catch (MissingTypeException e) {
      throw new CommandException(nt.missing(e));
    }
  }

  private static Structures ofProcess(Nt nt) {
    return nt.structures(
        nt.session()
            .process()
            .orElseThrow(() -> new CommandException("Unable to get current process")));
  }

  private static long ofThread(Session session) {
    if (session.target() instanceof UserTarget user) {
      return user.threads().stream()
          .filter(t -> t.index() == session.userThread())
          .findFirst()
          .map(MiniThread::teb)
          .orElse(0L);
    }
    return session.thread().map(KernelThread::teb).orElse(OptionalLong.empty()).orElse(0);
  }

  /** In user mode the thread's block tells where that of the process is. */
  private static long ofProcess(Nt nt, Structures types) {
    if (!(nt.session().target() instanceof UserTarget)) {
      return nt.session().process().map(KernelProcess::peb).orElse(OptionalLong.empty()).orElse(0);
    }
    long teb = ofThread(nt.session());
    return teb == 0 ? 0 : types.at("_TEB", teb).number("ProcessEnvironmentBlock").orElse(0);
  }

  private static Structure read(Nt nt, Structures types, String type, long address, String field) {
    String name = type.substring(1);
    if (address == 0) {
      throw new CommandException(
          name
              + " NULL...: the "
              + (name.equals("PEB") ? "process" : "thread")
              + " has no part in user mode, or the dump does not tell where it is");
    }
    Structure block = types.at(type, address);
    if (block.number(field).isEmpty()) {
      throw new CommandException(
          name
              + " at "
              + nt.hex(address)
              + "\nerror 1 InitTypeRead( "
              + type
              + " at "
              + nt.hex(address)
              + "): "
              + types.memory().memory().whyUnreadable(address).text());
    }
    return block;
  }

  private static String yes(OptionalLong value) {
    return value.isEmpty() ? "?" : value.getAsLong() != 0 ? "Yes" : "No";
  }

  private static Answer teb(Nt nt, Structures types, long address) {
    Structure teb = read(nt, types, "_TEB", address, "NtTib.Self");
    List<String> lines = new ArrayList<>();
    lines.add("TEB at " + nt.hex(address));
    add(nt, lines, "ExceptionList:", teb.number("NtTib.ExceptionList"));
    add(nt, lines, "StackBase:", teb.number("NtTib.StackBase"));
    add(nt, lines, "StackLimit:", teb.number("NtTib.StackLimit"));
    add(nt, lines, "SubSystemTib:", teb.number("NtTib.SubSystemTib"));
    add(nt, lines, "FiberData:", teb.number("NtTib.FiberData"));
    add(nt, lines, "ArbitraryUserPointer:", teb.number("NtTib.ArbitraryUserPointer"));
    add(nt, lines, "Self:", teb.number("NtTib.Self"));
    add(nt, lines, "EnvironmentPointer:", teb.number("EnvironmentPointer"));
    lines.add(
        Text.left("    ClientId:", LABEL)
            + nt.hex(teb.number("ClientId.UniqueProcess"))
            + " . "
            + nt.hex(teb.number("ClientId.UniqueThread")));
    add(nt, lines, "RpcHandle:", teb.number("ActiveRpcHandle"));
    add(nt, lines, "Tls Storage:", teb.number("ThreadLocalStoragePointer"));
    add(nt, lines, "PEB Address:", teb.number("ProcessEnvironmentBlock"));
    lines.add(Text.left("    LastErrorValue:", LABEL) + Nt.decimal(teb.number("LastErrorValue")));
    OptionalLong status = teb.number("LastStatusValue");
    lines.add(
        Text.left("    LastStatusValue:", LABEL)
            + (status.isEmpty() ? "?" : Long.toHexString(status.getAsLong())));
    lines.add(
        Text.left("    Count Owned Locks:", LABEL)
            + Nt.decimal(teb.number("CountOfOwnedCriticalSections")));
    OptionalLong mode = teb.number("HardErrorMode", "HardErrorsAreDisabled");
    lines.add(Text.left("    HardErrorMode:", LABEL) + Nt.decimal(mode));
    return new Answer(
        lines,
        o -> {
          o.address("teb", address);
          teb.number("NtTib.StackBase").ifPresent(v -> o.address("stackBase", v));
          teb.number("NtTib.StackLimit").ifPresent(v -> o.address("stackLimit", v));
          teb.number("ProcessEnvironmentBlock").ifPresent(v -> o.address("peb", v));
          teb.number("LastErrorValue").ifPresent(v -> o.number("lastError", v));
        });
  }

  private static void add(Nt nt, List<String> lines, String label, OptionalLong value) {
    lines.add(Text.left("    " + label, LABEL) + nt.hex(value));
  }

  private static Answer peb(Nt nt, Structures types, long address) {
    Structure peb = read(nt, types, "_PEB", address, "BeingDebugged");
    List<String> lines = new ArrayList<>();
    lines.add("PEB at " + nt.hex(address));
    lines.add("    InheritedAddressSpace:    " + yes(peb.number("InheritedAddressSpace")));
    lines.add("    ReadImageFileExecOptions: " + yes(peb.number("ReadImageFileExecOptions")));
    lines.add("    BeingDebugged:            " + yes(peb.number("BeingDebugged")));
    lines.add("    ImageBaseAddress:         " + nt.hex(peb.number("ImageBaseAddress")));
    List<Loaded> modules = loader(nt, types, peb, lines);
    lines.add("    SubSystemData:     " + nt.hex(peb.number("SubSystemData")));
    lines.add("    ProcessHeap:       " + nt.hex(peb.number("ProcessHeap")));
    OptionalLong parameters = peb.number("ProcessParameters");
    lines.add("    ProcessParameters: " + nt.hex(parameters));
    String command = "";
    if (parameters.orElse(0) != 0 && types.knows("_RTL_USER_PROCESS_PARAMETERS")) {
      Structure block = types.at("_RTL_USER_PROCESS_PARAMETERS", parameters.getAsLong());
      command = block.text("CommandLine");
      text(lines, "CurrentDirectory:  ", block.text("CurrentDirectory.DosPath"));
      text(lines, "WindowTitle:  ", block.text("WindowTitle"));
      text(lines, "ImageFile:    ", block.text("ImagePathName"));
      text(lines, "CommandLine:  ", command);
      text(lines, "DllPath:      ", block.text("DllPath"));
      environment(nt, types.memory(), block.number("Environment").orElse(0), lines);
    }
    String commandLine = command;
    return new Answer(
        lines,
        o -> {
          o.address("peb", address).optional("commandLine", commandLine);
          peb.number("ImageBaseAddress").ifPresent(v -> o.address("imageBase", v));
          o.objects(
              "modules", modules, (j, m) -> j.address("base", m.base()).optional("path", m.path()));
        });
  }

  private static void text(List<String> lines, String label, String value) {
    lines.add("    " + label + "'" + value + "'");
  }

  /** A module of the loader's list. */
  private record Loaded(long base, String path) {}

  private static List<Loaded> loader(Nt nt, Structures types, Structure peb, List<String> lines) {
    OptionalLong place = peb.number("Ldr");
    lines.add("    Ldr                       " + nt.hex(place));
    List<Loaded> modules = new ArrayList<>();
    if (place.orElse(0) == 0 || !types.knows("_PEB_LDR_DATA")) {
      return modules;
    }
    Structure ldr = types.at("_PEB_LDR_DATA", place.getAsLong());
    lines.add("    Ldr.Initialized:          " + yes(ldr.number("Initialized")));
    ends(nt, ldr, "InInitializationOrderModuleList", lines);
    ends(nt, ldr, "InLoadOrderModuleList", lines);
    ends(nt, ldr, "InMemoryOrderModuleList", lines);
    if (!types.knows("_LDR_DATA_TABLE_ENTRY") || ldr.number("Initialized").isEmpty()) {
      return modules;
    }
    int base = nt.isX86() ? 16 : 24;
    lines.add(Text.right("Base", base) + " TimeStamp" + " ".repeat(21) + "Module");
    LinkWalk walk =
        LinkWalk.forward(
            types.memory(),
            ldr.place("InLoadOrderModuleList"),
            MAX_MODULES,
            a -> a > 0xffff && !nt.isSystem(a));
    for (long entry : walk.entries()) {
      Structure module = types.at("_LDR_DATA_TABLE_ENTRY", entry);
      long at = module.number("DllBase").orElse(0);
      OptionalLong stamp = module.number("TimeDateStamp");
      String path = module.text("FullDllName");
      modules.add(new Loaded(at, path));
      lines.add(
          Text.right(Long.toHexString(at), base)
              + " "
              + nt.hex32(stamp)
              + " "
              + (stamp.isPresent() ? CTime.stamp(stamp.getAsLong()) : "")
              + " "
              + path);
    }
    nt.problem(walk).ifPresent(lines::add);
    return modules;
  }

  private static void ends(Nt nt, Structure ldr, String list, List<String> lines) {
    lines.add(
        Text.left("    Ldr." + list + ":", list.startsWith("InInit") ? 0 : 41)
            + (list.startsWith("InInit") ? " " : "")
            + nt.hex(ldr.number(list + ".Flink"))
            + " . "
            + nt.hex(ldr.number(list + ".Blink")));
  }

  /** Texts that end with a NUL each, up to an empty one. */
  private static void environment(Nt nt, MemoryReader memory, long address, List<String> lines) {
    lines.add("    Environment:  " + nt.hex(address));
    StringBuilder text = new StringBuilder();
    for (int i = 0; address != 0 && i < MAX_ENVIRONMENT; i++) {
      int c = memory.u16(address + 2L * i).orElse(0);
      if (c != 0) {
        text.append(c < 0x20 ? '?' : (char) c);
      } else if (text.isEmpty()) {
        return;
      } else {
        lines.add("        " + text);
        text.setLength(0);
      }
    }
    if (!text.isEmpty()) {
      lines.add("        " + text + " (" + Hex.plain(nt.arch(), address) + " goes on)");
    }
  }
}
