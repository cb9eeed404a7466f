// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack.rebuild;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.jkd.code.CallSite;
import org.jkd.code.StackState;
import org.jkd.cpu.CpuContext;
import org.jkd.stack.RecordUnwind;
import org.jkd.stack.VirtualUnwind;

/** What rebuilding wants to know about code; {@link AnalysedCode} answers from org.jkd.code. */
interface CodeFacts {
  /** What an address can be, as code. */
  enum Place {
    /** No code: outside modules, or in a section that is not executable. */
    NONE,
    /** In a module, but nothing says whether this part is code. */
    POSSIBLE,
    /** In an executable section, or in memory that holds code for certain. */
    CODE
  }

  /** Whether control that enters at one address can be at another without a return in between. */
  enum Reach {
    NO,
    UNKNOWN,
    /** The bytes are missing; the distance is that of a function. */
    NEAR,
    /** Over tail calls or thunks. */
    JUMPS,
    YES
  }

  /** What an address is. */
  Place place(long address);

  /** True when the byte at the address is known. */
  boolean readable(long address);

  /** The start of the function that contains an address. */
  OptionalLong functionStart(long address);

  /** True when symbols say that a function starts at the address. */
  boolean startsFunction(long address);

  /** The call before a return address; empty when there is none or its bytes are missing. */
  Optional<CallSite> callBefore(long returnAddress);

  /** How the frame lies at an instruction, or, for a return address, at the call before it. */
  Optional<StackState> layout(long ip, boolean returned);

  /** Whether what a call calls can stand at {@code ip}. */
  Reach reach(CallSite call, long ip);

  /** True when what a call calls goes on to another stack and calls something there. */
  boolean switchesStack(CallSite call);

  /** True when the instruction at an address is a near return. */
  boolean isReturn(long address);

  /** Unwinding by what symbols say, whether code is at hand or not. */
  Optional<RecordUnwind.Result> record(Point point, LongPredicate isReturn);

  /** True when symbols say that a place is in the code that enters the system for a service. */
  boolean isService(long ip, boolean returned);

  /** Bytes of arguments that the x86 function at a place takes, by symbols; −1 when unknown. */
  int parameterBytes(long ip, boolean returned);

  /** Virtual unwinding by the image's own records; x64. */
  Optional<VirtualUnwind.Result> unwind(CpuContext context, boolean returned);
}
