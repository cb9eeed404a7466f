// SPDX-License-Identifier: Apache-2.0
package org.jkd.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The {@code .text} section of one 64-bit ELF file, the same bytes for every benchmark of code: the
 * C library, or what {@code -Djkd.bench.file} names.
 *
 * @param file where the bytes come from
 * @param code its {@code .text} section
 * @param address of the first byte
 */
@SuppressWarnings("ArrayRecordComponent")
record CodeSample(Path file, byte[] code, long address) {
  private static final String DEFAULT_FILE = "/lib/x86_64-linux-gnu/libc.so.6";

  static CodeSample load() throws IOException {
    Path file = Path.of(System.getProperty("jkd.bench.file", DEFAULT_FILE));
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (elf.getInt(0) != 0x464c457f || elf.get(4) != 2) {
      throw new IOException(file + " is no 64-bit ELF file");
    }
    int sections = Math.toIntExact(elf.getLong(0x28));
    int size = elf.getShort(0x3a);
    int count = elf.getShort(0x3c);
    int names = Math.toIntExact(elf.getLong(sections + elf.getShort(0x3e) * size + 0x18));
    for (int i = 0; i < count; i++) {
      int at = sections + i * size;
      int name = names + elf.getInt(at);
      if (new String(bytes, name, 6, StandardCharsets.US_ASCII).equals(".text\0")) {
        byte[] code = new byte[Math.toIntExact(elf.getLong(at + 0x20))];
        System.arraycopy(bytes, Math.toIntExact(elf.getLong(at + 0x18)), code, 0, code.length);
        return new CodeSample(file, code, elf.getLong(at + 0x10));
      }
    }
    throw new IOException(file + " has no .text section");
  }
}
