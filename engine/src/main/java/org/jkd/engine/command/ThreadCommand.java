// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;
import org.jkd.target.Processor;

/**
 * {@code !thread [-p] [-t] [Address [Flags]]}. What neither the debugger data nor symbols tell the
 * place of (impersonation, wait objects, and without the kernel's types times and priorities) is
 * left out rather than shown as zero.
 */
final class ThreadCommand extends Command {
  private static final int WITH_STACK = 4;
  private static final int STACK_WITHOUT_ARGS = 8;
  private static final String[] STATES = {
    "INITIALIZED",
    "READY",
    "RUNNING",
    "STANDBY",
    "TERMINATED",
    "WAIT",
    "TRANSITION",
    "DEFERRED_READY",
    "GATEWAIT"
  };

  @Override
  public Result run(Arguments arguments, Session session) {
    arguments.eatWord("-p");
    boolean byId = arguments.eatWord("-t");
    KernelThread thread = current(session);
    long flags = WITH_STACK | 2;
    if (!arguments.atEnd()) {
      long address = arguments.expression();
      if (byId) {
        thread = withId(session, address);
      } else if (address != -1) {
        thread = session.kernel().thread(session.arch().address(address));
      }
      if (!arguments.atEnd()) {
        flags = arguments.expression();
      }
      arguments.end();
    }
    return show(session, thread, flags);
  }

  private static KernelThread current(Session session) {
    session.kernel();
    return session.thread().orElseThrow(() -> new CommandException("Unable to get current thread"));
  }

  private static KernelThread withId(Session session, long id) {
    for (KernelProcess process : session.kernel().processes()) {
      for (KernelThread thread : session.kernel().threads(process)) {
        if (thread.threadId().equals(OptionalLong.of(id))) {
          return thread;
        }
      }
    }
    throw new CommandException("No thread has the id " + Long.toHexString(id));
  }

  private static Result show(Session session, KernelThread thread, long flags) {
    Optional<KernelProcess> owner = process(session, thread.process());
    Optional<KernelProcess> attached =
        thread.attachedProcess().equals(thread.process())
            ? Optional.empty()
            : process(session, thread.attachedProcess());
    int running = -1;
    for (Processor p : session.kernel().processors()) {
      if (p.currentThread().equals(OptionalLong.of(thread.address()))) {
        running = p.number();
      }
    }
    Optional<Backtrace> trace = Optional.empty();
    Optional<CpuContext> context = context(session, thread);
    if ((flags & (WITH_STACK | STACK_WITHOUT_ARGS)) != 0 && context.isPresent()) {
      boolean args = (flags & STACK_WITHOUT_ARGS) == 0;
      BacktraceOptions options =
          new BacktraceOptions(args, args, false, false, false, false, false);
      trace =
          Optional.of(
              Backtrace.of(
                  session, session.walk(context.get(), session.frameCount()), options, false));
    }
    String start =
        thread.startAddress().isPresent()
            ? session.names().text(thread.startAddress().getAsLong()).orElse("")
            : "";
    return new ThreadInfo(
        session.arch(),
        thread,
        owner,
        attached,
        running,
        start,
        ThreadTimes.read(session, thread.address()),
        trace);
  }

  private static Optional<CpuContext> context(Session session, KernelThread thread) {
    boolean isCurrent = session.thread().filter(t -> t.address() == thread.address()).isPresent();
    return isCurrent ? Optional.of(session.registers()) : session.kernel().context(thread);
  }

  private static Optional<KernelProcess> process(Session session, OptionalLong address) {
    return address.isPresent() && address.getAsLong() != 0
        ? Optional.of(session.kernel().process(address.getAsLong()))
        : Optional.empty();
  }

  /**
   * A thread.
   *
   * @param running the processor that it runs on, or -1
   * @param start the symbol of its start address, or empty
   */
  record ThreadInfo(
      Arch arch,
      KernelThread thread,
      Optional<KernelProcess> owner,
      Optional<KernelProcess> attached,
      int running,
      String start,
      Optional<ThreadTimes> times,
      Optional<Backtrace> trace)
      implements Result {

    @Override
    public void text(TextOut out) {
      head(out);
      if (arch == Arch.X86) {
        x86(out);
      } else {
        x64(out);
      }
      if (trace.isPresent() && arch == Arch.X86) {
        out.end();
      }
      trace.ifPresent(t -> t.text(out));
    }

    private void head(TextOut out) {
      StringBuilder line = new StringBuilder("THREAD ");
      line.append(plain(thread.address())).append("  Cid ").append(cid(thread.processId()));
      line.append('.').append(cid(thread.threadId()));
      line.append("  Teb: ").append(plain(thread.teb().orElse(0)));
      line.append(' ').append(state());
      out.line(line.toString());
    }

    private String cid(OptionalLong id) {
      if (id.isEmpty()) {
        return "?";
      }
      String digits = Long.toHexString(id.getAsLong());
      return arch == Arch.X86 || digits.length() >= 4
          ? digits
          : "0".repeat(4 - digits.length()) + digits;
    }

    private String state() {
      if (running >= 0) {
        return "RUNNING on processor " + running;
      }
      int state = thread.state().orElse(-1);
      return state >= 0 && state < STATES.length ? STATES[state] : "????";
    }

    private String plain(long value) {
      return Hex.plain(arch, value);
    }

    private String plain(OptionalLong value) {
      return value.isPresent() ? plain(value.getAsLong()) : "?".repeat(arch.pointerSize() * 2);
    }

    private void x86(TextOut out) {
      out.line(
          "Owning Process "
              + plain(thread.process())
              + owner.map(o -> "       Image:         " + o.imageName()).orElse(""));
      attached.ifPresent(a ->
          out.line(
              "Attached Process " + plain(a.address()) + "       Image:         " + a.imageName()));
      times.ifPresent(t -> times(t, out));
      startLines(out, "Start Address ");
      out.line(
          "Stack Init "
              + plain(thread.initialStack())
              + " Current "
              + plain(thread.kernelStack())
              + " Base "
              + plain(thread.stackBase())
              + " Limit "
              + plain(thread.stackLimit())
              + " Call "
              + Long.toHexString(thread.callbackStack().orElse(0)));
      priorities(out);
    }

    private void x64(TextOut out) {
      out.line(process("Owning Process", owner));
      out.line(process("Attached Process", attached));
      times.ifPresent(t -> times(t, out));
      startLines(out, "Win32 Start Address ");
      out.line(
          "Stack Init " + plain(thread.initialStack()) + " Current " + plain(thread.kernelStack()));
      out.line(
          "Base "
              + plain(thread.stackBase())
              + " Limit "
              + plain(thread.stackLimit())
              + " Call "
              + plain(thread.callbackStack().orElse(0)));
      priorities(out);
    }

    private void times(ThreadTimes t, TextOut out) {
      int column = arch == Arch.X86 ? 24 : 26;
      if (t.waitStart().isPresent()) {
        String since =
            t.now().isPresent()
                ? Long.toString((t.now().getAsLong() - t.waitStart().getAsLong()) & 0xffff_ffffL)
                : "?";
        String ticks = arch == Arch.X86 ? "Elapsed Ticks: " : "Ticks: ";
        out.line(
            Text.left("Wait Start TickCount", column)
                + Text.left(Long.toString(t.waitStart().getAsLong()), arch == Arch.X86 ? 14 : 15)
                + ticks
                + since);
      }
      if (t.switches().isPresent()) {
        String count = Long.toString(t.switches().getAsLong());
        out.line(
            Text.left("Context Switch Count", column)
                + (t.largeStack() ? Text.left(count, 24) + "LargeStack" : count));
      }
      String user = t.time(arch, t.userTime());
      if (!user.isEmpty()) {
        out.line(Text.left("UserTime", 26) + user);
        out.line(Text.left("KernelTime", 26) + t.time(arch, t.kernelTime()));
      }
    }

    private void priorities(TextOut out) {
      if (times.isPresent() && times.get().priority().isPresent()) {
        ThreadTimes t = times.get();
        out.line(
            "Priority "
                + t.priority().getAsLong()
                + " BasePriority "
                + t.basePriority().orElse(0)
                + " PriorityDecrement "
                + t.decrement().orElse(0));
      }
    }

    private String process(String label, Optional<KernelProcess> process) {
      return process.isPresent()
          ? Text.left(label, 26)
              + plain(process.get().address())
              + "       Image:         "
              + process.get().imageName()
          : Text.left(label, 26) + "N/A            Image:         N/A";
    }

    private void startLines(TextOut out, String label) {
      if (thread.startAddress().isEmpty() || thread.startAddress().getAsLong() == 0) {
        return;
      }
      String address = "0x" + plain(thread.startAddress().getAsLong());
      out.line(start.isEmpty() ? label + address : label + start + " (" + address + ")");
    }

    @Override
    public void json(JsonOut out) {
      out.address("thread", thread.address());
      field(out, "processId", thread.processId());
      field(out, "threadId", thread.threadId());
      field(out, "teb", thread.teb());
      out.text("state", state());
      if (owner.isPresent()) {
        out.address("process", owner.get().address()).text("image", owner.get().imageName());
      }
      if (attached.isPresent()) {
        out.address("attachedProcess", attached.get().address());
        out.text("attachedImage", attached.get().imageName());
      }
      field(out, "stackInit", thread.initialStack());
      field(out, "stackCurrent", thread.kernelStack());
      field(out, "stackBase", thread.stackBase());
      field(out, "stackLimit", thread.stackLimit());
      field(out, "startAddress", thread.startAddress());
      out.optional("startSymbol", start);
      trace.ifPresent(t -> t.json(out));
    }

    private static void field(JsonOut out, String name, OptionalLong value) {
      if (value.isPresent()) {
        out.address(name, value.getAsLong());
      }
    }
  }
}
