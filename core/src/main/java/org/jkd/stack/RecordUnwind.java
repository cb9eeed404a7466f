// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.image.Memory;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.UnwindRecords;
import org.jspecify.annotations.Nullable;

/**
 * Takes single frames off a stack by what symbols say about functions, without any of their code:
 * FrameData and FPO on x86, the sizes of frames on x64.
 */
public final class RecordUnwind {
  private final CodeSource code;
  private final X86Rules rules;
  private final StackWords words;
  private final X86Steps steps;

  /** What the frame that is being taken off accepts as the slot of a return address. */
  private LongPredicate isReturn = slot -> false;

  /** Where a record leads. */
  public enum Place {
    /** To one slot, counted from the stack pointer. */
    COUNTED,
    /** To the first return address above a place, since what was pushed there is not known. */
    SOUGHT,
    /** To one slot, counted from the frame pointer register. */
    FRAMED
  }

  /**
   * A frame that was taken off.
   *
   * @param slot where the return address lies
   * @param caller the caller's registers as far as the record tells them
   */
  public record Result(long slot, CpuContext caller, Place place) {}

  public RecordUnwind(Memory memory, CodeSource code) {
    this.code = code;
    this.rules = new X86Rules(code);
    this.words = new StackWords(memory);
    this.steps = new X86Steps(words, code, slot -> isReturn.test(slot));
  }

  /**
   * Takes off the frame of the function at the context's instruction pointer.
   *
   * @param returned true when the instruction pointer is a return address
   * @param pushed bytes of arguments above the stack pointer that the callee was called with; −1
   *     when that is not known
   * @param isReturn says whether a slot can hold a return address
   */
  public Optional<Result> unwind(
      CpuContext context, boolean returned, int pushed, LongPredicate isReturn) {
    return context.arch() == Arch.X86
        ? x86(context, returned, pushed, isReturn)
        : x64(context, returned, isReturn);
  }

  /** The bytes of arguments that the x86 function at an address takes; −1 when unknown. */
  public int parameterBytes(long ip, boolean returned) {
    return rules.at(ip, returned).params();
  }

  /** True when symbols say that a place is in the code that enters the system for a service. */
  public boolean isService(long ip, boolean returned) {
    return rules.at(ip, returned).entry() == X86Rule.Entry.SERVICE;
  }

  /** What symbols say lies at an address. */
  public enum Content {
    /** They do not say. */
    UNKNOWN,
    /** Data, or nothing. */
    NO_CODE,
    FUNCTION_START,
    /** Code of a function, but not its first byte. */
    INSIDE_FUNCTION
  }

  /** What symbols say lies at an address. */
  public Content content(long address) {
    CodeSource.Module module = code.at(address).orElse(null);
    if (module == null || !module.symbols().status().isInformed()) {
      return Content.UNKNOWN;
    }
    long rva = address - module.base();
    Symbol symbol = module.symbols().nearest(rva).orElse(null);
    if (symbol == null) {
      return Content.UNKNOWN;
    }
    return switch (symbol.kind()) {
      case PROCEDURE ->
          rva == symbol.rva()
              ? Content.FUNCTION_START
              : rva - symbol.rva() < symbol.size() ? Content.INSIDE_FUNCTION : Content.NO_CODE;
      case PUBLIC_CODE, THUNK -> rva == symbol.rva() ? Content.FUNCTION_START : Content.UNKNOWN;
      case DATA, PUBLIC -> Content.NO_CODE;
      case EXPORT -> Content.UNKNOWN;
    };
  }

  /** The function that symbols say lies at an address, if they know how long it is. */
  public OptionalLong functionStart(long address) {
    Content content = content(address);
    CodeSource.Module module = code.at(address).orElse(null);
    boolean known = content == Content.FUNCTION_START || content == Content.INSIDE_FUNCTION;
    return module != null && known
        ? module.symbols().nearest(address - module.base()).stream()
            .mapToLong(s -> module.base() + s.rva())
            .findFirst()
        : OptionalLong.empty();
  }

  private Optional<Result> x64(CpuContext context, boolean returned, LongPredicate isReturn) {
    CodeSource.Module module = code.at(context.ip()).orElse(null);
    // In its prolog a function has less than its whole frame.
    if (module == null || !returned || !context.knows(Register.RSP)) {
      return Optional.empty();
    }
    OptionalLong size = module.symbols().frameSize(context.ip() - 1 - module.base());
    if (size.isEmpty() || size.getAsLong() > MAX_FRAME) {
      return Optional.empty();
    }
    long counted = context.sp() + size.getAsLong();
    for (long slot = counted; slot <= counted + PUSHED; slot += 8) {
      // Return addresses lie at odd multiples of 8.
      if ((slot & 15) == 8 && words.readable(slot, 8) && isReturn.test(slot)) {
        CpuContext caller =
            CpuContext.unknown(Arch.X64)
                .with(Register.RIP, words.u64(slot))
                .with(Register.RSP, slot + 8);
        return Optional.of(
            new Result(slot, caller, slot == counted ? Place.COUNTED : Place.SOUGHT));
      }
    }
    return Optional.empty();
  }

  /** Registers that a compiler pushes without counting them, bytes at most. */
  private static final int PUSHED = 64;

  /** No function of a kernel or a usual program has a larger frame. */
  private static final long MAX_FRAME = 1 << 20;

  private Optional<Result> x86(
      CpuContext context, boolean returned, int pushed, LongPredicate isReturn) {
    X86Rule rule = rules.at(context.ip(), returned);
    UnwindRecords.Fpo fpo = rule.fpo().orElse(null);
    boolean framed = rule.program().isPresent() && !rule.program().get().searches();
    boolean plainFpo = rule.program().isEmpty() && fpo != null && fpo.frame() == 0;
    if (rule.program().isEmpty() && !plainFpo
        || framed && !context.knows(Register.RBP)
        || !framed && !context.knows(Register.RSP)) {
      return Optional.empty();
    }
    X86State state = X86State.of(context);
    state.exact = !returned;
    state.calleeParams = Math.max(0, pushed);
    this.isReturn = isReturn;
    X86Walker.@Nullable Step step = steps.byRecord(rule, state);
    if (step == null || step.next == null) {
      return Optional.empty();
    }
    Place place =
        framed
            ? Place.FRAMED
            : step.slot == steps.recordedSlot(rule, state) && (pushed >= 0 || !returned)
                ? Place.COUNTED
                : Place.SOUGHT;
    boolean allKept = rule.program().isPresent() || fpo != null && fpo.savedRegs() == 0;
    CpuContext caller =
        CpuContext.unknown(Arch.X86)
            .with(Register.RIP, step.returnAddress)
            .with(Register.RSP, step.slot + 4);
    caller = keep(caller, context, Register.RBP, step.next.bp);
    if (allKept) {
      caller = keep(caller, context, Register.RBX, step.next.bx);
      caller = keep(caller, context, Register.RSI, step.next.si);
      caller = keep(caller, context, Register.RDI, step.next.di);
    }
    return Optional.of(new Result(step.slot, caller, place));
  }

  /** A register that was not known and is 0 now was carried through, not read. */
  private static CpuContext keep(
      CpuContext caller, CpuContext inner, Register register, long value) {
    return inner.knows(register) || value != 0 ? caller.with(register, value) : caller;
  }
}
