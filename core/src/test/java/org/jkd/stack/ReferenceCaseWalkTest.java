// SPDX-License-Identifier: Apache-2.0
package org.jkd.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jkd.cpu.Arch;
import org.jkd.image.Memory;
import org.jkd.sample.SharedFolder;
import org.jkd.symbols.SymbolStatus;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The 118 rows of the reference case from a stack that holds what those rows imply. */
class ReferenceCaseWalkTest {
  private record Row(String memory, long base, long ret, String symbol, String note) {}

  /** Trap frames by the row that built them; the case's README names their addresses. */
  private static final Map<Long, Long> TRAP_FRAMES =
      Map.of(
          0xb8ae64b0L, 0xb8ae64c8L,
          0xb8ae7194L, 0xb8ae71acL,
          0xb8ae7cb0L, 0xb8ae7cbcL,
          0xb8ae8d34L, 0xb8ae8d64L);

  @Test
  void printsEveryRowOfTheCase() throws IOException {
    Optional<Path> folder = SharedFolder.find("case");
    Assumptions.assumeTrue(folder.isPresent(), "needs ../shared/case");
    List<Row> rows = rows(folder.get());
    assertEquals(118, rows.size());
    SparseMemory memory = stack(rows);
    Map<String, ListedModule> modules = modules(folder.get(), memory);
    CodeSource code = ListedModule.source(List.copyOf(modules.values()));

    CallStack stack =
        new StackWalker(Arch.X86, memory, code, StackEnvironment.NONE)
            .walk(StackWalker.x86Start(0xb8ae6100L, 0xb8ae60ecL, 0x8081df65L), 0x200);

    List<String> expected = new ArrayList<>();
    List<String> actual = new ArrayList<>();
    for (Row row : rows) {
      expected.add(
          "%s|%x|%x|%x|%s"
              .formatted(row.memory, row.base, row.ret, address(modules, row.symbol), row.note));
    }
    for (Frame frame : stack.frames()) {
      actual.add(
          "%s|%x|%x|%x|%s"
              .formatted(
                  frame.distance().isPresent()
                      ? Long.toHexString(frame.distance().getAsLong())
                      : "",
                  frame.base(),
                  frame.returnAddress(),
                  frame.ip(),
                  frame.warning().isPresent() ? "warning-before" : ""));
    }
    assertLinesMatch(expected, actual);
    assertEquals(
        TRAP_FRAMES.values().stream().sorted().toList(),
        stack.frames().stream()
            .filter(f -> f.trapFrame().isPresent())
            .map(f -> f.trapFrame().getAsLong())
            .toList());
    assertEquals(2, stack.frames().stream().filter(f -> f.kind() == Frame.Kind.SYSCALL).count());
    assertTrue(
        stack.frames().stream()
            .flatMap(f -> f.warning().stream())
            .allMatch(w -> w == StackWarning.NO_UNWIND_INFORMATION));
  }

  private static List<Row> rows(Path folder) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : tsv(folder, "frames.tsv")) {
      String[] f = line.split("\t", -1);
      rows.add(new Row(f[0], hex(f[1]), hex(f[2]), f[3], f[4]));
    }
    return rows;
  }

  /** Saved EBPs, return addresses and trap frames, as the rows imply them. */
  private static SparseMemory stack(List<Row> rows) {
    SparseMemory memory = new SparseMemory();
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      if (row.base < 0x80000000L) {
        continue; // the user's stack is not in the dump
      }
      Long trapFrame = i > 0 && rows.get(i - 1).base == row.base ? TRAP_FRAMES.get(row.base) : null;
      if (trapFrame != null) {
        boolean user = row.ret < 0x80000000L;
        boolean stub = rows.get(i + 1).symbol.startsWith("nt!Zw");
        memory
            .put32(trapFrame + 0x8, 0xbadb0d00L)
            .put32(trapFrame + 0x54, 0x1)
            .put32(trapFrame + 0x58, 0x2)
            .put32(trapFrame + 0x5c, 0x3)
            .put32(trapFrame + 0x60, rows.get(stub ? i + 2 : i + 1).base)
            .put32(trapFrame + 0x68, row.ret)
            .put32(trapFrame + 0x6c, user ? 0x1b : 0x8)
            .put32(trapFrame + 0x70, 0x246);
        if (user) {
          memory.put32(trapFrame + 0x74, 0x0335e500L).put32(trapFrame + 0x78, 0x23);
        }
        continue;
      }
      boolean trapFollows = rows.get(i + 1).base == row.base;
      boolean stub = row.symbol.startsWith("nt!Zw");
      if (!stub) {
        memory.put32(
            row.base,
            trapFollows ? Objects.requireNonNull(TRAP_FRAMES.get(row.base)) : rows.get(i + 1).base);
      }
      memory.put32(row.base + 4, row.ret);
    }
    return memory;
  }

  private static Map<String, ListedModule> modules(Path folder, Memory memory) throws IOException {
    Map<String, ListedModule> modules = new TreeMap<>();
    modules.put("nt", module("nt", 0x80800000L, 0x270000, SymbolStatus.PUBLIC, memory));
    modules.put("Ntfs", module("Ntfs", 0xbae10000L, 0x90000, SymbolStatus.PUBLIC, memory));
    modules.put("fltmgr", module("fltmgr", 0xf7a20000L, 0x20000, SymbolStatus.PUBLIC, memory));
    for (String line : tsv(folder, "modules.tsv")) {
      String[] f = line.split("\t", -1);
      modules.put(f[0], module(f[0], hex(f[1]), 0x30000, SymbolStatus.EXPORT, memory));
    }
    for (String line : tsv(folder, "symbols.tsv")) {
      String[] f = line.split("\t", -1);
      String[] name = f[0].split("!", 2);
      Objects.requireNonNull(modules.get(name[0])).symbol(name[1], hex(f[1]));
    }
    return modules;
  }

  private static ListedModule module(
      String name, long base, long size, SymbolStatus status, Memory memory) {
    return new ListedModule(name, base, size, status, memory);
  }

  /** The address of {@code module!function+0x…}, {@code module+0x…} or {@code 0x…}. */
  private static long address(Map<String, ListedModule> modules, String text) {
    if (text.startsWith("0x")) {
      return hex(text.substring(2));
    }
    String[] parts = text.split("\\+0x", 2);
    String[] name = parts[0].split("!", 2);
    ListedModule module = Objects.requireNonNull(modules.get(name[0]));
    long start =
        name.length == 1 ? 0 : module.named(name[1]).orElseThrow(AssertionError::new).rva();
    return module.base() + start + hex(parts[1]);
  }

  private static List<String> tsv(Path folder, String name) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve(name));
    return lines.subList(1, lines.size());
  }

  private static long hex(String text) {
    return Long.parseLong(text.toLowerCase(Locale.ROOT), 16);
  }
}
