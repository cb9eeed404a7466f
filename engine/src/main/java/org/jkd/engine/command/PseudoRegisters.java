// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Register;
import org.jkd.dump.ExceptionRecord;
import org.jkd.dump.mini.MiniThread;
import org.jkd.stack.CallStack;
import org.jkd.target.BugCheck;
import org.jkd.target.KernelProcess;
import org.jkd.target.KernelThread;
import org.jkd.target.LoadedModule;
import org.jkd.target.Processor;
import org.jkd.target.UserTarget;

/**
 * The names with a dollar sign that kd computes. What a dump cannot know ({@code $bp0}, a
 * breakpoint) has no value, which is an error where it is asked for; nothing is made up.
 */
final class PseudoRegisters {
  /** Seconds from 1601, where FILETIME begins, to 1970. */
  private static final long SECONDS_1601_TO_1970 = 11_644_473_600L;

  private final Session session;

  PseudoRegisters(Session session) {
    this.session = session;
  }

  /** The value of a name in lower case, dollar sign included. */
  OptionalLong value(String name) {
    return switch (name) {
      case "$ip", "$scopeip", "$previp", "$relip" -> OptionalLong.of(session.registers().ip());
      case "$eventip" -> OptionalLong.of(session.debuggee().registers().ip());
      case "$csp" -> OptionalLong.of(session.registers().sp());
      case "$ea" -> effectiveAddress();
      case "$ra" -> returnAddress();
      case "$retreg" -> OptionalLong.of(session.registers().get(Register.RAX));
      case "$retreg64" -> returned64();
      case "$exp" -> OptionalLong.of(session.numbers().lastExpression());
      case "$p" -> OptionalLong.of(session.numbers().lastShown());
      case "$extret" -> OptionalLong.of(session.numbers().extensionResult());
      case "$ptrsize" -> OptionalLong.of(session.arch().pointerSize());
      case "$pagesize" -> OptionalLong.of(0x1000);
      case "$frame", "$argreg" -> OptionalLong.of(0);
      case "$dbgtime" -> OptionalLong.of(now());
      case "$exentry" -> entryPoint();
      case "$bug_code" -> bugCheck(0);
      case "$bug_param1", "$bug_param2", "$bug_param3", "$bug_param4" ->
          bugCheck(name.charAt(10) - '0');
      case "$exr_chance" -> exception().isPresent() ? OptionalLong.of(1) : OptionalLong.empty();
      case "$exr_code" -> of(exception().map(ExceptionRecord::code));
      case "$exr_numparams" -> of(exception().map(e -> (long) e.parameters().size()));
      default -> name.startsWith("$exr_param") ? exceptionParameter(name) : ofThread(name);
    };
  }

  private OptionalLong ofThread(String name) {
    if (session.target() instanceof UserTarget user) {
      Optional<MiniThread> thread =
          user.threads().stream().filter(t -> t.index() == session.userThread()).findFirst();
      return switch (name) {
        case "$teb" -> of(thread.map(MiniThread::teb));
        case "$tid" -> of(thread.map(t -> t.id()));
        default -> OptionalLong.empty();
      };
    }
    return switch (name) {
      case "$thread" -> of(session.thread().map(KernelThread::address));
      case "$proc" -> of(session.process().map(KernelProcess::address));
      case "$teb" -> session.thread().map(KernelThread::teb).orElse(OptionalLong.empty());
      case "$peb" -> session.process().map(KernelProcess::peb).orElse(OptionalLong.empty());
      case "$tid" -> session.thread().map(KernelThread::threadId).orElse(OptionalLong.empty());
      case "$tpid" -> session.thread().map(KernelThread::processId).orElse(OptionalLong.empty());
      case "$pcr" -> session.processorRecord().map(Processor::pcr).orElse(OptionalLong.empty());
      case "$pcrb", "$prcb" ->
          session.processorRecord().map(Processor::prcb).orElse(OptionalLong.empty());
      default -> OptionalLong.empty();
    };
  }

  private static OptionalLong of(Optional<Long> value) {
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }

  private OptionalLong returnAddress() {
    CallStack two = session.walk(session.registers(), 1);
    return two.frames().isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(two.frames().getFirst().returnAddress());
  }

  /** Edx and eax together on a 32-bit processor. */
  private OptionalLong returned64() {
    long low = session.registers().get(Register.RAX);
    return OptionalLong.of(
        session.arch() == Arch.X86 ? session.registers().get(Register.RDX) << 32 | low : low);
  }

  /** The address that the instruction at the instruction pointer reads or writes. */
  private OptionalLong effectiveAddress() {
    return new CodeText(session).operand(session.registers(), session.registers().ip());
  }

  private static long now() {
    Instant now = Instant.now();
    return (now.getEpochSecond() + SECONDS_1601_TO_1970) * 10_000_000 + now.getNano() / 100;
  }

  /** Where the first program of a user-mode target begins. */
  private OptionalLong entryPoint() {
    if (session.kernelMode() || session.target().modules().isEmpty()) {
      return OptionalLong.empty();
    }
    LoadedModule program = session.target().modules().getFirst();
    OptionalLong header = session.read(program.base() + 0x3c, 4);
    OptionalLong entry =
        header.isPresent()
            ? session.read(program.base() + header.getAsLong() + 0x28, 4)
            : OptionalLong.empty();
    return entry.isPresent()
        ? OptionalLong.of(program.base() + entry.getAsLong())
        : OptionalLong.empty();
  }

  /** The code of the bug check (0) or one of its parameters. */
  private OptionalLong bugCheck(int number) {
    if (session.debuggee().kernel().isEmpty()) {
      return OptionalLong.empty();
    }
    BugCheck bugCheck = session.kernel().bugCheck();
    return OptionalLong.of(number == 0 ? bugCheck.plainCode() : bugCheck.parameter(number));
  }

  private Optional<ExceptionRecord> exception() {
    return ExceptionCommand.ofTarget(session);
  }

  private OptionalLong exceptionParameter(String name) {
    String digits = name.substring("$exr_param".length());
    boolean number = digits.matches("[0-9]|1[0-4]");
    Optional<ExceptionRecord> record = number ? exception() : Optional.empty();
    if (record.isEmpty()) {
      return OptionalLong.empty();
    }
    int index = Integer.parseInt(digits);
    // The record always has 15 places; those that the exception does not use are zero.
    boolean used = index < record.get().parameters().size();
    return OptionalLong.of(used ? record.get().parameters().get(index) : 0);
  }
}
