// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.format;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The type records of a PDB. Types are known by their index; small indexes are the basic types. */
public final class TypeTable {
  /** The type {@code void}. */
  public static final int VOID = 3;

  private static final int FIRST = 0x1000;
  private static final int BUCKETS = 0x3ffff;
  private static final int[] SIGNED = {0x70, 0x11, 0x12, 0x13};
  private static final int[] UNSIGNED = {0x20, 0x21, 0x22, 0x23};

  /** A member of a structure: offset in bytes. */
  public record Member(String name, int offset, int type) {}

  private final List<byte[]> records = new ArrayList<>();
  private final List<Long> hashes = new ArrayList<>();
  private final Map<List<Integer>, Integer> derived = new HashMap<>();
  private final Map<String, Integer> forward = new HashMap<>();

  /** An integer type of 1, 2, 4 or 8 bytes. */
  public static int integer(boolean signed, int bytes) {
    int index = Integer.numberOfTrailingZeros(bytes);
    return signed ? SIGNED[index] : UNSIGNED[index];
  }

  /** A 32-bit pointer to a type. */
  public int pointer(int target) {
    if (target < 0x100) {
      return target | 0x400;
    }
    return derived.computeIfAbsent(
        List.of(0x1002, target), key -> add(record(0x1002).add32(target).add32(0x800a), 0));
  }

  /**
   * An array.
   *
   * @param bytes of the whole array
   */
  public int array(int element, int bytes) {
    return derived.computeIfAbsent(
        List.of(0x1503, element, bytes),
        key -> {
          Blob blob = record(0x1503).add32(element).add32(0x22);
          return add(number(blob, bytes).addZ(""), 0);
        });
  }

  /** Some bits of an integer. */
  public int bits(int integer, int position, int length) {
    return derived.computeIfAbsent(
        List.of(0x1205, integer, position, length),
        key -> add(record(0x1205).add32(integer).add8(length).add8(position), 0));
  }

  /** A structure or union that is only announced. */
  public int announced(String name, boolean union) {
    return forward.computeIfAbsent(name, key -> add(aggregate(name, union, 0x80, 0, 0, 0), 0));
  }

  /** A structure or union with its members. */
  public int defined(String name, boolean union, int bytes, List<Member> members) {
    Blob list = record(0x1203);
    for (Member member : members) {
      number(list.add16(0x150d).add16(3).add32(member.type()), member.offset());
      list.addZ(member.name());
      pad(list);
    }
    int fields = add(list, 0);
    return add(
        aggregate(name, union, 0, members.size(), fields, bytes),
        name.equals("__unnamed") ? 0 : PdbHash.name(name));
  }

  private static Blob aggregate(
      String name, boolean union, int properties, int count, int fields, int bytes) {
    Blob blob = record(union ? 0x1506 : 0x1505).add16(count).add16(properties).add32(fields);
    if (!union) {
      blob.add32(0).add32(0);
    }
    return number(blob, bytes).addZ(name);
  }

  private static Blob record(int kind) {
    return new Blob().add16(0).add16(kind);
  }

  private static Blob number(Blob blob, int value) {
    return value < 0x8000 ? blob.add16(value) : blob.add16(0x8004).add32(value);
  }

  private static void pad(Blob blob) {
    while (blob.size() % 4 != 0) {
      blob.add8(0xf0 + (4 - blob.size() % 4));
    }
  }

  private int add(Blob record, long hash) {
    pad(record);
    record.u16(0, record.size() - 2);
    byte[] bytes = record.bytes();
    records.add(bytes);
    hashes.add(hash != 0 ? hash : PdbHash.record(bytes));
    return FIRST + records.size() - 1;
  }

  /** The stream of the types. */
  byte[] stream(int hashStream) {
    Blob content = new Blob();
    records.forEach(content::add);
    int hashBytes = 4 * records.size();
    Blob blob = new Blob();
    blob.add32(20040203).add32(56).add32(FIRST).add32(FIRST + records.size());
    blob.add32(content.size()).add16(hashStream).add16(0xffff).add32(4).add32(BUCKETS);
    int index = records.isEmpty() ? 0 : 8;
    blob.add32(0).add32(hashBytes).add32(hashBytes).add32(index);
    blob.add32(hashBytes + index).add32(0);
    return blob.add(content).bytes();
  }

  /** The stream of their hash values and of the offsets by index. */
  byte[] hashes() {
    Blob blob = new Blob();
    hashes.forEach(hash -> blob.add32(hash % BUCKETS));
    if (!records.isEmpty()) {
      blob.add32(FIRST).add32(0);
    }
    return blob.bytes();
  }
}
