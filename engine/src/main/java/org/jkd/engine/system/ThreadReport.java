// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.CpuContext;
import org.jkd.engine.command.Backtrace;
import org.jkd.engine.command.BacktraceOptions;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Cancellation;
import org.jkd.image.LinkWalk;
import org.jkd.objects.Structure;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;

/**
 * A thread as {@code !thread} and {@code !process} show it: windbg-commands.md, 6.1. What only the
 * kernel's types can locate is left out without them.
 */
final class ThreadReport implements Result {
  private static final int MAX_IRPS = 256;

  private final Nt nt;
  private final KernelThread thread;
  private final Detail detail;
  private final Optional<Structure> block;
  private final int running;
  private final Optional<KernelProcess> owner;
  private final Optional<KernelProcess> attached;
  private final List<WaitObjects.Waited> waited;
  private final List<String> irps = new ArrayList<>();
  private final Optional<Backtrace> trace;

  /**
   * How much is shown.
   *
   * @param waits what the thread waits for
   * @param all times, stack bounds, priorities
   * @param stack the back-trace
   * @param arguments the words of arguments in it
   */
  record Detail(boolean waits, boolean all, boolean stack, boolean arguments) {
    /**
     * The bits of {@code !thread}: 2 wait states, 4 with 2 the stack, 8 without arguments; times
     * and bounds come in any case.
     */
    static Detail ofThread(long flags) {
      return of(flags).whole();
    }

    /** The same bits of {@code !process}, where less is shown of threads without their stacks. */
    static Detail of(long flags) {
      boolean waits = (flags & 2) != 0;
      boolean stack = waits && (flags & 4) != 0 || (flags & 8) != 0;
      return new Detail(waits || stack, stack, stack, (flags & 8) == 0);
    }

    private Detail whole() {
      return new Detail(waits, true, stack, arguments);
    }
  }

  ThreadReport(Nt nt, KernelThread thread, Detail detail) {
    Cancellation.check();
    this.nt = nt;
    this.thread = thread;
    this.detail = detail;
    this.block = nt.maybe("_ETHREAD", thread.address()).filter(t -> t.has("Tcb"));
    this.running = ThreadStates.processor(nt, thread.address());
    this.owner = process(thread.process());
    this.attached =
        thread.attachedProcess().equals(thread.process())
            ? Optional.empty()
            : process(thread.attachedProcess());
    this.waited =
        ThreadStates.isWaiting(thread) && detail.waits && nt.knows("_KTHREAD")
            ? WaitObjects.of(nt, nt.at("_KTHREAD", thread.address()))
            : List.of();
    this.trace = detail.stack ? trace() : Optional.empty();
    if (detail.waits) {
      requests();
    }
  }

  private Optional<KernelProcess> process(OptionalLong address) {
    return address.isPresent() && address.getAsLong() != 0
        ? Optional.of(nt.kernel().process(address.getAsLong()))
        : Optional.empty();
  }

  private Optional<Backtrace> trace() {
    Optional<CpuContext> context = context(nt, thread);
    BacktraceOptions options =
        new BacktraceOptions(detail.arguments, detail.arguments, false, false, false, false, false);
    return context.map(c ->
        Backtrace.of(
            nt.session(), nt.session().walk(thread, c, nt.session().frameCount()), options, false));
  }

  /** The registers of a thread: those that commands look at if it is the current one. */
  static Optional<CpuContext> context(Nt nt, KernelThread thread) {
    boolean isCurrent =
        nt.session().thread().filter(t -> t.address() == thread.address()).isPresent();
    return isCurrent ? Optional.of(nt.session().registers()) : nt.kernel().context(thread);
  }

  private void requests() {
    OptionalLong head = block.isPresent() ? block.get().addressOf("IrpList") : OptionalLong.empty();
    OptionalLong link = nt.structures().offset("_IRP", "ThreadListEntry");
    OptionalLong first =
        head.isPresent() ? nt.memory().pointer(head.getAsLong()) : OptionalLong.empty();
    if (link.isEmpty() || first.orElse(0) == 0) {
      return; // not known, not in the dump, or a list that nobody has set up yet
    }
    LinkWalk walk = LinkWalk.forward(nt.memory(), head.getAsLong(), MAX_IRPS, nt::isSystem);
    for (long entry : walk.entries()) {
      Structure irp = nt.at("_IRP", entry - link.getAsLong());
      irps.add(
          "    %s: (%04x,%04x) Flags: %s  Mdl: %s"
              .formatted(
                  nt.hex(irp.address()),
                  irp.number("Type").orElse(0) & 0xffff,
                  irp.number("Size").orElse(0),
                  nt.hex32(irp.number("Flags")),
                  nt.hex(irp.number("MdlAddress"))));
    }
    nt.problem(walk).ifPresent(irps::add);
  }

  private OptionalLong tcb(String field, String... others) {
    if (!nt.knows("_KTHREAD")) {
      return OptionalLong.empty();
    }
    return nt.at("_KTHREAD", thread.address()).number(field, others);
  }

  @Override
  public void text(TextOut out) {
    lines().forEach(out::line);
    trace.ifPresent(t -> {
      if (nt.isX86()) {
        out.end();
      }
      t.text(out);
    });
  }

  /** The first line. */
  String head() {
    StringBuilder line = new StringBuilder("THREAD ").append(nt.hex(thread.address()));
    line.append("  Cid ").append(id(thread.processId())).append('.').append(id(thread.threadId()));
    line.append("  Teb: ").append(nt.hex(thread.teb().orElse(0)));
    OptionalLong win32 = tcb("Win32Thread");
    if (win32.isPresent()) {
      line.append(nt.isX86() ? "  " : " ").append("Win32Thread: ").append(nt.hex(win32));
    }
    return line.append(' ').append(state()).toString();
  }

  private String id(OptionalLong id) {
    if (id.isEmpty()) {
      return "?";
    }
    String digits = Long.toHexString(id.getAsLong());
    return nt.isX86() ? digits : "0".repeat(Math.max(0, 4 - digits.length())) + digits;
  }

  private String state() {
    if (running >= 0) {
      return "RUNNING on processor " + running;
    }
    if (!ThreadStates.isWaiting(thread)) {
      return ThreadStates.name(thread.state());
    }
    OptionalLong mode = tcb("WaitMode");
    OptionalLong alertable = tcb("Alertable");
    return "WAIT: ("
        + ThreadStates.reason(thread.waitReason())
        + ")"
        + (mode.isEmpty() ? "" : mode.getAsLong() == 0 ? " KernelMode" : " UserMode")
        + (alertable.isEmpty() ? "" : alertable.getAsLong() == 0 ? " Non-Alertable" : " Alertable");
  }

  private List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(head());
    for (WaitObjects.Waited object : waited) {
      lines.add("    " + nt.hex(object.address()) + "  " + object.type());
    }
    if (!irps.isEmpty()) {
      lines.add("IRP List:");
      lines.addAll(irps);
    }
    if (!detail.all) {
      return lines;
    }
    impersonation(lines);
    if (nt.isX86()) {
      x86(lines);
    } else {
      x64(lines);
    }
    return lines;
  }

  private void impersonation(List<String> lines) {
    if (block.isEmpty()) {
      return;
    }
    OptionalLong active =
        block.get().number("ActiveImpersonationInfo", "Tcb.ActiveImpersonationInfo");
    OptionalLong token = block.get().number("ClientSecurity", "ImpersonationInfo");
    if (active.isPresent()) {
      lines.add(
          active.getAsLong() == 0
              ? "Not impersonating"
              : "Impersonation token:  " + nt.hex(withoutReferences(token)));
    }
    OptionalLong map =
        owner.isPresent() && nt.knows("_EPROCESS")
            ? nt.at("_EPROCESS", owner.get().address()).number("DeviceMap")
            : OptionalLong.empty();
    if (map.isPresent()) {
      lines.add(Text.left("DeviceMap", nt.isX86() ? 24 : 26) + nt.hex(map));
    }
  }

  /** The lowest bits of such pointers are no part of them. */
  private static OptionalLong withoutReferences(OptionalLong pointer) {
    return pointer.isPresent() ? OptionalLong.of(pointer.getAsLong() & ~7L) : pointer;
  }

  private void x86(List<String> lines) {
    lines.add(
        "Owning Process "
            + nt.hex(thread.process())
            + owner.map(o -> "       Image:         " + o.imageName()).orElse(""));
    attached.ifPresent(a ->
        lines.add(
            "Attached Process " + nt.hex(a.address()) + "       Image:         " + a.imageName()));
    times(lines);
    OptionalLong win32 = thread.startAddress();
    OptionalLong start =
        block.isPresent() ? block.get().number("StartAddress") : OptionalLong.empty();
    if (start.isPresent() && !start.equals(win32)) {
      address(lines, "Start Address ", start);
      address(lines, "Win32 Start Address ", win32);
    } else {
      address(lines, "Start Address ", win32);
    }
    lines.add(
        "Stack Init "
            + nt.hex(thread.initialStack())
            + " Current "
            + nt.hex(thread.kernelStack())
            + " Base "
            + nt.hex(thread.stackBase())
            + " Limit "
            + nt.hex(thread.stackLimit())
            + " Call "
            + Long.toHexString(thread.callbackStack().orElse(0)));
    priorities(lines);
  }

  private void x64(List<String> lines) {
    lines.add(process("Owning Process", owner));
    lines.add(process("Attached Process", attached));
    times(lines);
    address(lines, "Win32 Start Address ", thread.startAddress());
    lines.add(
        "Stack Init " + nt.hex(thread.initialStack()) + " Current " + nt.hex(thread.kernelStack()));
    lines.add(
        "Base "
            + nt.hex(thread.stackBase())
            + " Limit "
            + nt.hex(thread.stackLimit())
            + " Call "
            + nt.hex(thread.callbackStack().orElse(0)));
    priorities(lines);
  }

  private String process(String label, Optional<KernelProcess> process) {
    return process.isPresent()
        ? Text.left(label, 26)
            + nt.hex(process.get().address())
            + "       Image:         "
            + process.get().imageName()
        : Text.left(label, 26) + "N/A            Image:         N/A";
  }

  private void address(List<String> lines, String label, OptionalLong address) {
    if (address.isPresent() && address.getAsLong() != 0) {
      String place = "0x" + nt.hex(address);
      String name = nt.symbol(address.getAsLong());
      lines.add(name.isEmpty() ? label + place : label + name + " (" + place + ")");
    }
  }

  private void times(List<String> lines) {
    Ticks ticks = new Ticks(nt);
    int column = nt.isX86() ? 24 : 26;
    OptionalLong waitStart = tcb("WaitTime");
    if (waitStart.isPresent()) {
      OptionalLong now = ticks.now();
      String since =
          now.isPresent()
              ? Long.toString(now.getAsLong() - waitStart.getAsLong() & 0xffff_ffffL)
              : "?";
      lines.add(
          Text.left("Wait Start TickCount", column)
              + Text.left(Nt.decimal(waitStart), nt.isX86() ? 14 : 15)
              + (nt.isX86() ? "Elapsed Ticks: " : "Ticks: ")
              + since);
    }
    OptionalLong switches = tcb("ContextSwitches");
    if (switches.isPresent()) {
      String count = Text.left("Context Switch Count", column) + Nt.decimal(switches);
      OptionalLong ideal = tcb("IdealProcessor");
      if (tcb("LargeStack").orElse(0) == 1) {
        count = Text.left(count, column + 24) + "LargeStack";
      } else if (!nt.isX86() && ideal.isPresent()) {
        count = Text.left(count, column + 15) + "IdealProcessor: " + ideal.getAsLong();
      }
      lines.add(count);
    }
    String user = ticks.text(tcb("UserTime"));
    if (!user.isEmpty()) {
      lines.add(Text.left("UserTime", 26) + user);
      lines.add(Text.left("KernelTime", 26) + ticks.text(tcb("KernelTime")));
    }
  }

  private void priorities(List<String> lines) {
    OptionalLong priority = tcb("Priority");
    if (priority.isEmpty()) {
      return;
    }
    StringBuilder line = new StringBuilder("Priority ").append(priority.getAsLong());
    line.append(" BasePriority ").append(Nt.decimal(tcb("BasePriority")));
    // From Windows 7 on one byte holds two kinds of boosts.
    line.append(" PriorityDecrement ").append(tcb("PriorityDecrement").orElse(0));
    OptionalLong decrements = tcb("DecrementCount");
    if (decrements.isPresent()) {
      line.append(" DecrementCount ").append(decrements.getAsLong());
    }
    if (block.isPresent() && !nt.isX86()) {
      append(line, " IoPriority ", block.get().number("ThreadIoPriority"));
      append(line, " PagePriority ", block.get().number("ThreadPagePriority", "Tcb.PagePriority"));
    }
    lines.add(line.toString());
  }

  private static void append(StringBuilder line, String label, OptionalLong value) {
    if (value.isPresent()) {
      line.append(label).append(value.getAsLong());
    }
  }

  @Override
  public void json(JsonOut out) {
    out.address("thread", thread.address());
    field(out, "processId", thread.processId());
    field(out, "threadId", thread.threadId());
    field(out, "teb", thread.teb());
    field(out, "win32Thread", tcb("Win32Thread"));
    out.text("state", state());
    if (owner.isPresent()) {
      out.address("process", owner.get().address()).text("image", owner.get().imageName());
    }
    if (attached.isPresent()) {
      out.address("attachedProcess", attached.get().address());
      out.text("attachedImage", attached.get().imageName());
    }
    if (!waited.isEmpty()) {
      out.objects(
          "waitsFor", waited, (o, w) -> o.address("object", w.address()).text("type", w.type()));
    }
    field(out, "stackInit", thread.initialStack());
    field(out, "stackCurrent", thread.kernelStack());
    field(out, "stackBase", thread.stackBase());
    field(out, "stackLimit", thread.stackLimit());
    field(out, "startAddress", thread.startAddress());
    out.optional(
        "startSymbol",
        thread.startAddress().isPresent() ? nt.symbol(thread.startAddress().getAsLong()) : "");
    tcb("Priority").ifPresent(p -> out.number("priority", p));
    trace.ifPresent(t -> t.json(out));
  }

  private static void field(JsonOut out, String name, OptionalLong value) {
    if (value.isPresent()) {
      out.address(name, value.getAsLong());
    }
  }
}
