// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import org.jkd.image.Bytes;
import org.jkd.symbols.coff.CoffImage;

/** The sections of a file; those that it has not got are empty. */
record Sections(
    Bytes info,
    Bytes abbrev,
    Bytes str,
    Bytes lineStr,
    Bytes line,
    Bytes addr,
    Bytes strOffsets,
    Bytes ranges,
    Bytes rnglists,
    long imageBase) {
  static Sections of(CoffImage image) {
    return new Sections(
        section(image, ".debug_info"),
        section(image, ".debug_abbrev"),
        section(image, ".debug_str"),
        section(image, ".debug_line_str"),
        section(image, ".debug_line"),
        section(image, ".debug_addr"),
        section(image, ".debug_str_offsets"),
        section(image, ".debug_ranges"),
        section(image, ".debug_rnglists"),
        image.imageBase());
  }

  private static Bytes section(CoffImage image, String name) {
    return image.bytes(name).orElseGet(() -> Bytes.of(name, new byte[0]));
  }
}
