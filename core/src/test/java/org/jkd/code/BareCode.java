// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.List;
import java.util.Optional;
import org.jkd.cpu.Arch;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;

/** Code at an address, without an image file, symbols or anything else around it. */
final class BareCode {
  private BareCode() {}

  private record Block(long base, byte[] bytes) implements Memory {
    @Override
    public int read(long address, byte[] target, int at, int length) {
      long offset = address - base;
      if (offset < 0 || offset >= bytes.length) {
        return 0;
      }
      int n = (int) Math.min(length, bytes.length - offset);
      System.arraycopy(bytes, (int) offset, target, at, n);
      return n;
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return new Unreadable.NoBlock();
    }
  }

  /** The code as the only module. */
  static CodeSpace space(Arch arch, long base, byte[] code) {
    Memory memory = new Block(base, code);
    CodeImage image =
        new CodeImage("x", arch, base, code.length, memory, Optional.empty(), Optional.empty());
    return new CodeSpace(arch, memory, List.of(image));
  }
}
