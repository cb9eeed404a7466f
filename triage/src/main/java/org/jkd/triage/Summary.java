// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts rows by a key: what the table at the end of a run shows. */
final class Summary {
  private final List<String> keys;
  private final Map<String, Group> groups = new HashMap<>();
  private final Map<String, Integer> failures = new TreeMap<>();
  private int rows;

  /**
   * The rows of one key.
   *
   * @param first and
   * @param last day on which such a system stopped, or empty
   * @param example a file
   */
  record Group(String name, int count, String first, String last, String example) {
    Group merged(Group other) {
      return new Group(
          name,
          count + other.count,
          first.isEmpty() || !other.first.isEmpty() && other.first.compareTo(first) < 0
              ? other.first
              : first,
          other.last.compareTo(last) > 0 ? other.last : last,
          example.compareTo(other.example) <= 0 ? example : other.example);
    }
  }

  /**
   * @param keys names of columns
   */
  Summary(List<String> keys) {
    this.keys = List.copyOf(keys);
  }

  void add(Map<String, Object> row) {
    rows++;
    String category = Rows.text(row, "category");
    if (!category.isEmpty()) {
      failures.merge(category, 1, Integer::sum);
    }
    String name =
        String.join(
            " | ",
            keys.stream()
                .map(k -> Rows.text(row, k))
                .map(v -> v.isEmpty() ? "(none)" : v)
                .toList());
    String day = Rows.text(row, "day");
    groups.merge(name, new Group(name, 1, day, day, Rows.text(row, "path")), Group::merged);
  }

  /** The largest groups first; equal ones by name. */
  List<Group> largest(int count) {
    List<Group> all = new ArrayList<>(groups.values());
    all.sort(Comparator.comparingInt(Group::count).reversed().thenComparing(Group::name));
    return all.subList(0, Math.min(count, all.size()));
  }

  /** The table. */
  String table(int count) {
    StringBuilder out = new StringBuilder();
    out.append(rows).append(" dumps in ").append(groups.size()).append(" groups by ");
    out.append(String.join(", ", keys)).append('\n');
    out.append("   count  first       last        ").append(String.join(" | ", keys)).append('\n');
    for (Group g : largest(count)) {
      out.append(
          String.format("%8d  %-10s  %-10s  %s%n", g.count, g.first, g.last, g.name)
              .replace("\r\n", "\n"));
    }
    if (groups.size() > count) {
      out.append("          ... and ").append(groups.size() - count).append(" more\n");
    }
    if (!failures.isEmpty()) {
      out.append("failures:");
      failures.forEach((k, v) -> out.append(' ').append(k).append(' ').append(v));
      out.append('\n');
    }
    return out.toString();
  }
}
