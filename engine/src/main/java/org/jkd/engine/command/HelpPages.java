// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What {@code .help} says of a command beyond its line in the table; read when it is asked for. */
final class HelpPages {
  private static final String RESOURCE = "help.txt";

  private final Map<String, Page> pages = new HashMap<>();

  /**
   * Text and examples.
   *
   * @param x86 examples for 32-bit targets
   * @param x64 examples for 64-bit targets
   */
  record Page(List<String> text, List<String> x86, List<String> x64) {
    static final Page NONE = new Page(List.of(), List.of(), List.of());
  }

  HelpPages() {
    try (InputStream in = HelpPages.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException(RESOURCE + " is missing in jkd itself");
      }
      read(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(List<String> lines) {
    Page page = Page.NONE;
    for (String line : lines) {
      if (line.startsWith("== ")) {
        page = new Page(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        pages.put(line.substring(3), page);
      } else if (line.startsWith("x86> ")) {
        page.x86.add(line.substring(5));
      } else if (line.startsWith("x64> ")) {
        page.x64.add(line.substring(5));
      } else if (!line.startsWith("#")) {
        page.text.add(line);
      }
    }
  }

  /** The page of an entry, found by the first of its names. */
  Page page(CommandTable.Entry entry) {
    return pages.getOrDefault(entry.name().split(" ", 2)[0], Page.NONE);
  }

  /** The names that have pages. */
  Iterable<String> names() {
    return pages.keySet();
  }
}
