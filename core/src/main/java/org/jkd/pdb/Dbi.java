// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.ArrayList;
import java.util.List;
import org.jkd.image.FormatException;

/** The DBI stream: which streams hold what, the modules, the section contributions. */
final class Dbi {
  static final int NONE = 0xffff;

  /** Indices in the optional debug header. */
  static final int FPO = 0;

  static final int OMAP_TO_SOURCE = 3;
  static final int OMAP_FROM_SOURCE = 4;
  static final int SECTION_HEADERS = 5;
  static final int FRAME_DATA = 9;
  static final int ORIGINAL_SECTION_HEADERS = 10;

  private static final int HEADER = 64;
  private static final int MODULE_FIXED = 64;
  private static final int MAX_NAME = 4096;
  private static final int MAX_MODULES = 1 << 17;
  private static final int STRIPPED = 2;

  private final MsfStream stream;

  Dbi(MsfStream stream) {
    this.stream = stream;
    if (stream.i32(0) != -1) {
      throw new FormatException("DBI stream", 0, "a format before Visual C++ 4.1");
    }
    stream.u8(HEADER - 1);
  }

  long age() {
    return stream.u32(8);
  }

  int globalsStream() {
    return stream.u16(12);
  }

  int publicsStream() {
    return stream.u16(16);
  }

  int recordStream() {
    return stream.u16(20);
  }

  /** True when the linker or pdbcopy left the private symbols out. */
  boolean stripped() {
    return (stream.u16(56) & STRIPPED) != 0;
  }

  int machine() {
    return stream.u16(58);
  }

  private long size(int field) {
    return Math.max(0, stream.i32(field));
  }

  private long contributionsAt() {
    return HEADER + size(24);
  }

  /** A stream index of the optional debug header, {@link #NONE} when it has none. */
  int debugStream(int index) {
    // The header lies behind the EC substream although its size field comes first.
    long at = contributionsAt() + size(28) + size(32) + size(36) + size(40) + size(52) + 2L * index;
    if (2L * index + 2 > size(48) || !stream.has(at, 2)) {
      return NONE;
    }
    return stream.u16(at);
  }

  List<ModuleInfo> modules(List<String> problems) {
    List<ModuleInfo> result = new ArrayList<>();
    long at = HEADER;
    long end = Math.min(HEADER + size(24), stream.size());
    while (at + MODULE_FIXED <= end && result.size() < MAX_MODULES) {
      try {
        int name = stream.lengthToNul(at + MODULE_FIXED, MAX_NAME);
        long objectAt = at + MODULE_FIXED + name + 1;
        int object = stream.lengthToNul(objectAt, MAX_NAME);
        result.add(
            new ModuleInfo(
                stream.string(at + MODULE_FIXED, name),
                stream.string(objectAt, object),
                stream.u16(at + 34),
                stream.u32(at + 36),
                stream.u32(at + 40),
                stream.u32(at + 44)));
        at = (objectAt + object + 1 + 3) & ~3L;
      } catch (FormatException e) {
        problems.add(e.getMessage());
        break;
      }
    }
    return List.copyOf(result);
  }

  /** The contributions; {@code NONE} in versions that are not known. */
  SectionContributions contributions() {
    long at = contributionsAt();
    long end = Math.min(at + size(28), stream.size());
    if (at + 4 > end) {
      return SectionContributions.NONE;
    }
    long version = stream.u32(at);
    int entry = version == 0xf13151e4L ? 32 : 28;
    if (version != 0xf13151e4L && version != 0xf12eba2dL) {
      return SectionContributions.NONE;
    }
    int n = (int) ((end - at - 4) / entry);
    return new SectionContributions(stream, at + 4, n, entry);
  }
}
