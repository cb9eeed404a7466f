// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jkd.image.Bytes;

/**
 * IMAGE_EXPORT_DIRECTORY with its three tables.
 *
 * @param dllName the name that the image gives itself, or empty
 * @param entries in order of their ordinals; entries without a name are kept
 * @param problems what could not be read
 */
public record ExportTable(String dllName, List<Export> entries, List<String> problems) {
  /** Ordinals have 16 bits. */
  private static final int MAX_EXPORTS = 1 << 16;

  /** Characters of all names together. */
  private static final int MAX_TEXT = 8 << 20;

  /**
   * An exported function or datum.
   *
   * @param name empty for an export by ordinal alone
   * @param rva 0 for a forwarder
   * @param forwarder {@code DLL.Name} of the real export, or empty
   */
  public record Export(int ordinal, String name, long rva, String forwarder) {
    /** True when another image holds the function. */
    public boolean forwarded() {
      return !forwarder.isEmpty();
    }
  }

  /** An export by its exact name. */
  public Optional<Export> named(String name) {
    return entries.stream().filter(e -> e.name().equals(name)).findFirst();
  }

  static ExportTable read(PeImage image) {
    List<String> problems = new ArrayList<>();
    PeImage.Range range = image.directory(PeImage.Directory.EXPORT);
    if (!range.present()) {
      return new ExportTable("", List.of(), List.of());
    }
    Bytes directory = image.available("export directory", range.rva(), 40);
    if (directory.size() < 40) {
      return new ExportTable("", List.of(), List.of("the export directory is not readable"));
    }
    String dll = image.string(directory.u32(12)).orElse("");
    long base = directory.u32(16);
    int functions = limited(directory.u32(20), "functions", problems);
    int names = limited(directory.u32(24), "names", problems);
    Bytes addresses = image.available("export addresses", directory.u32(28), functions * 4L);
    Bytes nameTable = image.available("export names", directory.u32(32), names * 4L);
    Bytes ordinals = image.available("export ordinals", directory.u32(36), names * 2L);
    int known = (int) Math.min(functions, addresses.size() / 4);
    if (known < functions) {
      problems.add((functions - known) + " of " + functions + " export addresses are missing");
    }
    int named = (int) Math.min(names, Math.min(nameTable.size() / 4, ordinals.size() / 2));
    if (named < names) {
      problems.add((names - named) + " of " + names + " export names are missing");
    }
    List<Export> entries = new ArrayList<>();
    boolean[] hasName = new boolean[known];
    int unreadable = 0;
    int text = 0;
    for (int i = 0; i < named && text < MAX_TEXT; i++) {
      int index = ordinals.u16(2L * i);
      if (index >= known) {
        continue;
      }
      Optional<String> name = image.string(nameTable.u32(4L * i));
      if (name.isEmpty()) {
        unreadable++;
        continue;
      }
      text += name.get().length();
      hasName[index] = true;
      entries.add(entry(image, range, (int) base + index, name.get(), addresses.u32(4L * index)));
    }
    if (unreadable > 0) {
      problems.add(unreadable + " export names are not readable");
    }
    for (int i = 0; i < known; i++) {
      if (!hasName[i] && addresses.u32(4L * i) != 0) {
        entries.add(entry(image, range, (int) base + i, "", addresses.u32(4L * i)));
      }
    }
    entries.sort(Comparator.comparingInt(Export::ordinal));
    return new ExportTable(dll, List.copyOf(entries), List.copyOf(problems));
  }

  private static int limited(long count, String what, List<String> problems) {
    if (count > MAX_EXPORTS) {
      problems.add(count + " export " + what + " claimed; the limit is " + MAX_EXPORTS);
      return MAX_EXPORTS;
    }
    return (int) count;
  }

  private static Export entry(
      PeImage image, PeImage.Range range, int ordinal, String name, long rva) {
    if (rva >= range.rva() && rva - range.rva() < range.size()) {
      return new Export(ordinal, name, 0, image.string(rva).orElse("?"));
    }
    return new Export(ordinal, name, rva, "");
  }
}
