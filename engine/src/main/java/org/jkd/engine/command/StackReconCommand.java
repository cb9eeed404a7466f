// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.engine.diagnosis.FaultFactsReader;
import org.jkd.engine.diagnosis.ModuleOwner;
import org.jkd.engine.diagnosis.OverflowRules;
import org.jkd.engine.diagnosis.StackUsage;
import org.jkd.engine.report.CrashReports;
import org.jkd.stack.CallStack;
import org.jkd.stack.rebuild.KernelRequests;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.stack.rebuild.Reconstructor;
import org.jkd.stack.rebuild.StackRequest;
import org.jkd.target.KernelTarget;
import org.jkd.target.UserTarget;

/**
 * {@code !stackrecon [-v] [-why N] [-free] [-compare] [-words] [Thread]}: rebuilds a stack that no
 * walker can walk.
 */
final class StackReconCommand extends Command {
  /** Above this an operand of {@code -why} is an address and not the number of a frame. */
  private static final long MAX_FRAME = 0xffff;

  @Override
  public Result run(Arguments arguments, Session session) {
    boolean verbose = false;
    boolean free = false;
    boolean compare = false;
    boolean words = false;
    OptionalLong why = OptionalLong.empty();
    while (arguments.peek() == '-') {
      if (arguments.eatWord("-v")) {
        verbose = true;
      } else if (arguments.eatWord("-free")) {
        free = true;
      } else if (arguments.eatWord("-compare")) {
        compare = true;
      } else if (arguments.eatWord("-words")) {
        words = true;
      } else if (arguments.eatWord("-why")) {
        why = OptionalLong.of(arguments.address());
      } else {
        throw new CommandException(
            "!stackrecon [-v] [-why N] [-free] [-compare] [-words] [Thread]");
      }
    }
    boolean crash = arguments.atEnd();
    StackRequest request = request(arguments, session, free);
    arguments.end();
    Reconstructor reconstructor = session.debuggee().reconstructor();
    RebuiltStack stack = reconstructor.rebuild(request);
    if (why.isPresent()) {
      return why(session, reconstructor, stack, why.getAsLong());
    }
    if (words) {
      return new StackReconWords(session.arch(), reconstructor.words(stack));
    }
    Optional<CallStack> walked =
        compare ? Optional.of(session.walk(session.registers(), MAX_WALK)) : Optional.empty();
    return new StackRecon(
        session.arch(),
        stack,
        ModuleOwner.products(
            StackUsage.of(stack).modules(),
            CrashReports.owners(session.debuggee(), stack.frames())),
        verdict(session, stack, crash),
        verbose,
        walked.map(w -> StackRecon.walked(session, w)));
  }

  /** Frames of kd's walk that are set beside the rebuilt ones. */
  private static final int MAX_WALK = 4096;

  private static StackRequest request(Arguments arguments, Session session, boolean free) {
    Optional<KernelTarget> kernel = session.debuggee().kernel();
    return kernel.isEmpty() || arguments.atEnd()
        ? crash(session, free)
        : known(
            KernelRequests.thread(kernel.get(), kernel.get().thread(arguments.address()), free));
  }

  /** The stack of the crash; in user mode the one that the registers lie on. */
  static StackRequest crash(Session session, boolean free) {
    Optional<KernelTarget> kernel = session.debuggee().kernel();
    return known(
        kernel.isPresent()
            ? KernelRequests.crash(kernel.get(), free)
            : KernelRequests.around(
                session.target().memory(), session.registers(), free, hints(session)));
  }

  private static StackRequest.Hints hints(Session session) {
    return session.target() instanceof UserTarget user
        ? user.threads().stream()
            .filter(t -> t.index() == session.userThread())
            .findFirst()
            .map(t -> KernelRequests.hints(user.arch(), user.memory(), t.teb()))
            .orElse(StackRequest.Hints.NONE)
        : StackRequest.Hints.NONE;
  }

  private static StackRequest known(Optional<StackRequest> request) {
    return request.orElseThrow(
        () -> new CommandException("No stack is known: the thread's bounds are not in the dump"));
  }

  /** The word that {@code !overflow} says; nothing for a stack that the crash did not happen on. */
  private static String verdict(Session session, RebuiltStack stack, boolean crash) {
    Optional<KernelTarget> kernel = session.debuggee().kernel();
    boolean current =
        crash
            || kernel
                .flatMap(KernelTarget::currentThread)
                .filter(t -> stack.thread().equals(OptionalLong.of(t.address())))
                .isPresent();
    return kernel.isEmpty() || !current
        ? ""
        : OverflowRules.decide(FaultFactsReader.read(kernel.get(), Optional.of(stack)))
            .outcome()
            .text();
  }

  private static Result why(
      Session session, Reconstructor reconstructor, RebuiltStack stack, long what) {
    if (Long.compareUnsigned(what, MAX_FRAME) > 0) {
      return new StackReconWhy(
          session.arch(), Optional.empty(), reconstructor.explain(stack, what));
    }
    if (what >= stack.frames().size()) {
      throw new CommandException(
          "There is no frame "
              + Long.toHexString(what)
              + "; the stack has "
              + Integer.toHexString(stack.frames().size())
              + " frames, counted from 0");
    }
    return new StackReconWhy(
        session.arch(), Optional.of(stack.frames().get((int) what)), List.of());
  }
}
