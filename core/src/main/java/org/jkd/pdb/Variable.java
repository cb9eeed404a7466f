// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.List;

/**
 * A parameter or local variable of a procedure.
 *
 * @param type type index
 * @param parameter true for a parameter
 * @param places where it is at the address that was asked about; several when it is split into
 *     parts; none when the compiler kept it nowhere
 */
public record Variable(String name, int type, boolean parameter, List<Place> places) {
  /** The part that is no part: all of the variable. */
  public static final int WHOLE = -1;

  /** Where a variable is, or a part of it. */
  public sealed interface Place {
    /** Bytes from the variable's start, or {@link #WHOLE}. */
    int part();
  }

  /**
   * In a register.
   *
   * @param register CodeView's number, see {@link #VFRAME}
   */
  public record InRegister(int register, int part) implements Place {}

  /** In memory at a register plus an offset. */
  public record Relative(int register, long offset, int part) implements Place {}

  /**
   * In memory at the base of the frame plus an offset; which register that is, the procedure's
   * S_FRAMEPROC says.
   */
  public record FrameRelative(long offset, int part) implements Place {}

  /** In the image. */
  public record Static(int segment, long offset, int part) implements Place {}

  /** The virtual frame of x86: the address of the return address, {@code $T0} of FrameData. */
  public static final int VFRAME = 30006;
}
