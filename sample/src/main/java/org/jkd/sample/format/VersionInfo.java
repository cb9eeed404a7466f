// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A version resource: the numbers and the strings that tell which product a file belongs to.
 *
 * @param version the file version: four numbers of 16 bits with dots between them
 * @param type 1 application, 2 DLL, 3 driver
 * @param subtype for drivers 7 for a system driver, otherwise 0
 * @param strings in the order in which they are stored
 */
public record VersionInfo(String version, int type, int subtype, Map<String, String> strings) {
  /** A driver of a product. */
  public static VersionInfo of(
      String company, String product, String description, String file, int type, String version) {
    Map<String, String> strings = new LinkedHashMap<>();
    strings.put("CompanyName", company);
    strings.put("FileDescription", description);
    strings.put("FileVersion", version);
    strings.put("InternalName", file);
    strings.put("LegalCopyright", "\u00a9 " + company + ". All rights reserved.");
    strings.put("OriginalFilename", file);
    strings.put("ProductName", product);
    strings.put("ProductVersion", version);
    return new VersionInfo(version, type, type == 3 ? 7 : 0, strings);
  }

  /** A resource section with this version as its only resource, to be mapped at {@code rva}. */
  byte[] resource(int rva) {
    Blob blob = new Blob();
    int[] ids = {16, 1, 0x409};
    for (int level = 0; level < 3; level++) {
      int at = level * 24;
      blob.grow(at + 24).u16(at + 14, 1).u32(at + 16, ids[level]);
      blob.u32(at + 20, level < 2 ? 0x8000_0000L | (at + 24) : 72);
    }
    Blob info = info();
    blob.grow(88).u32(72, rva + 88).u32(76, info.size()).u32(80, 1252);
    blob.add(info);
    return blob.bytes();
  }

  private Blob info() {
    Blob table = node("040904B0", true, 0, new Blob());
    strings.forEach((key, value) -> {
      Blob text = new Blob();
      text.addWideZ(value);
      table.align(4).add(node(key, true, value.length() + 1, text));
    });
    size(table);
    Blob fileInfo = node("StringFileInfo", true, 0, new Blob());
    size(fileInfo.align(4).add(table));
    Blob translation = new Blob();
    translation.add16(0x409).add16(1200);
    Blob varInfo = node("VarFileInfo", true, 0, new Blob());
    size(varInfo.align(4).add(node("Translation", false, 4, translation)));
    Blob fixed = new Blob();
    String[] numbers = version.split("\\.");
    long high = Long.parseLong(numbers[0]) << 16 | Long.parseLong(numbers[1]);
    long low = Long.parseLong(numbers[2]) << 16 | Long.parseLong(numbers[3]);
    fixed.add32(0xfeef04bdL).add32(0x10000).add32(high).add32(low).add32(high).add32(low);
    fixed.add32(0x3f).add32(0).add32(0x40004).add32(type).add32(subtype).add32(0).add32(0);
    Blob root = node("VS_VERSION_INFO", false, fixed.size(), fixed);
    root.align(4).add(fileInfo).align(4).add(varInfo);
    size(root);
    return root;
  }

  private static Blob node(String key, boolean text, int valueLength, Blob value) {
    Blob blob = new Blob();
    blob.add16(0).add16(valueLength).add16(text ? 1 : 0).addWideZ(key).align(4).add(value);
    size(blob);
    return blob;
  }

  private static void size(Blob node) {
    node.u16(0, node.size());
  }
}
