// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jkd.image.FormatException;

/**
 * The jumps through which an incrementally linked image calls its functions (S_TRAMPOLINE): the
 * linker's own compiland lists them. Addresses are those of the image as it was linked.
 */
public final class Trampolines {
  /** The compiland in which linkers leave what is theirs. */
  private static final String LINKER = "* Linker *";

  /** Kind of a jump for incremental linking; others bridge distances between branches. */
  private static final int INCREMENTAL = 0;

  private static final int RECORD_SIZE = 20;
  private static final int MAX_JUMPS = 1 << 20;

  /**
   * A jump.
   *
   * @param start RVA
   * @param size bytes
   * @param target RVA of the function
   */
  public record Jump(long start, int size, long target) {}

  /** In ascending order. */
  private final List<Jump> jumps = new ArrayList<>();

  Trampolines(Pdb pdb) {
    SectionTable sections = pdb.sections().orElse(null);
    List<ModuleInfo> modules = pdb.modules();
    for (int m = 0; m < modules.size() && sections != null; m++) {
      if (modules.get(m).hasSymbols() && modules.get(m).name().equals(LINKER)) {
        read(pdb, m, sections);
      }
    }
    jumps.sort(Comparator.comparingLong(Jump::start));
  }

  private void read(Pdb pdb, int module, SectionTable sections) {
    try {
      MsfStream s = pdb.moduleStream(module);
      long end = Math.min(pdb.modules().get(module).symbolBytes(), s.size());
      long p = 4;
      while (p + 4 <= end && s.u16(p) >= 2 && jumps.size() < MAX_JUMPS) {
        if (s.u16(p + 2) == CodeView.S_TRAMPOLINE
            && s.has(p, RECORD_SIZE)
            && s.u16(p + 4) == INCREMENTAL) {
          long start = sections.rva(s.u16(p + 16), s.u32(p + 8));
          long target = sections.rva(s.u16(p + 18), s.u32(p + 12));
          if (start >= 0 && target >= 0) {
            jumps.add(new Jump(start, s.u16(p + 6), target));
          }
        }
        p += s.u16(p) + 2L;
      }
    } catch (FormatException e) {
      // Those behind the damage have no names; what the address belongs to otherwise is shown.
      return;
    }
  }

  /** All jumps in ascending order. */
  public List<Jump> all() {
    return jumps;
  }

  /** The place of the last jump at or below an address; −1 for none. */
  private int floor(long rva) {
    int low = 0;
    int high = jumps.size();
    while (low < high) {
      int mid = (low + high) >>> 1;
      if (jumps.get(mid).start <= rva) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    return low - 1;
  }

  /** The jump that holds an address. */
  public Optional<Jump> at(long rva) {
    int i = floor(rva);
    return i < 0 || rva - jumps.get(i).start >= jumps.get(i).size
        ? Optional.empty()
        : Optional.of(jumps.get(i));
  }

  /** The first jump above an address. */
  public Optional<Jump> above(long rva) {
    int i = floor(rva) + 1;
    return i < jumps.size() ? Optional.of(jumps.get(i)) : Optional.empty();
  }
}
