// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.util.List;
import org.jkd.stack.rebuild.RebuiltFrame;

/**
 * One of the largest frames, with what its code says about it.
 *
 * @param frame the frame
 * @param where what takes the bytes, for instance {@code locals 656: add esp,0FFFFFD70h at
 *     b8d8c0ed}; empty when the code could not be read
 * @param code the instructions that make the frame, as kd prints them
 */
public record BigFrame(RebuiltFrame frame, List<String> where, List<String> code) {
  /** The function, or the place where no symbol names one. */
  public String name() {
    return frame.function().contains("!") ? frame.function() : frame.symbol();
  }
}
