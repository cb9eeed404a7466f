// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs the line program of a unit. */
final class LineReader {
  /** DW_LNCT: what is told of a file. */
  private static final int PATH = 1;

  private static final int DIRECTORY = 2;
  private static final int MAX_FILES = 1 << 20;

  private final Unit unit;
  private final LineTable table;
  private final Cursor in;
  private final long end;
  private final int version;
  private final int offsetSize;
  private final int addressSize;

  /** Numbers in the table of the files of this program. */
  private final Map<Integer, Integer> files = new HashMap<>();

  private long address;
  private int file;
  private int line;
  private int first;

  private LineReader(Unit unit, LineTable table) {
    this.unit = unit;
    this.table = table;
    this.in = new Cursor(unit.sections.line(), unit.lines);
    Unit.Length length = Unit.Length.read(in, unit.sections.line());
    this.end = length.end();
    this.offsetSize = length.offsetSize();
    this.version = in.u16();
    if (version < 2 || version > 5) {
      throw in.broken("line program of version " + version);
    }
    if (version >= 5) {
      this.addressSize = in.u8();
      in.u8();
    } else {
      this.addressSize = unit.addressSize;
    }
  }

  /**
   * Adds the rows of a unit's program to a table.
   *
   * @return the table's numbers of the unit's files, by which calls of inlined functions are told
   */
  static Map<Integer, Integer> read(Unit unit, LineTable table) {
    LineReader reader = new LineReader(unit, table);
    reader.run();
    return reader.files;
  }

  private void run() {
    long headerLength = in.number(offsetSize);
    long program = in.at() + headerLength;
    int instruction = in.u8();
    if (version >= 4) {
      in.u8();
    }
    in.u8();
    int lineBase = in.i8();
    int lineRange = in.u8();
    int opcodeBase = in.u8();
    int[] operands = new int[Math.max(1, opcodeBase)];
    for (int i = 1; i < opcodeBase; i++) {
      operands[i] = in.u8();
    }
    if (version >= 5) {
      newFiles();
    } else {
      oldFiles();
    }
    in.go(program);
    restart();
    while (in.at() < end) {
      int opcode = in.u8();
      if (opcode >= opcodeBase) {
        if (lineRange == 0) {
          throw in.broken("a line range of 0");
        }
        int adjusted = opcode - opcodeBase;
        address += (long) (adjusted / lineRange) * instruction;
        line += lineBase + adjusted % lineRange;
        row();
      } else {
        standard(
            opcode, instruction, lineRange == 0 ? 0 : (255 - opcodeBase) / lineRange, operands);
      }
    }
    table.endSequence(first);
  }

  private void restart() {
    address = 0;
    file = 1;
    line = 1;
    first = table.rows();
  }

  private void row() {
    // What the linker left out lies at 0, outside of the image.
    table.add(
        address == 0 ? -1 : address - unit.sections.imageBase(),
        files.getOrDefault(file, -1),
        Math.max(0, line));
  }

  private void standard(int opcode, int instruction, int constant, int[] operands) {
    switch (opcode) {
      case 0 -> extended();
      case 1 -> row();
      case 2 -> address += in.uleb() * instruction;
      case 3 -> line += (int) in.sleb();
      case 4 -> file = in.small();
      case 5, 12 -> in.uleb();
      case 6, 7, 10, 11 -> {
        // Statements, blocks, prologues and epilogues do not matter here.
      }
      case 8 -> address += (long) constant * instruction;
      case 9 -> address += in.u16();
      default -> {
        for (int i = 0; i < operands[opcode]; i++) {
          in.uleb();
        }
      }
    }
  }

  private void extended() {
    long length = in.uleb();
    long next = in.at() + length;
    if (length <= 0 || next > end) {
      throw in.broken("an instruction of " + Long.toUnsignedString(length) + " bytes");
    }
    int opcode = in.u8();
    if (opcode == 1) {
      row();
      table.endSequence(first);
      restart();
    } else if (opcode == 2) {
      address = in.number((int) Math.min(addressSize, length - 1));
    }
    in.go(next);
  }

  private String joined(String folder, String name) {
    boolean absolute =
        name.startsWith("/") || name.startsWith("\\") || name.length() > 1 && name.charAt(1) == ':';
    return absolute || folder.isEmpty() ? name : folder + "/" + name;
  }

  /** Folders, then files with the number of their folder; 0 is where the compiler ran. */
  private void oldFiles() {
    List<String> folders = new ArrayList<>();
    folders.add(unit.folder);
    for (String s = in.string(); !s.isEmpty(); s = in.string()) {
      folders.add(joined(unit.folder, s));
    }
    int number = 1;
    for (String s = in.string(); !s.isEmpty(); s = in.string()) {
      int folder = in.small();
      in.uleb();
      in.uleb();
      files.put(number++, table.file(joined(at(folders, folder), s)));
    }
  }

  private static String at(List<String> list, int i) {
    return i < list.size() ? list.get(i) : "";
  }

  private void newFiles() {
    List<String> folders = new ArrayList<>();
    for (Named n : named()) {
      folders.add(folders.isEmpty() ? n.name : joined(folders.getFirst(), n.name));
    }
    int number = 0;
    for (Named n : named()) {
      files.put(number++, table.file(joined(at(folders, n.folder), n.name)));
    }
  }

  private record Named(String name, int folder) {}

  /** A list whose entries have what the list itself says before them. */
  private List<Named> named() {
    int formats = in.u8();
    int[] contents = new int[formats];
    int[] forms = new int[formats];
    for (int i = 0; i < formats; i++) {
      contents[i] = in.small();
      forms[i] = in.small();
    }
    int count = in.small();
    if (count > MAX_FILES || formats == 0 && count > 0) {
      throw in.broken(count + " files");
    }
    List<Named> result = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "";
      int folder = 0;
      for (int f = 0; f < formats; f++) {
        if (forms[f] == Form.STRING) {
          String s = in.string();
          name = contents[f] == PATH ? s : name;
          continue;
        }
        long value = unit.value(in, forms[f]);
        if (contents[f] == PATH) {
          @Nullable String s = unit.text(forms[f], value);
          name = s == null ? "" : s;
        } else if (contents[f] == DIRECTORY) {
          folder = (int) Math.max(0, Math.min(value, MAX_FILES));
        }
      }
      result.add(new Named(name, folder));
    }
    return result;
  }
}
