// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.cpu.Arch;

/**
 * Where the fields of kernel structures lie in this system. The debugger data block is asked first,
 * because it is part of the very kernel; then the symbols' types; then the tables per build.
 */
final class KernelLayout {
  private final Map<KernelField, Integer> offsets = new EnumMap<>(KernelField.class);
  private final Arch arch;
  private final int variants;

  /**
   * @param variant which of several tables for the same build number is taken, best one first
   */
  KernelLayout(Arch arch, int build, Optional<DebuggerData> data, Layouts types, int variant) {
    this.arch = arch;
    List<BuildTables.Row> rows = rows(arch, build, data);
    Optional<BuildTables.Row> row =
        variant < rows.size() ? Optional.of(rows.get(variant)) : Optional.empty();
    this.variants = rows.size();
    for (KernelField field : KernelField.values()) {
      OptionalInt offset = fromDebuggerData(field, data);
      if (offset.isEmpty()) {
        OptionalLong typed = types.offset(field.type(), field.path());
        offset = typed.isPresent() ? OptionalInt.of((int) typed.getAsLong()) : OptionalInt.empty();
      }
      if (offset.isEmpty() && row.isPresent()) {
        offset = row.get().offset(field.column());
      }
      if (offset.isPresent()) {
        offsets.put(field, offset.getAsInt());
      }
    }
    derive(build);
  }

  /** The offset in bytes, or empty when nothing tells it. */
  OptionalInt offset(KernelField field) {
    Integer offset = offsets.get(field);
    return offset == null ? OptionalInt.empty() : OptionalInt.of(offset);
  }

  /** Offsets that follow from others, or that never changed on an architecture. */
  private void derive(int build) {
    boolean wide = arch == Arch.X64;
    if (arch == Arch.ARM64) {
      offsets.putIfAbsent(KernelField.DIRECTORY_TABLE_BASE, 0x28);
      return;
    }
    offsets.putIfAbsent(KernelField.DIRECTORY_TABLE_BASE, wide ? 0x28 : 0x18);
    offsets.putIfAbsent(KernelField.PRCB_CURRENT_THREAD, wide ? 8 : 4);
    offsets.putIfAbsent(KernelField.PRCB_IDLE_THREAD, wide ? 0x18 : 0xc);
    offsets.putIfAbsent(KernelField.PCR_PRCB, wide ? 0x180 : 0x120);
    Integer apc = offsets.get(KernelField.APC_STATE);
    if (apc != null) {
      offsets.putIfAbsent(KernelField.APC_PROCESS, apc + (wide ? 0x20 : 0x10));
    }
    if (!wide && build < 3790) {
      // Before Windows Server 2003 a thread had its owner only in its executive part.
      offsets.putIfAbsent(KernelField.OWNER_PROCESS, 0x220);
    }
    Integer state = offsets.get(KernelField.PRCB_STATE);
    if (state != null) {
      int special = build >= 9200 ? 0xf0 : 0xe0;
      offsets.putIfAbsent(KernelField.PRCB_STATE_CONTEXT, state + (wide ? special : 0));
      offsets.putIfAbsent(KernelField.PRCB_STATE_SPECIAL, state + (wide ? 0 : 0x2cc));
    }
  }

  private static OptionalInt fromDebuggerData(KernelField field, Optional<DebuggerData> data) {
    int place = field.debuggerData();
    if (place == 0 || data.isEmpty()) {
      return OptionalInt.empty();
    }
    OptionalInt offset = place > 0 ? data.get().offset16(place) : data.get().offset32(-place);
    return offset.isPresent() && offset.getAsInt() > 0 ? offset : OptionalInt.empty();
  }

  /** How many tables there are for this build number. */
  int variants() {
    return variants;
  }

  /** The tables for a build number, those that agree best with the debugger data first. */
  private static List<BuildTables.Row> rows(Arch arch, int build, Optional<DebuggerData> data) {
    if (arch == Arch.ARM64) {
      return List.of();
    }
    List<BuildTables.Row> rows = new ArrayList<>();
    for (BuildTables.Row row : BuildTables.candidates(arch == Arch.X64, build).reversed()) {
      int at = rows.size();
      while (at > 0 && agreement(rows.get(at - 1), data) < agreement(row, data)) {
        at--;
      }
      rows.add(at, row);
    }
    return rows;
  }

  private static int agreement(BuildTables.Row row, Optional<DebuggerData> data) {
    int score = 0;
    for (KernelField field : KernelField.values()) {
      OptionalInt told = fromDebuggerData(field, data);
      if (told.isPresent() && told.equals(row.offset(field.column()))) {
        score++;
      }
    }
    return score;
  }
}
