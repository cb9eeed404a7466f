// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jkd.symbols.SourceLine;

/** Which code was made of which line, of all units, by address. */
final class LineTable {
  private final List<String> files = new ArrayList<>();
  private final List<Sequence> sequences = new ArrayList<>();
  private long[] rva = new long[64];
  private int[] file = new int[64];
  private int[] line = new int[64];
  private int count;
  private boolean sorted;

  /**
   * Rows in ascending order of address.
   *
   * @param first its first row
   * @param last its last row, which only says where the code ends
   */
  private record Sequence(int first, int last, long from, long to) {}

  /** The number of a file that the lines refer to. */
  int file(String path) {
    files.add(path);
    return files.size() - 1;
  }

  String path(int number) {
    return number >= 0 && number < files.size() ? files.get(number) : "";
  }

  int rows() {
    return count;
  }

  void add(long address, int fileNumber, int lineNumber) {
    if (count == rva.length) {
      rva = Arrays.copyOf(rva, 2 * count);
      file = Arrays.copyOf(file, 2 * count);
      line = Arrays.copyOf(line, 2 * count);
    }
    rva[count] = address;
    file[count] = fileNumber;
    line[count++] = lineNumber;
  }

  /** The rows from one on are a sequence if they lie in the image; else they are dropped. */
  void endSequence(int first) {
    int last = count - 1;
    if (last <= first || rva[first] < 0 || rva[last] <= rva[first] || rva[last] > 0xffff_ffffL) {
      count = first;
      return;
    }
    sequences.add(new Sequence(first, last, rva[first], rva[last]));
    sorted = false;
  }

  /** The last row at or below an address, in the sequence that contains it; −1 without one. */
  private int row(long address) {
    if (!sorted) {
      sequences.sort(Comparator.comparingLong(Sequence::from));
      sorted = true;
    }
    int low = 0;
    int high = sequences.size() - 1;
    while (low <= high) {
      int mid = (low + high) >>> 1;
      if (sequences.get(mid).from <= address) {
        low = mid + 1;
      } else {
        high = mid - 1;
      }
    }
    if (high < 0 || address >= sequences.get(high).to) {
      return -1;
    }
    int a = sequences.get(high).first;
    int b = sequences.get(high).last;
    while (a < b) {
      int mid = (a + b + 1) >>> 1;
      if (rva[mid] <= address) {
        a = mid;
      } else {
        b = mid - 1;
      }
    }
    return a;
  }

  /** The line of an address; empty where the compiler gave none. */
  Optional<SourceLine> at(long address) {
    int row = row(address);
    if (row < 0 || line[row] == 0) {
      return Optional.empty();
    }
    int next = row + 1;
    while (next < count && rva[next] == rva[row]) {
      next++;
    }
    long size = next < count ? Math.max(0, rva[next] - rva[row]) : 0;
    return Optional.of(new SourceLine(path(file[row]), line[row], rva[row], size));
  }

  /** The addresses where a line begins, of files whose paths end like one. */
  List<Long> starts(String name, int number) {
    List<Long> result = new ArrayList<>();
    String wanted = name.replace('\\', '/');
    for (Sequence s : sequences) {
      for (int i = s.first; i < s.last; i++) {
        boolean again = i > s.first && line[i - 1] == number && file[i - 1] == file[i];
        if (line[i] == number && !again && ends(path(file[i]), wanted)) {
          result.add(rva[i]);
        }
      }
    }
    return result.stream().sorted().distinct().toList();
  }

  private static boolean ends(String path, String name) {
    String p = path.replace('\\', '/');
    return p.length() >= name.length()
        && p.regionMatches(true, p.length() - name.length(), name, 0, name.length())
        && (p.length() == name.length() || p.charAt(p.length() - name.length() - 1) == '/');
  }
}
