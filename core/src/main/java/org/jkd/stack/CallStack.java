// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import java.util.List;
import org.jkd.cpu.Arch;

/**
 * A walked stack, innermost frame first.
 *
 * @param notes what the walk lacked, one line each, for people: for instance which module has no
 *     unwind information
 * @param end why the walk ended
 */
public record CallStack(Arch arch, List<Frame> frames, List<String> notes, End end) {
  /** Copies the lists. */
  public CallStack {
    frames = List.copyOf(frames);
    notes = List.copyOf(notes);
  }

  /** Why a walk ended. */
  public enum End {
    /** The return address was 0, as at a thread's start. */
    RETURN_ADDRESS_ZERO,
    /** The place of the next return address cannot be read. */
    UNREADABLE,
    /** The next frame would not lie further out on the stack. */
    NO_PROGRESS,
    /** As many frames as were asked for. */
    FRAME_COUNT,
    /** This architecture's stacks are not walked. */
    NO_WALKER
  }
}
