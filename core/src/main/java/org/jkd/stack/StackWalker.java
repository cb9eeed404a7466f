// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.cpu.Register;
import org.jkd.image.Memory;

/**
 * Walks stacks as kd does.
 *
 * <p>{@code k} starts from the registers of the current context; {@code k = Base Sp Ip} from {@link
 * #x86Start}, {@code k = Sp Ip} from {@link #x64Start}. A walk stops where kd's would: nothing is
 * searched for beyond what the records leave open.
 */
public final class StackWalker {
  /** More frames than any stack holds; walks of hostile memory end here. */
  public static final int MAX_FRAMES = 1 << 22;

  private final Arch arch;
  private final Memory memory;
  private final CodeSource code;
  private final StackEnvironment environment;

  /** A walker over one target's memory, modules and machine. */
  public StackWalker(Arch arch, Memory memory, CodeSource code, StackEnvironment environment) {
    this.arch = arch;
    this.memory = memory;
    this.code = code;
    this.environment = environment;
  }

  /** The start of {@code k = Base Sp Ip}. */
  public static CpuContext x86Start(long base, long sp, long ip) {
    return CpuContext.unknown(Arch.X86)
        .with(Register.RBP, base)
        .with(Register.RSP, sp)
        .with(Register.RIP, ip);
  }

  /** The start of {@code k = Sp Ip}. */
  public static CpuContext x64Start(long sp, long ip) {
    return CpuContext.unknown(Arch.X64).with(Register.RSP, sp).with(Register.RIP, ip);
  }

  /** Walks at most {@code maxFrames} frames, the innermost first. */
  public CallStack walk(CpuContext start, int maxFrames) {
    int limit = Math.min(maxFrames, MAX_FRAMES);
    return switch (arch) {
      case X86 -> new X86Walker(memory, code, environment).walk(start, limit);
      case X64 -> new X64Walker(memory, code, environment).walk(start, limit);
      case ARM64 ->
          new CallStack(
              arch, List.of(), List.of("stacks of ARM64 are not walked"), CallStack.End.NO_WALKER);
    };
  }

  /** The registers of a frame of the walk from {@code start}, as far as they are known. */
  public Optional<CpuContext> registers(CpuContext start, int index) {
    return switch (arch) {
      case X86 -> X86Walker.registers(memory, code, environment, start, index);
      case X64 -> X64Walker.registers(memory, code, environment, start, index);
      case ARM64 -> Optional.empty();
    };
  }
}
