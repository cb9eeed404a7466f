// SPDX-License-Identifier: Apache-2.0
package org.jkd.pe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jkd.image.Bytes;

/**
 * The import directory: which slot of the import address table stands for which function.
 *
 * @param entries in file order
 * @param problems what could not be read
 */
public record ImportTable(List<Import> entries, List<String> problems) {
  private static final int MAX_DLLS = 4096;
  private static final int MAX_IMPORTS = 1 << 14;
  private static final int DESCRIPTOR = 20;

  /**
   * An imported function.
   *
   * @param slot RVA of its slot in the import address table
   * @param name empty when imported by ordinal
   * @param ordinal −1 when imported by name
   */
  public record Import(long slot, String dll, String name, int ordinal) {
    /** {@code dll!name}, the DLL without its extension. */
    public String text() {
      int dot = dll.lastIndexOf('.');
      String module = dot > 0 ? dll.substring(0, dot) : dll;
      return module + "!" + (name.isEmpty() ? "#" + ordinal : name);
    }
  }

  /** The imports by slot, for looking at many call sites. */
  public Map<Long, Import> bySlot() {
    Map<Long, Import> map = new HashMap<>();
    entries.forEach(e -> map.putIfAbsent(e.slot(), e));
    return map;
  }

  static ImportTable read(PeImage image) {
    PeImage.Range range = image.directory(PeImage.Directory.IMPORT);
    List<Import> entries = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (int i = 0; range.present() && i < MAX_DLLS && entries.size() < MAX_IMPORTS; i++) {
      Bytes d =
          image.available("import descriptor", range.rva() + (long) i * DESCRIPTOR, DESCRIPTOR);
      if (d.size() < DESCRIPTOR) {
        problems.add("the import directory is not readable from entry " + i);
        break;
      }
      long lookup = d.u32(0);
      long nameRva = d.u32(12);
      long slots = d.u32(16);
      if (nameRva == 0 || slots == 0) {
        break;
      }
      String dll = image.string(nameRva).orElse("?");
      // Without a lookup table the slots themselves hold the names until the image is bound.
      if (lookup == 0 && image.loaded()) {
        problems.add(dll + " has no lookup table, and its slots are bound");
        continue;
      }
      readOne(image, dll, lookup == 0 ? slots : lookup, slots, entries, problems);
    }
    return new ImportTable(List.copyOf(entries), List.copyOf(problems));
  }

  private static void readOne(
      PeImage image,
      String dll,
      long lookup,
      long slots,
      List<Import> entries,
      List<String> problems) {
    int width = image.is64() ? 8 : 4;
    for (int i = 0; entries.size() < MAX_IMPORTS; i++) {
      OptionalLong value = number(image, lookup + (long) i * width, width);
      if (value.isEmpty()) {
        problems.add("the imports of " + dll + " are not readable from number " + i);
        return;
      }
      long v = value.getAsLong();
      if (v == 0) {
        return;
      }
      long slot = slots + (long) i * width;
      boolean byOrdinal = (v >>> (width * 8 - 1)) != 0;
      if (byOrdinal) {
        entries.add(new Import(slot, dll, "", (int) (v & 0xffff)));
      } else {
        Optional<String> name = image.string((v & 0x7fff_ffffL) + 2);
        if (name.isEmpty()) {
          problems.add("the name of import " + i + " of " + dll + " is not readable");
        }
        entries.add(new Import(slot, dll, name.orElse("?"), -1));
      }
    }
    problems.add("more than " + MAX_IMPORTS + " imports");
  }

  private static OptionalLong number(PeImage image, long rva, int width) {
    Bytes b = image.available("import", rva, width);
    if (b.size() < width) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(width == 8 ? b.u64(0) : b.u32(0));
  }
}
