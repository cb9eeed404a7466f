// SPDX-License-Identifier: Apache-2.0
package org.jkd.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jkd.image.Memory;
import org.jkd.image.MemoryReader;
import org.jkd.image.Unreadable;
import org.jkd.symbols.Types;
import org.junit.jupiter.api.Test;

/** Fields by name: nested, signed, bits, arrays, renamed, missing and not in the dump. */
class StructuresTest {
  private static final Types.Type U4 = new Types.Base("Uint4B", 4, false);
  private static final Types.Type I1 = new Types.Base("Char", 1, true);

  private static final Map<String, Types.StructType> KNOWN =
      Map.of(
          "_INNER",
          struct("_INNER", 8, field("Low", 0, U4), field("High", 4, U4)),
          "_OUTER",
          struct(
              "_OUTER",
              0x40,
              field("Number", 0, U4),
              field("Signed", 4, I1),
              field("Bits", 8, new Types.Bits(U4, 4, 3)),
              field("Inner", 0x10, ref("_INNER", 8)),
              field("Next", 0x18, new Types.Pointer(4, ref("_OUTER", 0x40))),
              field("Any", 0x1c, new Types.Pointer(4, new Types.VoidType("Void"))),
              field("Words", 0x20, new Types.Array(U4, 3, 12)),
              field("Parts", 0x30, new Types.Array(ref("_INNER", 8), 2, 16))));

  private static final Types TYPES =
      new Types() {
        @Override
        public Optional<StructType> struct(String name) {
          return Optional.ofNullable(KNOWN.get(name));
        }

        @Override
        public List<String> names(Predicate<String> name) {
          return KNOWN.keySet().stream().filter(name).toList();
        }
      };

  private static Types.StructType struct(String name, long size, Types.Field... fields) {
    return new Types.StructType(name, "struct", size, List.of(fields));
  }

  private static Types.Field field(String name, long offset, Types.Type type) {
    return new Types.Field(name, offset, type);
  }

  private static Types.Type ref(String name, long size) {
    return new Types.StructRef("struct", name, size);
  }

  /** Every byte from 0x1000 to 0x2000 is the low byte of its own address. */
  private static final Memory MEMORY =
      new Memory() {
        @Override
        public int read(long address, byte[] target, int at, int length) {
          int got = 0;
          while (got < length && address + got >= 0x1000 && address + got < 0x2000) {
            target[at + got] = (byte) (address + got);
            got++;
          }
          return got;
        }

        @Override
        public Unreadable whyUnreadable(long address) {
          return new Unreadable.NoBlock();
        }
      };

  private static Structure outer(long address) {
    return new Structures("nt", TYPES, new MemoryReader(MEMORY, 4)).at("_OUTER", address);
  }

  @Test
  void numbers_by_their_paths() {
    Structure outer = outer(0x1000);
    assertThat(outer.number("Number")).hasValue(0x03020100L);
    assertThat(outer.number("Bits")).hasValue(0x0b0a0908L >>> 4 & 7);
    assertThat(outer.number("Inner.High")).hasValue(0x17161514L);
    assertThat(outer.number("Parts.High")).hasValue(0x37363534L);
    assertThat(outer(0x10fc).number("Signed")).hasValue(0);
    assertThat(outer(0x10f0).number("Signed")).hasValue((byte) 0xf4);
  }

  @Test
  void elements_of_arrays() {
    Structure outer = outer(0x1000);
    assertThat(outer.number("Words")).hasValue(0x23222120L);
    assertThat(outer.element("Words", 2)).hasValue(0x2b2a2928L);
    assertThat(outer.element("Words", 3)).isEmpty();
    Structures all = new Structures("nt", TYPES, new MemoryReader(MEMORY, 4));
    assertThat(all.count("_OUTER", "Parts")).isEqualTo(2);
    assertThat(all.stride("_OUTER", "Parts")).isEqualTo(8);
    assertThat(all.count("_OUTER", "Number")).isZero();
  }

  @Test
  void the_name_that_this_version_has_is_taken() {
    assertThat(outer(0x1000).number("OldNumber", "OlderNumber", "Number")).hasValue(0x03020100L);
    assertThat(outer(0x1000).number("OldNumber")).isEmpty();
    assertThat(outer(0x1000).has("Inner.Low")).isTrue();
    assertThat(outer(0x1000).has("Inner.Middle")).isFalse();
  }

  @Test
  void what_the_dump_does_not_hold_is_empty() {
    assertThat(outer(0x1ffe).number("Number")).isEmpty();
    assertThat(outer(0x9000).number("Inner.Low")).isEmpty();
    assertThat(outer(0x9000).text("Inner")).isEmpty();
    assertThat(outer(0x9000).follow("Next")).isEmpty();
  }

  @Test
  void structures_within_and_behind() {
    Structure outer = outer(0x1000);
    assertThat(outer.inner("Inner").orElseThrow().address()).isEqualTo(0x1010);
    assertThat(outer.inner("Number")).isEmpty();
    Structure next = outer.follow("Next").orElseThrow();
    assertThat(next.type()).isEqualTo("_OUTER");
    assertThat(next.address()).isEqualTo(0x1b1a1918L);
    assertThat(outer.follow("Any")).isEmpty();
    assertThat(outer(0xffff_fff8L).addressOf("Inner")).hasValue(8);
  }

  @Test
  void a_type_that_is_missing_is_named() {
    Structures all = new Structures("nt", TYPES, new MemoryReader(MEMORY, 4));
    assertThatThrownBy(() -> all.at("_NONE", 0))
        .isInstanceOf(MissingTypeException.class)
        .hasMessage("nt!_NONE");
    assertThatThrownBy(() -> all.needed("_OUTER", "Inner.Middle"))
        .isInstanceOf(MissingTypeException.class)
        .hasMessage("nt!_OUTER.Inner.Middle");
  }
}
