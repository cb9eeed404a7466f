// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jkd.symbols.LoadOptions;
import org.jkd.symbols.store.Stores;

/**
 * The switches of {@code .symopt}. All of them can be set and are shown; those that mean something
 * here are {@link #UNDNAME}, {@link #PUBLICS_ONLY}, {@link #LOAD_ANYTHING} and {@link #DEBUG}.
 */
record SymbolOptions(long bits) {
  static final long UNDNAME = 2;
  static final long LOAD_ANYTHING = 0x40;
  static final long PUBLICS_ONLY = 0x4000;
  static final long NO_PROMPTS = 0x80000;
  static final long DEBUG = 0x8000_0000L;

  /** What kd starts with. */
  static final SymbolOptions DEFAULT = new SymbolOptions(0x30337);

  private static final String[] NAMES = {
    "CASE_INSENSITIVE",
    "UNDNAME",
    "DEFERRED_LOADS",
    "NO_CPP",
    "LOAD_LINES",
    "OMAP_FIND_NEAREST",
    "LOAD_ANYTHING",
    "IGNORE_CVREC",
    "NO_UNQUALIFIED_LOADS",
    "FAIL_CRITICAL_ERRORS",
    "EXACT_SYMBOLS",
    "ALLOW_ABSOLUTE_SYMBOLS",
    "IGNORE_NT_SYMPATH",
    "INCLUDE_32BIT_MODULES",
    "PUBLICS_ONLY",
    "NO_PUBLICS",
    "AUTO_PUBLICS",
    "NO_IMAGE_SEARCH",
    "SECURE",
    "NO_PROMPTS",
    "OVERWRITE",
    "IGNORE_IMAGEDIR",
    "FLAT_DIRECTORY",
    "FAVOR_COMPRESSED",
    "ALLOW_ZERO_ADDRESS",
    "DISABLE_SYMSRV_AUTODETECT",
    "READONLY_CACHE",
    "SYMPATH_LAST",
    "DISABLE_FAST_SYMBOLS",
    "DISABLE_SYMSRV_TIMEOUT",
    "DISABLE_SRVSTAR_ON_STARTUP",
    "DEBUG"
  };

  boolean has(long bit) {
    return (bits & bit) != 0;
  }

  SymbolOptions with(long more) {
    return new SymbolOptions((bits | more) & 0xffff_ffffL);
  }

  SymbolOptions without(long less) {
    return new SymbolOptions(bits & ~less);
  }

  /** What they say on how symbols are loaded. */
  LoadOptions loading(Stores.Ask ask) {
    return new LoadOptions(has(PUBLICS_ONLY), has(LOAD_ANYTHING), ask);
  }

  /** The switches that are on, as kd lists them. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("Symbol options are 0x" + Long.toHexString(bits) + ":");
    for (int i = 0; i < NAMES.length; i++) {
      if (has(1L << i)) {
        lines.add(String.format(Locale.ROOT, "  0x%08x - SYMOPT_%s", 1L << i, NAMES[i]));
      }
    }
    return lines;
  }
}
