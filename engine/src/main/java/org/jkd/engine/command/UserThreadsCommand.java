// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.dump.mini.MiniThread;
import org.jkd.engine.expr.ExpressionException.Kind;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.TextOut;
import org.jkd.target.UserTarget;

/**
 * {@code ~} in a user-mode dump: {@code ~} lists the threads, {@code ~2s} selects one, {@code ~*k},
 * {@code ~.k}, {@code ~#k} and {@code ~2k} run a command for all threads, the current one, the one
 * that raised the exception, or one by its number.
 */
final class UserThreadsCommand extends Command {
  private final UserTarget target;

  UserThreadsCommand(UserTarget target) {
    this.target = target;
  }

  @Override
  public Result run(Arguments arguments, Session session) {
    if (arguments.atEnd()) {
      return new Listed(list(target.threads(), session));
    }
    List<MiniThread> threads = chosen(arguments, session);
    String command = arguments.rest();
    if (command.isEmpty()) {
      return new Listed(list(threads, session));
    }
    if (command.equals("s") && threads.size() == 1) {
      session.selectUserThread(threads.getFirst().index());
      return RegisterBlock.of(session, session.registers(), List.of());
    }
    return forEach(threads, command, arguments, session);
  }

  private List<MiniThread> chosen(Arguments arguments, Session session) {
    if (arguments.eat("*")) {
      return target.threads();
    }
    if (arguments.eat(".")) {
      return one(session.userThread(), arguments);
    }
    if (arguments.eat("#")) {
      return one(target.firstThread().map(MiniThread::index).orElse(-1), arguments);
    }
    int number = -1;
    while (Character.isDigit(arguments.peek()) && number < target.threads().size()) {
      char digit = arguments.peek();
      arguments.eat(String.valueOf(digit));
      number = Math.max(0, number) * 10 + Character.digit(digit, 10);
    }
    return one(number, arguments);
  }

  private List<MiniThread> one(int index, Arguments arguments) {
    if (index < 0 || index >= target.threads().size()) {
      throw arguments.error(Kind.SYNTAX);
    }
    return List.of(target.threads().get(index));
  }

  private Result forEach(
      List<MiniThread> threads, String command, Arguments arguments, Session session) {
    String name = CommandTable.nameAt(command, 0);
    Optional<Command> found = CommandTable.find(name);
    if (found.isEmpty() || name.equals("~")) {
      throw arguments.error(Kind.SYNTAX);
    }
    int before = session.userThread();
    CpuContext registers = session.registers();
    List<Answer> answers = new ArrayList<>();
    try {
      for (MiniThread thread : threads) {
        Line line = line(thread, session, before);
        session.selectUserThread(thread.index());
        Arguments rest = new Arguments(command, name, name.length(), session);
        answers.add(new Answer(line, found.get().run(rest, session)));
      }
    } finally {
      session.selectUserThread(before);
      session.setRegistersSilently(registers);
    }
    return new ForEach(answers);
  }

  private List<Line> list(List<MiniThread> threads, Session session) {
    return threads.stream().map(t -> line(t, session, session.userThread())).toList();
  }

  private Line line(MiniThread thread, Session session, int current) {
    boolean raised = target.exception().filter(e -> e.threadId() == thread.id()).isPresent();
    char mark = thread.index() == current ? '.' : raised ? '#' : ' ';
    return new Line(session.arch(), mark, target.dump().misc().processId().orElse(0), thread);
  }

  /** A thread as {@code ~} shows it; {@code mark} is {@code .}, {@code #} or a blank. */
  record Line(Arch arch, char mark, long process, MiniThread thread) {
    String text() {
      String teb = arch == Arch.X86 ? Hex.pad(thread.teb(), 8) : Hex.accent(thread.teb());
      return "%c%3d  Id: %x.%x Suspend: %d Teb: %s Unfrozen%s"
          .formatted(
              mark,
              thread.index(),
              process,
              thread.id(),
              thread.suspendCount(),
              teb,
              thread.name().map(n -> " \"" + n + "\"").orElse(""));
    }

    void json(JsonOut out) {
      out.number("index", thread.index()).number("id", thread.id());
      out.number("suspendCount", thread.suspendCount()).address("teb", thread.teb());
      out.flag("current", mark == '.');
      thread.name().ifPresent(n -> out.text("name", n));
    }
  }

  /** Some threads. */
  record Listed(List<Line> lines) implements Result {
    @Override
    public void text(TextOut out) {
      lines.forEach(l -> out.line(l.text()));
    }

    @Override
    public void json(JsonOut out) {
      out.objects("threads", lines, (o, l) -> l.json(o));
    }
  }

  /** What a command said for one thread. */
  record Answer(Line line, Result result) {}

  /** What a command said for several threads. */
  record ForEach(List<Answer> answers) implements Result {
    @Override
    public void text(TextOut out) {
      for (Answer answer : answers) {
        out.line("");
        out.line(answer.line.text());
        answer.result.text(out);
      }
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "threads",
          answers,
          (o, a) -> {
            a.line.json(o);
            o.object("answer", a.result::json);
          });
    }
  }
}
