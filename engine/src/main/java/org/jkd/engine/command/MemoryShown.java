// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import org.jkd.engine.system.BlockCommand;

/** Which commands show bytes or strings of memory as they are: what {@code --redact} refuses. */
final class MemoryShown {
  private MemoryShown() {}

  /** True if the command would. {@code dps} and its like show what words point at, and may. */
  static boolean by(Command command, String text) {
    return switch (command) {
      case MemoryCommand c -> true;
      case SearchCommand c -> true;
      case CompareCommand c -> true;
      case CheckImageCommand c -> true;
      case TagsCommand c -> true;
      case ListEntriesCommand c -> true;
      case CountedStringCommand c -> true;
      case FormatsCommand c -> true;
      case BlockCommand c -> true;
      case PointerCommand c -> !isSymbols(text);
      case PrintfCommand c -> text.contains("%m") || text.contains("%c") || text.contains("%C");
      case AliasCommand c -> text.contains("/m");
      default -> false;
    };
  }

  private static boolean isSymbols(String text) {
    String name = text.strip().split("[^A-Za-z]", 2)[0];
    return name.length() == 3 && (name.endsWith("s") || name.endsWith("S"));
  }
}
