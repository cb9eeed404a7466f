// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The offsets of kernel structures per build, for systems whose debugger data block does not give
 * them and whose symbols are not at hand. Columns are those of {@link KernelField#column}; sources
 * and checks: dump-formats.md, 4.4; the row of 26100 was read off the structures in three real
 * small dumps, whose list pointers confirm it. Builds between two rows have the layout of the row
 * before.
 */
final class BuildTables {
  private static final String X86 =
      """
      2600 18 1c 168 28 134 12c 20 2d 34 - 5b 1ec 228 22c 84 88 174 1b0 190 14c 10 1c 868 -
      3790 18 1c 15c 20 150 148 30 2c 34 11c 5a 1f4 230 234 84 88 154 190 170 128 10 1c 888 -
      3790 18 1c 158 20 110 114 74 4c 28 128 5a 1e4 220 224 94 98 164 1a0 180 138 10 1c 948 -
      6000 28 2c 174 30 120 128 84 5c 38 144 6c 20c 240 248 9c a0 14c 188 168 124 10 1c 1988 -
      6001 28 2c 174 30 120 128 84 5c 38 144 6c 20c 240 248 9c a0 14c 188 168 124 10 1c 1a08 -
      7600 28 2c 190 30 128 130 88 68 40 150 187 22c 260 268 b4 b8 16c 1a8 188 140 3cc 18 1908 3618
      9200 20 24 28 48 6c - a8 90 70 150 18b 214 244 24c b4 b8 170 140 194 134 3cc 18 2208 4028
      9600 20 24 28 48 6c - a8 90 70 150 18b 364 394 39c b4 b8 170 140 194 134 3cc 18 2210 4068
      10240 20 24 28 48 6c - a8 90 70 150 18b 374 3a4 3ac b4 b8 170 144 194 138 3cc 18 2210 40e8
      15063 20 24 28 48 6c - a8 90 70 150 18b 37c 3ac 3b4 b4 b8 17c 14c 1a0 140 3cc 18 2210 40e8
      16299 20 24 28 48 6c - a8 90 70 150 18b 37c 3ac 3b4 b4 b8 17c 14c 1a0 140 3cc 18 2210 4128
      18362 20 24 28 48 6c - a8 90 70 150 18b 384 3b4 3bc b4 b8 17c 14c 1a0 140 3cc 18 2210 4128
      19041 20 24 28 48 6c - a8 90 70 150 18b 2ac 2dc 2e4 e4 e8 1ac 17c 1d0 170 3cc 18 2210 4168
      """;

  private static final String X64 =
      """
      3790 28 30 258 38 1c8 1d0 b0 154 48 200 92 370 3e0 3e8 d8 e0 268 2c0 290 218 4 40 1f40 -
      3790 28 30 240 38 1c8 1d0 b0 154 48 1e8 92 358 3c8 3d0 d8 e0 268 2c0 290 218 4 40 1f40 -
      6000 28 30 250 38 1c8 1d8 b0 154 48 1f8 94 380 3e0 3f0 e0 e8 238 290 260 1f0 4 40 3340 -
      6001 28 30 250 38 1c8 1d8 b0 154 48 1f8 94 380 3e0 3f0 e0 e8 238 290 260 1f0 4 40 3440 -
      7600 28 30 278 38 1d8 1e8 b8 164 50 210 26b 3b0 410 420 180 188 2e0 338 308 290 24 40 21c0 4bd8
      7600 28 30 278 38 1d8 1e8 b8 164 50 210 26b 3b8 418 428 180 188 2e0 338 308 290 24 40 21c0 53e0
      9200 28 30 38 58 90 - f0 184 98 220 283 398 3f0 400 2e0 2e8 438 3e8 470 3d0 24 40 2dc0 5968
      9600 28 30 38 58 90 - f0 184 98 220 283 620 678 688 2e0 2e8 438 3e8 470 3d0 24 40 2dd0 5980
      10240 28 30 38 58 90 - f0 184 98 220 283 628 680 690 2e8 2f0 448 3f8 480 3e0 24 40 2dd0 6280
      15063 28 30 38 58 90 - f0 184 98 220 283 638 690 6a0 2e0 2e8 450 3f8 488 3e0 24 100 2e50 6380
      16299 28 30 38 58 90 - f0 184 98 220 283 638 690 6a8 2e0 2e8 450 3f8 488 3e0 24 100 2e50 62c0
      18362 28 30 38 58 90 - f0 184 98 220 283 648 6a0 6b8 2e8 2f0 450 3f8 488 3e8 24 100 2e50 62c0
      19041 28 30 38 58 90 - f0 184 98 220 283 478 4d0 4e8 440 448 5a8 550 5e0 540 24 100 3110 85c0
      22000 28 30 38 58 90 - f0 184 98 220 283 4c8 520 538 440 448 5a8 550 5e0 540 24 100 - -
      26100 28 30 38 58 90 - f0 184 98 220 283 508 560 578 1d0 1d8 338 2e0 370 2d0 24 100 - -
      """;

  /** The layout of one build; -1 where it has no such field. */
  record Row(int build, List<Integer> offsets) {
    OptionalInt offset(int column) {
      return column < 0 || offsets.get(column) < 0
          ? OptionalInt.empty()
          : OptionalInt.of(offsets.get(column));
    }
  }

  private static final List<Row> ROWS_X86 = parse(X86);
  private static final List<Row> ROWS_X64 = parse(X64);

  private BuildTables() {}

  /**
   * The rows that may describe a build: all rows of that very build (service packs differ), or of
   * the last one before it, or of the first one of all.
   */
  static List<Row> candidates(boolean wide, int build) {
    List<Row> rows = wide ? ROWS_X64 : ROWS_X86;
    int best = rows.getFirst().build;
    for (Row row : rows) {
      if (row.build <= build) {
        best = row.build;
      }
    }
    List<Row> candidates = new ArrayList<>();
    for (Row row : rows) {
      if (row.build == best) {
        candidates.add(row);
      }
    }
    return candidates;
  }

  private static List<Row> parse(String table) {
    List<Row> rows = new ArrayList<>();
    for (String line : table.split("\n")) {
      String[] words = line.split(" ", -1);
      List<Integer> offsets = new ArrayList<>();
      for (String word : List.of(words).subList(1, words.length)) {
        offsets.add(word.equals("-") ? -1 : Integer.parseInt(word, 16));
      }
      rows.add(new Row(Integer.parseInt(words[0]), List.copyOf(offsets)));
    }
    return List.copyOf(rows);
  }
}
