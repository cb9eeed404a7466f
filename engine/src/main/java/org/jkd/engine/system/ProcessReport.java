// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;
import org.jkd.target.Listed;

/**
 * A process as {@code !process} shows it: windbg-commands.md, 6.2. Without the kernel's types there
 * is what the debugger data and the tables of builds tell.
 */
final class ProcessReport implements Result {
  private static final int LABEL = 34;
  private static final int PAGE_KB = 4;

  private final Nt nt;
  private final KernelProcess process;
  private final long flags;
  private final Optional<Structure> block;
  private final List<ThreadReport> threads = new ArrayList<>();
  private Optional<LinkWalk> broken = Optional.empty();

  /**
   * @param flags 1 times and sizes, 2 threads with what they wait for, 4 threads, with 2 their
   *     stacks, 8 stacks without arguments
   */
  ProcessReport(Nt nt, KernelProcess process, long flags) {
    this.nt = nt;
    this.process = process;
    this.flags = flags;
    this.block = nt.maybe("_EPROCESS", process.address());
    if ((flags & 6) != 0) {
      Listed<KernelThread> listed = nt.threads(process);
      broken = listed.broken();
      for (KernelThread thread : listed.items()) {
        threads.add(new ThreadReport(nt, thread, ThreadReport.Detail.of(flags & 0xe)));
      }
    }
  }

  @Override
  public void text(TextOut out) {
    head().forEach(out::line);
    if ((flags & 1) != 0) {
      details().forEach(out::line);
    }
    out.end();
    for (ThreadReport thread : threads) {
      indented(thread, out);
      if ((flags & 2) != 0) {
        out.end();
      }
    }
    broken.flatMap(nt::problem).ifPresent(line -> out.line("        " + line));
  }

  /** kd sets everything about a thread eight columns in. */
  static void indented(ThreadReport thread, TextOut out) {
    StringBuilder text = new StringBuilder();
    thread.text(new TextOut(text, out.arch()));
    text.toString().lines().forEach(l -> out.line(l.isEmpty() ? l : "        " + l));
  }

  /** The three lines that every process has. */
  List<String> head() {
    String ids =
        "SessionId: "
            + session()
            + "  Cid: "
            + id(process.processId())
            + "    Peb: "
            + short8(process.peb())
            + "  ParentCid: "
            + id(process.parentId());
    List<String> lines = new ArrayList<>();
    String first = "PROCESS " + nt.hex(process.address());
    if (nt.isX86()) {
      lines.add(first + "  " + ids);
    } else {
      lines.add(first);
      lines.add("    " + ids);
    }
    lines.add(
        "    DirBase: "
            + short8(process.directoryTableBase())
            + "  ObjectTable: "
            + nt.hex(field("ObjectTable"))
            + "  HandleCount: "
            + handles());
    lines.add("    Image: " + (process.imageName().isEmpty() ? "????????" : process.imageName()));
    return lines;
  }

  private OptionalLong field(String name, String... others) {
    return block.isPresent() ? block.get().number(name, others) : OptionalLong.empty();
  }

  /** Eight digits at least, on 64-bit systems as many as it takes. */
  private static String short8(OptionalLong value) {
    if (value.isEmpty()) {
      return "????????";
    }
    String digits = Long.toHexString(value.getAsLong());
    return "0".repeat(Math.max(0, 8 - digits.length())) + digits;
  }

  private static String id(OptionalLong id) {
    return id.isEmpty() ? "????" : "%04x".formatted(id.getAsLong());
  }

  /** The number of its session in decimal, or {@code none}, or question marks. */
  String session() {
    OptionalLong session = field("Session");
    if (session.isEmpty()) {
      return "????";
    }
    if (session.getAsLong() == 0) {
      return "none";
    }
    if (nt.structures().offset("_MM_SESSION_SPACE", "SessionId").isEmpty()) {
      return "????";
    }
    OptionalLong number =
        nt.structures(process).at("_MM_SESSION_SPACE", session.getAsLong()).number("SessionId");
    return number.isPresent() ? Long.toString(number.getAsLong()) : "????";
  }

  private String handles() {
    OptionalLong table = field("ObjectTable");
    if (table.isPresent() && table.getAsLong() == 0) {
      return "  0.";
    }
    OptionalLong count =
        table.isPresent() && nt.knows("_HANDLE_TABLE")
            ? nt.at("_HANDLE_TABLE", table.getAsLong())
                .number("HandleCount", "FreeLists.HandleCount")
            : OptionalLong.empty();
    return count.isPresent() ? "%3d.".formatted(count.getAsLong()) : "<Data Not Accessible>";
  }

  private List<String> details() {
    List<String> lines = new ArrayList<>();
    if (block.isEmpty()) {
      lines.add("    *** Error: type nt!_EPROCESS is not described by the symbols");
      return lines;
    }
    lines.add(
        "    VadRoot "
            + nt.hex(field("VadRoot.BalancedRoot.RightChild", "VadRoot.Root", "VadRoot"))
            + " Vads "
            + Nt.decimal(field("NumberOfVads", "VadRoot.NumberGenericTableElements", "VadCount"))
            + " Clone "
            + Long.toHexString(field("CloneRoot").orElse(0))
            + " Private "
            + Nt.decimal(field("NumberOfPrivatePages"))
            + ". Modified "
            + Nt.decimal(field("ModifiedPageCount"))
            + ". Locked "
            + Nt.decimal(field("NumberOfLockedPages"))
            + ".");
    lines.add("    DeviceMap " + nt.hex(field("DeviceMap")));
    OptionalLong token = field("Token");
    long references = nt.isX86() ? 7 : 15;
    add(
        lines,
        "Token",
        nt.hex(token.isEmpty() ? token : OptionalLong.of(token.getAsLong() & ~references)));
    times(lines);
    add(lines, "QuotaPoolUsage[PagedPool]", quota(1));
    add(lines, "QuotaPoolUsage[NonPagedPool]", quota(0));
    workingSet(lines);
    return lines;
  }

  private static void add(List<String> lines, String label, String value) {
    lines.add("    " + Text.left(label, LABEL) + value);
  }

  private String quota(int index) {
    if (block.isEmpty()) {
      return "?";
    }
    OptionalLong usage = block.get().element("ProcessQuotaUsage", index);
    return Nt.decimal(usage.isPresent() ? usage : block.get().element("QuotaUsage", index));
  }

  private void times(List<String> lines) {
    Ticks ticks = new Ticks(nt);
    OptionalLong created = field("CreateTime");
    OptionalLong now = nt.kernel().system().systemTime();
    long elapsed = now.orElse(0) - created.orElse(0);
    boolean isKnown =
        created.isPresent() && created.getAsLong() != 0 && now.isPresent() && elapsed >= 0;
    add(lines, "ElapsedTime", isKnown ? ticks.duration(elapsed) : "<Invalid>");
    add(lines, "UserTime", orInvalid(ticks.text(field("Pcb.UserTime"))));
    add(lines, "KernelTime", orInvalid(ticks.text(field("Pcb.KernelTime"))));
  }

  private static String orInvalid(String time) {
    return time.isEmpty() ? "<Invalid>" : time;
  }

  private OptionalLong vm(String name, String... others) {
    String[] paths = new String[1 + 2 * others.length];
    paths[0] = "Vm.Instance." + name;
    for (int i = 0; i < others.length; i++) {
      paths[1 + 2 * i] = "Vm." + others[i];
      paths[2 + 2 * i] = "Vm.Instance." + others[i];
    }
    return field("Vm." + name, paths);
  }

  private void workingSet(List<String> lines) {
    OptionalLong now = vm("WorkingSetSize", "WorkingSetLeafSize");
    OptionalLong least = vm("MinimumWorkingSetSize");
    OptionalLong most = vm("MaximumWorkingSetSize");
    lines.add(
        "    Working Set Sizes (now,min,max)  ("
            + Nt.decimal(now)
            + ", "
            + Nt.decimal(least)
            + ", "
            + Nt.decimal(most)
            + ") ("
            + kb(now)
            + ", "
            + kb(least)
            + ", "
            + kb(most)
            + ")");
    add(lines, "PeakWorkingSetSize", Nt.decimal(vm("PeakWorkingSetSize")));
    add(lines, "VirtualSize", mb(field("VirtualSize")));
    add(lines, "PeakVirtualSize", mb(field("PeakVirtualSize")));
    add(lines, "PageFaultCount", Nt.decimal(vm("PageFaultCount")));
    OptionalLong priority = vm("Flags.MemoryPriority", "MemoryPriority");
    add(
        lines,
        "MemoryPriority",
        priority.isEmpty() ? "?" : priority.getAsLong() == 0 ? "BACKGROUND" : "FOREGROUND");
    add(lines, "BasePriority", Nt.decimal(field("Pcb.BasePriority")));
    add(lines, "CommitCharge", Nt.decimal(field("CommitCharge")));
  }

  private static String kb(OptionalLong pages) {
    return pages.isEmpty() ? "?" : pages.getAsLong() * PAGE_KB + "KB";
  }

  private static String mb(OptionalLong bytes) {
    return bytes.isEmpty() ? "?" : (bytes.getAsLong() >>> 20) + " Mb";
  }

  @Override
  public void json(JsonOut out) {
    out.address("process", process.address());
    out.optional("image", process.imageName());
    write(out, "processId", process.processId());
    write(out, "parentId", process.parentId());
    write(out, "peb", process.peb());
    write(out, "directoryTableBase", process.directoryTableBase());
    write(out, "objectTable", field("ObjectTable"));
    write(out, "token", field("Token"));
    field("VirtualSize").ifPresent(v -> out.number("virtualSize", v));
    field("CommitCharge").ifPresent(v -> out.number("commitPages", v));
    vm("WorkingSetSize", "WorkingSetLeafSize").ifPresent(v -> out.number("workingSetPages", v));
    if ((flags & 6) != 0) {
      out.objects("threads", threads, (o, t) -> t.json(o));
    }
    broken.flatMap(nt::problem).ifPresent(line -> out.text("problem", line));
  }

  private static void write(JsonOut out, String name, OptionalLong value) {
    if (value.isPresent()) {
      out.address(name, value.getAsLong());
    }
  }
}
