// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.HashMap;
import java.util.Map;
import org.jkd.sample.format.VirtualMemory;

/** The object manager's view: headers before objects, types, directories with names. */
final class NamedObjects {
  /** Bytes of a header before an object, and of the name before that. */
  private static final int HEADER = 0x18;

  private static final int NAME = 0x10;
  private static final int TYPE_SIZE = 0x190;
  private static final int DIRECTORY_SIZE = 0xa0;
  private static final int ENTRY_SIZE = 0xc;
  private static final int BUCKETS = 37;

  private final VirtualMemory memory;
  private final KernelData data;
  private final Map<String, Long> types = new HashMap<>();
  private final Map<String, Long> directories = new HashMap<>();

  /** Makes the root directory. */
  NamedObjects(VirtualMemory memory, KernelData data) {
    this.memory = memory;
    this.data = data;
    memory.u32(data.address("ObpTypeObjectType"), type("Type"));
    long root = allocate(DIRECTORY_SIZE, "Dire");
    head(root, "Directory", "\\", 0);
    directories.put("", root);
    memory.u32(data.address("ObpRootDirectoryObject"), root);
  }

  private long allocate(int size, String tag) {
    return data.allocate(NAME + HEADER + size, tag) + NAME + HEADER;
  }

  private long type(String name) {
    Long known = types.get(name);
    if (known != null) {
      return known;
    }
    long type = allocate(TYPE_SIZE, "ObjT");
    types.put(name, type);
    data.emptyList(type + 0x38);
    data.string(type + 0x40, name);
    memory.u32(type + 0x4c, types.size());
    memory.u32(type - 0x10, type("Type"));
    return type;
  }

  /** The directory with a path such as {@code \Driver}; made when first asked for. */
  private long directory(String path) {
    Long known = directories.get(path);
    if (known != null) {
      return known;
    }
    long directory = allocate(DIRECTORY_SIZE, "Dire");
    directories.put(path, directory);
    name(directory, "Directory", path);
    return directory;
  }

  /**
   * Gives an object a header and a name in a directory.
   *
   * @param path for instance {@code \Driver\disk}
   */
  void name(long object, String type, String path) {
    int last = path.lastIndexOf('\\');
    String own = path.substring(last + 1);
    long parent = directory(path.substring(0, last));
    head(object, type, own, parent);
    long entry = data.allocate(ENTRY_SIZE, "ObDi");
    long bucket = parent + 4L * (Math.floorMod(own.hashCode(), BUCKETS));
    memory.u32(entry, memory.u32(bucket));
    memory.u32(entry + 4, object);
    memory.u32(bucket, entry);
  }

  /** Gives an object a header without a name. */
  void header(long object, String type) {
    memory.commit(object - HEADER, HEADER);
    memory.u32(object - 0x18, 2);
    memory.u32(object - 0x14, 1);
    memory.u32(object - 0x10, type(type));
  }

  private void head(long object, String type, String name, long directory) {
    header(object, type);
    memory.commit(object - HEADER - NAME, NAME);
    memory.u8(object - 0xc, NAME);
    memory.u32(object - 0x28, directory);
    data.string(object - 0x24, name);
    memory.u32(object - 0x1c, 1);
  }
}
