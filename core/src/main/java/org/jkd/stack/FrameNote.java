// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What {@code kv} says about a row after its symbol. */
public sealed interface FrameNote {
  /** kd's words, parentheses included, without the blank before them. */
  String text();

  /** A function with an EBP frame. */
  record NonFpo() implements FrameNote {
    @Override
    public String text() {
      return "(FPO: [Non-Fpo])";
    }
  }

  /**
   * A function without an EBP frame.
   *
   * @param params DWORDs of parameters
   * @param locals DWORDs of local variables
   * @param savedRegs registers saved
   * @param savedEbp the EBP of the caller, if the function uses EBP for something else
   */
  record Fpo(int params, int locals, int savedRegs, OptionalLong savedEbp) implements FrameNote {
    @Override
    public String text() {
      String record = String.format(Locale.ROOT, "[%d,%d,%d]", params, locals, savedRegs);
      return savedEbp.isPresent()
          ? "(FPO: [EBP 0x%08x] %s)".formatted(savedEbp.getAsLong(), record)
          : "(FPO: " + record + ")";
    }
  }

  /** An FPO record that says no more than that the function has an exception handler. */
  record Seh() implements FrameNote {
    @Override
    public String text() {
      return "(FPO: [SEH])";
    }
  }

  /**
   * A function that built a trap frame.
   *
   * @param address the trap frame
   * @param params DWORDs of parameters by its FPO record; empty on x64, where kd prints the address
   *     alone
   * @param locals DWORDs of local variables by its FPO record
   */
  record Trap(long address, OptionalInt params, int locals) implements FrameNote {
    @Override
    public String text() {
      return params.isPresent()
          ? "(FPO: [%d,%d] TrapFrame @ %08x)".formatted(params.getAsInt(), locals, address)
          : "(TrapFrame @ %08x`%08x)".formatted(address >>> 32, address & 0xffff_ffffL);
    }
  }

  /**
   * A function that was entered through a task gate.
   *
   * @param selector of the task that was interrupted
   */
  record TaskGate(int selector) implements FrameNote {
    @Override
    public String text() {
      return "(FPO: TaskGate %x:0)".formatted(selector);
    }
  }
}
