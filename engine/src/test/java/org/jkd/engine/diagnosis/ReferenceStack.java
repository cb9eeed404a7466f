// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.stack.rebuild.RebuiltFrame;
import org.jkd.stack.rebuild.RebuiltStack;
import org.jkd.stack.rebuild.Trust;

/** The rebuilt stack of the reference case, made from the rows of its published listing. */
final class ReferenceStack {
  private static final long BASE = 0xb8ae9000L;
  private static final long LIMIT = 0xb8ae6000L;

  private ReferenceStack() {}

  static RebuiltStack read(Path frames) throws Exception {
    List<String[]> rows = new ArrayList<>();
    for (String line : Files.readAllLines(frames)) {
      if (!line.startsWith("memory")) {
        rows.add(line.split("\t", -1));
      }
    }
    List<RebuiltFrame> result = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      result.add(frame(rows, i));
    }
    return new RebuiltStack(
        OptionalLong.empty(),
        BASE,
        LIMIT,
        OptionalLong.of(LIMIT),
        result,
        List.of(),
        List.of(),
        List.of());
  }

  private static RebuiltFrame frame(List<String[]> rows, int i) {
    String[] row = rows.get(i);
    String symbol = row[3];
    String function = symbol.contains("!") ? symbol.replaceAll("\\+0x[0-9a-f]+$", "") : symbol;
    String module = symbol.startsWith("0x") ? "" : symbol.split("[!+]", 2)[0];
    String inner = i == 0 ? "" : rows.get(i - 1)[3];
    RebuiltFrame.Kind kind =
        inner.contains("KiTrap0E")
            ? RebuiltFrame.Kind.TRAP
            : inner.contains("KiFastCallEntry")
                ? RebuiltFrame.Kind.SYSCALL
                : RebuiltFrame.Kind.CALL;
    long child = Long.parseLong(row[1], 16);
    OptionalLong slot =
        i == 0
            ? OptionalLong.of(0xb8ae60f0L)
            : OptionalLong.of(Long.parseLong(rows.get(i - 1)[1], 16) + 4);
    return new RebuiltFrame(
        i,
        i == 0 ? 0x8081df65L : Long.parseLong(rows.get(i - 1)[2], 16),
        slot,
        OptionalLong.of(child),
        OptionalLong.of(Long.parseLong(row[2], 16)),
        OptionalLong.empty(),
        module,
        symbol,
        function,
        row[0].isEmpty() ? 0 : Long.parseLong(row[0], 16),
        kind,
        Trust.EXACT,
        30,
        10,
        OptionalLong.empty(),
        List.of(),
        Optional.empty());
  }
}
