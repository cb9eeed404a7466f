// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.Dump;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.Names;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.image.Cancellation;
import org.jkd.stack.Frame;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;
import org.jkd.target.Listed;

/**
 * {@code !stacks [Detail [Filter]]}: where every thread stands; windbg-commands.md, 6.3. Detail 0
 * shows threads whose stacks are there, 1 all threads, 2 whole stacks.
 */
public final class StacksCommand extends SystemCommand {
  /** More frames than a kernel stack has room for, unless it recurs. */
  private static final int MAX_FRAMES = 0x100;

  /** What every waiting thread has on top: not what it is blocked by. */
  private static final Set<String> SCHEDULER =
      Set.of(
          "KiSwapContext",
          "SwapContext",
          "KiSwapThread",
          "KiCommitThreadWait",
          "KiCommitThread",
          "KiDispatchNextThread",
          "KeWaitForSingleObject",
          "KeWaitForMultipleObjects",
          "KeDelayExecutionThread");

  @Override
  Result run(Arguments arguments, Nt nt) {
    int detail = 0;
    if (arguments.peek() >= '0' && arguments.peek() <= '2') {
      detail = (int) arguments.expression();
    }
    String filter = arguments.rest().toLowerCase(Locale.ROOT);
    ProcessCommand.Found found = ProcessCommand.find(nt);
    List<Group> groups = new ArrayList<>();
    List<String> problems = new ArrayList<>(found.problems());
    for (KernelProcess process : found.processes()) {
      Listed<KernelThread> threads = nt.threads(process);
      List<Row> rows = new ArrayList<>();
      for (KernelThread thread : threads.items()) {
        Row row = row(nt, thread);
        if ((detail > 0 || !row.frames().isEmpty()) && row.matches(filter)) {
          rows.add(row);
        }
      }
      threads
          .broken()
          .flatMap(nt::problem)
          .ifPresent(line -> problems.add(called(nt, process) + ": " + line));
      if (!rows.isEmpty()) {
        groups.add(new Group(process, rows));
      }
    }
    return new Stacks(nt, detail, groups, problems);
  }

  /** A process by its image, or by its address where the dump does not hold the name. */
  private static String called(Nt nt, KernelProcess process) {
    return process.imageName().isEmpty() ? nt.hex(process.address()) : process.imageName();
  }

  private static Row row(Nt nt, KernelThread thread) {
    Cancellation.check();
    Optional<CpuContext> context = ThreadReport.context(nt, thread);
    List<String> frames = new ArrayList<>();
    int blocker = -1;
    if (context.isPresent()) {
      for (Frame frame : nt.session().walk(thread, context.get(), MAX_FRAMES).frames()) {
        Optional<Names.Name> name = nt.session().names().at(frame.ip());
        frames.add(name.map(Names.Name::text).orElse("+0x" + Long.toHexString(frame.ip())));
        boolean waits =
            name.filter(n -> n.module().equals("nt") && SCHEDULER.contains(n.symbol())).isPresent();
        if (blocker < 0 && !waits) {
          blocker = frames.size() - 1;
        }
      }
    }
    int running = ThreadStates.processor(nt, thread.address());
    String name = ThreadStates.name(thread.state());
    String state = running >= 0 ? "RUNNING" : name.equals("WAIT") ? "Blocked" : name;
    return new Row(thread, state, List.copyOf(frames), Math.max(blocker, 0));
  }

  /**
   * A thread.
   *
   * @param frames the names of its frames, the innermost first; none if its stack is not there
   * @param blocker the frame that says what it is about
   */
  record Row(KernelThread thread, String state, List<String> frames, int blocker) {
    boolean matches(String filter) {
      return filter.isEmpty()
          || frames.stream().anyMatch(f -> f.toLowerCase(Locale.ROOT).contains(filter));
    }
  }

  /** The threads of a process. */
  record Group(KernelProcess process, List<Row> rows) {}

  /** All of them. */
  record Stacks(Nt nt, int detail, List<Group> groups, List<String> problems) implements Result {
    private static final int IMAGE_COLUMN = 37;

    @Override
    public void text(TextOut out) {
      out.line("Proc.Thread  .Thread  ThreadState  Blocker");
      for (Group group : groups) {
        out.line(" ".repeat(IMAGE_COLUMN) + "[" + called(nt, group.process) + "]");
        group.rows.forEach(r -> row(r, out));
        out.end();
      }
      problems.forEach(out::line);
    }

    private void row(Row row, TextOut out) {
      String head =
          id(row.thread.processId(), "%4x", "????")
              + "."
              + id(row.thread.threadId(), "%06x", "??????")
              + "  "
              + nt.hex(row.thread.address())
              + "  ";
      String start = head + Text.left(row.state, 11);
      if (row.frames.isEmpty()) {
        boolean small = nt.kernel().dump() instanceof Dump.TriageDump;
        out.line(start + (small ? "Stack not in this dump" : "Stack paged out"));
      } else if (detail < 2) {
        out.line(start + row.frames.get(row.blocker));
      } else {
        String indent = " ".repeat(start.length());
        for (int i = 0; i < row.frames.size(); i++) {
          out.line((i == 0 ? start : indent) + row.frames.get(i));
        }
      }
    }

    private static String id(OptionalLong id, String format, String unknown) {
      return id.isPresent() ? format.formatted(id.getAsLong()) : unknown;
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "processes",
          groups,
          (o, g) -> {
            o.address("process", g.process.address()).text("image", g.process.imageName());
            o.objects("threads", g.rows, this::thread);
          });
      if (!problems.isEmpty()) {
        out.texts("problems", problems);
      }
    }

    private void thread(JsonOut out, Row row) {
      out.address("thread", row.thread.address()).text("state", row.state);
      if (!row.frames.isEmpty()) {
        out.text("blocker", row.frames.get(row.blocker));
      }
      if (detail == 2) {
        out.texts("frames", row.frames);
      }
    }
  }
}
