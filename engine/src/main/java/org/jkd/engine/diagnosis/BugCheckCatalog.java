// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.diagnosis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The names of the bug check codes and what they mean, in this project's own words. */
public final class BugCheckCatalog {
  /** Triage dumps of some systems set this bit; {@code 1000007F} is a 7F. */
  private static final long MINIDUMP_BIT = 0x1000_0000L;

  private static final List<String> TRAPS =
      List.of(
          "EXCEPTION_DIVIDED_BY_ZERO",
          "EXCEPTION_DEBUG",
          "EXCEPTION_NMI",
          "EXCEPTION_INT3",
          "EXCEPTION_INTO_DETECTED_OVERFLOW",
          "EXCEPTION_BOUND_CHECK",
          "EXCEPTION_INVALID_OPCODE",
          "EXCEPTION_NPX_NOT_AVAILABLE",
          "EXCEPTION_DOUBLE_FAULT",
          "EXCEPTION_NPX_OVERRUN",
          "EXCEPTION_INVALID_TSS",
          "EXCEPTION_SEGMENT_NOT_PRESENT",
          "EXCEPTION_STACK_FAULT",
          "EXCEPTION_GP_FAULT",
          "EXCEPTION_PAGE_FAULT",
          "EXCEPTION_RESERVED_TRAP",
          "EXCEPTION_NPX_ERROR",
          "EXCEPTION_ALIGNMENT_CHECK");

  private static final Map<Long, Entry> ENTRIES = load();

  private BugCheckCatalog() {}

  /**
   * What is known of a code.
   *
   * @param code without the bit that small dumps add
   * @param name the name of bugcodes.h, or {@code Unknown bugcheck code} with the number
   * @param text one or two sentences; empty for an unknown code
   * @param arguments what each of the four arguments is; empty texts where nothing is known
   */
  public record Entry(long code, String name, String text, List<String> arguments) {}

  /** The code without the bit that small dumps add to some codes. */
  public static long strip(long code) {
    return (code & 0xf000_0000L) == MINIDUMP_BIT ? code & ~MINIDUMP_BIT : code;
  }

  /** What is known of a code; unknown codes have a name that says so. */
  public static Entry of(long code) {
    long plain = strip(code);
    Entry entry = ENTRIES.get(plain);
    return entry != null
        ? entry
        : new Entry(
            plain,
            "Unknown bugcheck code (" + Long.toHexString(plain) + ")",
            "",
            List.of("", "", "", ""));
  }

  /** The name of an x86 or x64 trap, for the first argument of bug check 7F. */
  public static String trapName(long vector) {
    return vector >= 0 && vector < TRAPS.size() ? TRAPS.get((int) vector) : "";
  }

  private static Map<Long, Entry> load() {
    Map<Long, Entry> entries = new HashMap<>();
    try (InputStream in = BugCheckCatalog.class.getResourceAsStream("bugchecks.txt")) {
      if (in == null) {
        throw new IllegalStateException("bugchecks.txt is missing from the program");
      }
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          Entry entry = parse(line);
          entries.put(entry.code(), entry);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(entries);
  }

  private static Entry parse(String line) {
    // Argument 3 of code 1 holds a bar of its own, so only " | " stands for it in the file.
    String[] parts = line.replace(" | ", "\u0000").split("\\|", -1);
    List<String> arguments =
        Arrays.stream(parts, 3, 7).map(p -> p.replace("\u0000", " | ").strip()).toList();
    return new Entry(
        Long.parseLong(parts[0].toLowerCase(Locale.ROOT), 16), parts[1], parts[2], arguments);
  }
}
