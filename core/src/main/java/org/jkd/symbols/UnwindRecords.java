// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.util.List;
import java.util.Optional;

/** The x86 unwind records of a symbol file. Sizes are bytes, addresses RVAs. */
public interface UnwindRecords {
  /** No records. */
  UnwindRecords NONE =
      new UnwindRecords() {
        @Override
        public Optional<Fpo> fpo(long rva) {
          return Optional.empty();
        }

        @Override
        public Optional<FrameData> frameData(long rva) {
          return Optional.empty();
        }

        @Override
        public List<Fpo> allFpo() {
          return List.of();
        }

        @Override
        public List<FrameData> allFrameData() {
          return List.of();
        }
      };

  /** The FPO_DATA record that covers an address. */
  Optional<Fpo> fpo(long rva);

  /** The innermost FrameData record (latest start) that covers an address. */
  Optional<FrameData> frameData(long rva);

  /** All FPO records in file order. */
  List<Fpo> allFpo();

  /** All FrameData records in file order. */
  List<FrameData> allFrameData();

  /**
   * FPO_DATA (winnt.h). Locals and parameters are bytes here, DWORDs in the file.
   *
   * @param frame 0 FPO, 1 trap frame, 2 task gate, 3 non-FPO
   * @param savedRegs number of saved registers (DWORDs)
   */
  record Fpo(
      long rva,
      long size,
      long locals,
      int params,
      int prolog,
      int savedRegs,
      boolean hasSeh,
      boolean usesBp,
      int frame) {}

  /**
   * FRAMEDATA of the "new FPO" stream.
   *
   * @param program the unwind program, for instance {@code $T0 .raSearch = $eip $T0 ^ = …}
   * @param flags 1 SEH, 2 C++ EH, 4 function start
   */
  record FrameData(
      long rva,
      long size,
      long locals,
      long params,
      long maxStack,
      String program,
      int prolog,
      int savedRegs,
      int flags) {}
}
