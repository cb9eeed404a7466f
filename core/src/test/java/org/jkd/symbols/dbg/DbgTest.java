// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dbg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jkd.image.BlockMemory;
import org.jkd.image.FormatException;
import org.jkd.image.Unreadable;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolStatus;
import org.jkd.symbols.UnwindRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** .dbg files that are put together here after winnt.h and the CodeView specification. */
class DbgTest {
  private static final long TIMESTAMP = 0x3f384e30;
  private static final long SIZE = 0x9000;

  @TempDir Path folder = Path.of("");

  /** Little-endian bytes. */
  private static final class Out {
    private final ByteBuffer b = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);

    Out u8(int... values) {
      Arrays.stream(values).forEach(v -> b.put((byte) v));
      return this;
    }

    Out u16(int... values) {
      Arrays.stream(values).forEach(v -> b.putShort((short) v));
      return this;
    }

    Out u32(long... values) {
      Arrays.stream(values).forEach(v -> b.putInt((int) v));
      return this;
    }

    Out text(String s) {
      b.put(s.getBytes(StandardCharsets.ISO_8859_1));
      return this;
    }

    Out padded(String s, int size) {
      text(s);
      for (int i = s.length(); i < size; i++) {
        b.put((byte) 0);
      }
      return this;
    }

    Out pascal(String s) {
      return u8(s.length()).text(s);
    }

    Out bytes(byte[] more) {
      b.put(more);
      return this;
    }

    byte[] done() {
      return Arrays.copyOf(b.array(), b.position());
    }
  }

  /** A part of a .dbg file: its type and its bytes. */
  private record Part(int type, byte[] bytes) {}

  private static byte[] dbg(Part... parts) {
    int names = 8;
    Out out =
        new Out()
            .text("DI")
            .u16(0, 0x14c, 0x10e)
            .u32(TIMESTAMP, 0, 0x10000, SIZE, 2, names, parts.length * 28L, 0x1000, 0, 0);
    for (long rva : new long[] {0x1000, 0x4000}) {
      out.padded(rva == 0x1000 ? ".text" : ".data", 8).u32(0x2000, rva, 0x2000, rva, 0, 0, 0, 0);
    }
    out.padded("Export", names);
    long at = 48 + 2 * 40 + names + parts.length * 28L;
    for (Part p : parts) {
      out.u32(0, TIMESTAMP, 0, p.type, p.bytes.length, 0, at);
      at += p.bytes.length;
    }
    for (Part p : parts) {
      out.bytes(p.bytes);
    }
    return out.done();
  }

  /** IMAGE_COFF_SYMBOLS_HEADER with three symbols, one of them with a long name. */
  private static Part coff() {
    String strings = "_ALongDispatchRoutine@8\0";
    return new Part(
        1,
        new Out()
            .u32(3, 32, 0, 0, 0x1000, 0x3000, 0x4000, 0x6000)
            .padded("_Init@4", 8)
            .u32(0x20)
            .u16(1, 0x20)
            .u8(2, 0)
            .u32(0, 4, 0x80)
            .u16(1, 0x20)
            .u8(2, 0)
            .padded("_Table", 8)
            .u32(0x10)
            .u16(2, 0)
            .u8(2, 0)
            .u32(4 + strings.length())
            .text(strings)
            .done());
  }

  private static byte[] record(int kind, byte[] payload) {
    return new Out().u16(payload.length + 2, kind).bytes(payload).done();
  }

  /** NB09 with a module's procedures and data and the publics of all. */
  private static Part codeView() {
    byte[] module =
        new Out()
            .u32(1)
            .bytes(
                record(
                    0x205,
                    new Out()
                        .u32(0, 0, 0, 0x30, 3, 0x2c, 0x20)
                        .u16(1, 0)
                        .u8(0)
                        .pascal("Init")
                        .done()))
            .bytes(record(0x201, new Out().u32(0x44).u16(2, 0).pascal("counter").done()))
            .done();
    byte[] records =
        new Out()
            .bytes(record(0x203, new Out().u32(0x20).u16(1, 0).pascal("_Init@4").done()))
            .bytes(record(0x203, new Out().u32(0x28).u16(1, 0).pascal("_InsideInit").done()))
            .bytes(record(0x1009, new Out().u32(0, 0x90).u16(1).pascal("?f@@YAXXZ").done()))
            .done();
    byte[] publics = new Out().u16(0, 0).u32(records.length, 0, 0).bytes(records).done();
    return new Part(
        2,
        new Out()
            .text("NB09")
            .u32(8)
            .u16(16, 12)
            .u32(2, 0, 0)
            .u16(0x125, 1)
            .u32(48, module.length)
            .u16(0x12a, 0xffff)
            .u32(48 + module.length, publics.length)
            .bytes(module)
            .bytes(publics)
            .done());
  }

  private static Part fpo() {
    // 5 dwords of locals, 2 of parameters, a prologue of 3 bytes, 2 saved registers, EBP free.
    return new Part(3, new Out().u32(0x1020, 0x30, 5).u16(2, 3 | 2 << 8).done());
  }

  private ModuleIdentity module(long timestamp) {
    return new ModuleIdentity(
        "hog",
        "hog.sys",
        0x10000,
        SIZE,
        timestamp,
        new BlockMemory(List.of(), new Unreadable.NoBlock()));
  }

  private final List<String> log = new ArrayList<>();

  private Optional<ModuleSymbols> open(byte[] bytes, long timestamp) throws IOException {
    Path file = folder.resolve("hog.dbg");
    Files.write(file, bytes);
    return new DbgFormat().open(file, module(timestamp), log::add);
  }

  @Test
  void coffSymbolsAndFpo() throws IOException {
    ModuleSymbols symbols = open(dbg(coff(), fpo()), TIMESTAMP).orElseThrow();
    assertThat(symbols.status()).isEqualTo(SymbolStatus.COFF);
    assertThat(symbols.matching(n -> true))
        .containsExactly(
            new Symbol("Init", "_Init@4", 0x1020, 0, Symbol.Kind.PUBLIC_CODE),
            new Symbol(
                "ALongDispatchRoutine",
                "_ALongDispatchRoutine@8",
                0x1080,
                0,
                Symbol.Kind.PUBLIC_CODE),
            new Symbol("Table", "_Table", 0x4010, 0, Symbol.Kind.PUBLIC));
    assertThat(symbols.unwindRecords().fpo(0x1030))
        .contains(new UnwindRecords.Fpo(0x1020, 0x30, 20, 8, 3, 2, false, false, 0));
    assertThat(symbols.unwindRecords().fpo(0x1050)).isEmpty();
  }

  @Test
  void codeViewSymbols() throws IOException {
    ModuleSymbols symbols = open(dbg(codeView()), TIMESTAMP).orElseThrow();
    assertThat(symbols.status()).isEqualTo(SymbolStatus.OTHER);
    assertThat(symbols.matching(n -> true))
        .containsExactly(
            new Symbol("Init", "_Init@4", 0x1020, 0x30, Symbol.Kind.PROCEDURE),
            new Symbol("f", "?f@@YAXXZ", 0x1090, 0, Symbol.Kind.PUBLIC),
            new Symbol("counter", "counter", 0x4044, 0, Symbol.Kind.DATA));
  }

  @Test
  void reorderedImagesAreTranslated() throws IOException {
    // 1000-101f stays, 1020-107f moves to 2000, what follows is thrown out; data stays.
    Part omap =
        new Part(
            8, new Out().u32(0x1000, 0x1000, 0x1020, 0x2000, 0x1080, 0, 0x4000, 0x4000).done());
    ModuleSymbols symbols = open(dbg(coff(), omap, fpo()), TIMESTAMP).orElseThrow();
    assertThat(symbols.matching(n -> true).stream().map(s -> s.name() + " " + s.rva()))
        .containsExactly("Init " + 0x2000, "Table " + 0x4010);
    assertThat(symbols.unwindRecords().fpo(0x2000).orElseThrow().rva()).isEqualTo(0x2000);
  }

  @Test
  void otherImagesAndOtherFormatsAreNamed() throws IOException {
    assertThatThrownBy(() -> open(dbg(coff()), TIMESTAMP + 1))
        .hasMessage("mismatched .dbg file: 3F384E309000 instead of 3F384E319000");
    assertThatThrownBy(() -> open(new byte[100], TIMESTAMP))
        .hasMessageContaining("no DI signature");
    Part nb10 = new Part(2, new Out().text("NB10").u32(0, TIMESTAMP, 1).text("hog.pdb\0").done());
    assertThat(open(dbg(nb10), TIMESTAMP)).isEmpty();
    assertThat(log).anyMatch(l -> l.contains("hog.pdb: PDBs before version 7.0 are not read"));
  }

  @Test
  void damagedFiles() throws IOException {
    byte[] good = dbg(coff(), codeView(), fpo());
    Random random = new Random(9);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] bad = i % 3 == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
      for (int flips = 0; flips < 3 && i % 3 != 0; flips++) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        Optional<ModuleSymbols> symbols = open(bad, TIMESTAMP);
        symbols.ifPresent(s -> assertThat(s.matching(n -> true)).hasSizeLessThan(20));
      } catch (FormatException e) {
        assertThat(e).hasMessageNotContaining("\n");
        refused++;
      }
    }
    assertThat(refused).isBetween(1000, 2900);
  }
}
