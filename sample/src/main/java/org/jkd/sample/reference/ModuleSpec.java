// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a module.
 *
 * @param name what the debugger calls it
 * @param file the image file's name
 * @param path the directory it was loaded from
 * @param base where it is loaded
 * @param preferredBase where it was linked for
 * @param timestamp seconds since 1970
 * @param symbols whether a PDB is at hand
 * @param sections ascending, without gaps
 */
record ModuleSpec(
    String name,
    String file,
    String path,
    long base,
    long preferredBase,
    int timestamp,
    boolean symbols,
    String description,
    String version,
    List<Area> sections) {

  /** A section: where it starts and ends as offsets from the base. */
  record Area(String name, int start, int end) {}

  /** The section of a name. */
  Optional<Area> area(String section) {
    return sections.stream().filter(area -> area.name().equals(section)).findFirst();
  }

  /** True for the modules of the product that the case is about. */
  boolean product() {
    return name.endsWith("Hog") || name.endsWith("Hog01");
  }

  private static final String SYSTEM = "\\SystemRoot\\system32\\";
  private static final String DRIVERS = SYSTEM + "drivers\\";

  /** The kernel's modules in load order; the kernel's file depends on the paging mode. */
  static List<ModuleSpec> all(boolean pae) {
    String kernel = pae ? "ntkrpamp" : "ntkrnlmp";
    return List.of(
        module("nt", kernel + ".exe", SYSTEM, 0x80800000L, 0x400000, 0x45d6a0c7, true)
            .with("NT Kernel & System", "5.2.3790.3959")
            .areas(
                ".text 1000 9f000 .rdata 9f000 a0000 .data a0000 b4000 PAGE b4000 180000 "
                    + "INIT 180000 190000 .rsrc 190000 191000 .reloc 191000 25b000"),
        module("hal", "halmacpi.dll", SYSTEM, 0x80a5b000L, 0x80010000L, 0x45d697bf, true)
            .with("Hardware Abstraction Layer DLL", "5.2.3790.3959")
            .areas(
                ".text 1000 18000 .rdata 18000 1a000 .data 1a000 20000 PAGE 20000 28000 "
                    + "INIT 28000 2a000 .rsrc 2a000 2b000 .reloc 2b000 2c000"),
        module("fltmgr", "fltmgr.sys", DRIVERS, 0xf7a2d000L, 0x10000, 0x45d6a052, true)
            .with("Microsoft Filesystem Filter Manager", "5.2.3790.3959")
            .areas(
                ".text 1000 12000 .rdata 12000 13000 .data 13000 15000 PAGE 15000 1a000 "
                    + "INIT 1a000 1c000 .rsrc 1c000 1d000 .reloc 1d000 1f000"),
        module("Ntfs", "Ntfs.sys", DRIVERS, 0xbae15000L, 0x10000, 0x45d6a0f1, true)
            .with("NT File System Driver", "5.2.3790.3959")
            .areas(
                ".text 1000 20000 .rdata 20000 22000 .data 22000 40000 PAGE 40000 88000 "
                    + "INIT 88000 8b000 .rsrc 8b000 8c000 .reloc 8c000 8f000"),
        module("MamaHog", "MamaHog.sys", DRIVERS, 0xb8d89000L, 0x10000, 0x4727a91c, false)
            .with("StackHog content inspection driver", "3.1.0.412")
            .areas(
                ".text 1000 15000 .rdata 15000 16000 .data 16000 17000 "
                    + "INIT 17000 18000 .rsrc 18000 19000 .reloc 19000 1a000"),
        module("BabyHog", "BabyHog.sys", DRIVERS, 0xb958d000L, 0x10000, 0x4727a8e4, false)
            .with("StackHog file system filter", "3.1.0.412")
            .areas(
                ".text 1000 7000 .rdata 7000 9000 .data 9000 a000 "
                    + "INIT a000 b000 .rsrc b000 c000 .reloc c000 d000"),
        module("BossHog", "BossHog.sys", DRIVERS, 0xb80ba000L, 0x10000, 0x4727a8d0, false)
            .with("StackHog access control filter", "3.1.0.407")
            .areas(
                ".text 1000 18000 .rdata 18000 19000 .data 19000 1a000 "
                    + "INIT 1a000 1b000 .rsrc 1b000 1c000 .reloc 1c000 1d000"),
        module("BossHog01", "BossHog01.sys", DRIVERS, 0xb76f4000L, 0x10000, 0x4727a8d9, false)
            .with("StackHog audit filter", "3.1.0.409")
            .areas(
                ".text 1000 18000 .rdata 18000 1d000 .data 1d000 1e000 "
                    + "INIT 1e000 1f000 .rsrc 1f000 20000 .reloc 20000 21000"),
        module("daddyHog", "daddyHog.sys", DRIVERS, 0xb7682000L, 0x10000, 0x4727a903, false)
            .with("StackHog policy engine", "3.1.0.412")
            .areas(
                ".text 1000 6000 .rdata 6000 7000 .data 7000 8000 "
                    + "INIT 8000 9000 .rsrc 9000 a000 .reloc a000 b000"));
  }

  private static ModuleSpec module(
      String name,
      String file,
      String path,
      long base,
      long preferred,
      int timestamp,
      boolean symbols) {
    return new ModuleSpec(name, file, path, base, preferred, timestamp, symbols, "", "", List.of());
  }

  private ModuleSpec with(String text, String version) {
    return new ModuleSpec(
        name, file, path, base, preferredBase, timestamp, symbols, text, version, sections);
  }

  private ModuleSpec areas(String text) {
    String[] words = text.split(" ");
    List<Area> areas = new ArrayList<>();
    for (int i = 0; i < words.length; i += 3) {
      areas.add(
          new Area(
              words[i], Integer.parseInt(words[i + 1], 16), Integer.parseInt(words[i + 2], 16)));
    }
    return new ModuleSpec(
        name,
        file,
        path,
        base,
        preferredBase,
        timestamp,
        symbols,
        description,
        version,
        List.copyOf(areas));
  }
}
