// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.dwarf;

import java.util.ArrayList;
import java.util.List;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jspecify.annotations.Nullable;

/** A unit of {@code .debug_info}: its header, and what its values mean. */
final class Unit {
  /** Ranges of one function. */
  private static final int MAX_RANGES = 1 << 16;

  private static final int MAX_VERSION = 5;

  private static final int TYPE_UNIT = 2;
  private static final int SKELETON = 4;
  private static final int SPLIT_COMPILE = 5;
  private static final int SPLIT_TYPE = 6;

  final Sections sections;
  final long offset;
  final long end;
  final int version;
  final int offsetSize;
  final int addressSize;
  final long firstEntry;
  final Abbreviations kinds;
  private long strOffsetsBase;
  private long addrBase;
  private long rnglistsBase;
  private long lowPc;

  /** Where the unit's line program is; −1 without one. */
  long lines = -1;

  /** The folder in which the compiler ran. */
  String folder = "";

  /** A part of a function. */
  record Range(long rva, long size) {}

  private Unit(Sections sections, Cursor in, long offset, long end, int offsetSize) {
    this.sections = sections;
    this.offset = offset;
    this.end = end;
    this.offsetSize = offsetSize;
    this.version = in.u16();
    if (version < 2 || version > MAX_VERSION) {
      throw in.broken("DWARF version " + version);
    }
    int kind = 1;
    long abbreviations;
    if (version >= 5) {
      kind = in.u8();
      this.addressSize = in.u8();
      abbreviations = in.number(offsetSize);
    } else {
      abbreviations = in.number(offsetSize);
      this.addressSize = in.u8();
    }
    if (addressSize != 4 && addressSize != 8) {
      throw in.broken("addresses of " + addressSize + " bytes");
    }
    if (kind == SKELETON || kind == SPLIT_COMPILE) {
      in.skip(8);
    } else if (kind == TYPE_UNIT || kind == SPLIT_TYPE) {
      in.skip(8L + offsetSize);
    }
    this.firstEntry = in.at();
    this.kinds = new Abbreviations(sections.abbrev(), abbreviations);
    this.strOffsetsBase = 2L * offsetSize;
    this.addrBase = 2L * offsetSize;
    this.rnglistsBase = offsetSize == 4 ? 12 : 20;
  }

  /** How long a part with a length at its start is. */
  record Length(long start, long end, int offsetSize) {
    static Length read(Cursor in, Bytes section) {
      long first = in.u32();
      int size = first == 0xffff_ffffL ? 8 : 4;
      long length = size == 8 ? in.u64() : first;
      if (length < 0 || !section.has(in.at(), length)) {
        throw in.broken("a part of " + Long.toUnsignedString(length) + " bytes");
      }
      return new Length(in.at(), in.at() + length, size);
    }
  }

  /** Reads a header and the unit's own entry. */
  static Unit read(Sections sections, long offset, Length length) {
    Cursor in = new Cursor(sections.info(), length.start());
    Unit unit = new Unit(sections, in, offset, length.end(), length.offsetSize());
    Entry own = new Entry();
    unit.entry(in, own);
    unit.strOffsetsBase = unit.number(own, Entry.STR_OFFSETS_BASE, unit.strOffsetsBase);
    unit.addrBase = unit.number(own, Entry.ADDR_BASE, unit.addrBase);
    unit.rnglistsBase = unit.number(own, Entry.RNGLISTS_BASE, unit.rnglistsBase);
    unit.lines = unit.number(own, Entry.STMT_LIST, -1);
    unit.lowPc = Math.max(0, unit.address(own, Entry.LOW_PC));
    String folder = unit.text(own, Entry.COMP_DIR);
    unit.folder = folder == null ? "" : folder;
    return unit;
  }

  /** Reads an entry. */
  void entry(Cursor in, Entry into) {
    long place = in.at();
    long code = in.uleb();
    if (code == 0) {
      into.begin(place, null);
      return;
    }
    Abbreviations.Kind kind = kinds.of(code);
    if (kind == null) {
      throw in.broken("an entry of the unknown kind " + Long.toUnsignedString(code));
    }
    into.begin(place, kind);
    for (Abbreviations.Spec spec : kind.attributes()) {
      int form = spec.form();
      if (form == Form.INDIRECT) {
        form = in.small();
      }
      into.put(spec.name(), form, form == Form.IMPLICIT_CONST ? spec.constant() : value(in, form));
    }
    if (in.at() > end) {
      throw in.broken("an entry beyond its unit");
    }
  }

  /** The number in a form; of strings and blocks, where they are. */
  long value(Cursor in, int form) {
    return switch (form) {
      case Form.ADDR -> in.number(addressSize);
      case Form.DATA1, Form.REF1, Form.FLAG, Form.STRX1, Form.ADDRX1 -> in.u8();
      case Form.DATA2, Form.REF2, Form.STRX1 + 1, Form.ADDRX1 + 1 -> in.u16();
      case Form.STRX1 + 2, Form.ADDRX1 + 2 -> in.u24();
      case Form.DATA4, Form.REF4, Form.REF_SUP4, Form.STRX4, Form.ADDRX4 -> in.u32();
      case Form.DATA8, Form.REF8, Form.REF_SIG8, Form.REF_SUP8 -> in.u64();
      case Form.DATA16 -> block(in, 16);
      case Form.SDATA -> in.sleb();
      case Form.UDATA, Form.REF_UDATA, Form.STRX, Form.ADDRX, Form.LOCLISTX, Form.RNGLISTX ->
          in.uleb();
      case Form.STRP,
          Form.SEC_OFFSET,
          Form.STRP_SUP,
          Form.LINE_STRP,
          Form.GNU_REF_ALT,
          Form.GNU_STRP_ALT ->
          in.number(offsetSize);
      case Form.REF_ADDR -> in.number(version == 2 ? addressSize : offsetSize);
      case Form.FLAG_PRESENT -> 1;
      case Form.STRING -> {
        long at = in.at();
        in.skipString();
        yield at;
      }
      case Form.BLOCK1 -> sized(in, in.at(), in.u8());
      case Form.BLOCK2 -> sized(in, in.at(), in.u16());
      case Form.BLOCK4 -> sized(in, in.at(), in.u32());
      case Form.BLOCK, Form.EXPRLOC -> sized(in, in.at(), in.uleb());
      default -> throw in.broken("the unknown form 0x" + Integer.toHexString(form));
    };
  }

  private static long block(Cursor in, long size) {
    long at = in.at();
    in.skip(size);
    return at;
  }

  private static long sized(Cursor in, long at, long size) {
    in.skip(size);
    return at;
  }

  /** A number attribute, or another number without it. */
  long number(Entry entry, int name, long otherwise) {
    int i = entry.find(name);
    return i < 0 ? otherwise : entry.value(i);
  }

  /** A number attribute that fits into an {@code int}; 0 without it. */
  int small(Entry entry, int name) {
    long v = number(entry, name, 0);
    return v < 0 || v > Integer.MAX_VALUE ? 0 : (int) v;
  }

  /** The text of an attribute; null without it, or when its string is not there. */
  @Nullable String text(Entry entry, int name) {
    int i = entry.find(name);
    if (i < 0) {
      return null;
    }
    return text(entry.form(i), entry.value(i));
  }

  /** The text of a string in a form other than in place; null when it is not there. */
  @Nullable String text(int form, long value) {
    return switch (form) {
      case Form.STRING -> string(sections.info(), value);
      case Form.STRP -> string(sections.str(), value);
      case Form.LINE_STRP -> string(sections.lineStr(), value);
      case Form.STRX, Form.STRX1, Form.STRX1 + 1, Form.STRX1 + 2, Form.STRX4 ->
          indexed(value, sections.strOffsets());
      default -> null;
    };
  }

  private @Nullable String indexed(long index, Bytes offsets) {
    long at = strOffsetsBase + index * offsetSize;
    if (index < 0 || !offsets.has(at, offsetSize)) {
      return null;
    }
    return string(sections.str(), new Cursor(offsets, at).number(offsetSize));
  }

  static @Nullable String string(Bytes section, long at) {
    return at >= 0 && at < section.size()
        ? section.utf8(at, (int) Math.min(Cursor.MAX_STRING, section.size() - at))
        : null;
  }

  /** The RVA in an attribute; −1 without it, or when it lies below the image. */
  long address(Entry entry, int name) {
    int i = entry.find(name);
    if (i < 0 || !Form.isAddress(entry.form(i))) {
      return -1;
    }
    return rva(entry.form(i) == Form.ADDR ? entry.value(i) : indexed(entry.value(i)));
  }

  private long rva(long address) {
    // Linkers put 0, 1 or −1 in place of functions that they left out.
    long rva = address - sections.imageBase();
    return address == 0 || rva < 0 || rva > 0xffff_ffffL ? -1 : rva;
  }

  private long indexed(long index) {
    long at = addrBase + index * addressSize;
    return index >= 0 && sections.addr().has(at, addressSize)
        ? new Cursor(sections.addr(), at).number(addressSize)
        : 0;
  }

  /** The place of the entry that an attribute refers to; −1 without it. */
  long reference(Entry entry, int name) {
    int i = entry.find(name);
    if (i < 0) {
      return -1;
    }
    if (Form.isUnitReference(entry.form(i))) {
      return offset + entry.value(i);
    }
    return entry.form(i) == Form.REF_ADDR ? entry.value(i) : -1;
  }

  /** The RVA of a variable that has a fixed address; −1 of others. */
  long location(Entry entry) {
    int i = entry.find(Entry.LOCATION);
    if (i < 0) {
      return -1;
    }
    Cursor in = new Cursor(sections.info(), entry.value(i));
    long size =
        switch (entry.form(i)) {
          case Form.EXPRLOC, Form.BLOCK -> in.uleb();
          case Form.BLOCK1 -> in.u8();
          case Form.BLOCK2 -> in.u16();
          default -> 0;
        };
    long end = in.at() + size;
    if (size < 2) {
      return -1;
    }
    int operation = in.u8();
    long rva =
        operation == 0x03
            ? rva(in.number(addressSize))
            : operation == 0xa1 ? rva(indexed(in.uleb())) : -1;
    return in.at() == end ? rva : -1;
  }

  /** The parts of the code of an entry, the one with its first instruction first. */
  List<Range> ranges(Entry entry) {
    long low = address(entry, Entry.LOW_PC);
    int high = entry.find(Entry.HIGH_PC);
    if (high >= 0 && low >= 0) {
      long end =
          Form.isAddress(entry.form(high))
              ? address(entry, Entry.HIGH_PC)
              : low + entry.value(high);
      return end > low && end - low <= 0x7fff_ffffL
          ? List.of(new Range(low, end - low))
          : List.of();
    }
    int i = entry.find(Entry.RANGES);
    if (i < 0) {
      return List.of();
    }
    List<Range> result = new ArrayList<>();
    if (version < 5) {
      oldRanges(entry.value(i), result);
    } else {
      newRanges(entry.form(i), entry.value(i), result);
    }
    return result;
  }

  private void add(List<Range> result, long from, long to) {
    if (from >= 0 && to > from && to - from <= 0x7fff_ffffL) {
      result.add(new Range(from, to - from));
    }
    if (result.size() > MAX_RANGES) {
      throw new FormatException("ranges", offset, "more than " + MAX_RANGES + " of one entry");
    }
  }

  /** Pairs of addresses from a base, in {@code .debug_ranges}. */
  private void oldRanges(long at, List<Range> result) {
    Cursor in = new Cursor(sections.ranges(), at);
    long base = lowPc;
    long top = addressSize == 4 ? 0xffff_ffffL : -1;
    while (true) {
      long from = in.number(addressSize);
      long to = in.number(addressSize);
      if (from == 0 && to == 0) {
        return;
      }
      if (from == top) {
        base = rva(to);
      } else if (base >= 0) {
        // In a unit without an address of its own, the pairs are addresses.
        boolean absolute = base == 0;
        add(result, absolute ? rva(from) : base + from, absolute ? rva(to) : base + to);
      }
    }
  }

  private void newRanges(int form, long value, List<Range> result) {
    long at = value;
    if (form == Form.RNGLISTX) {
      long slot = rnglistsBase + value * offsetSize;
      if (value < 0 || !sections.rnglists().has(slot, offsetSize)) {
        return;
      }
      at = rnglistsBase + new Cursor(sections.rnglists(), slot).number(offsetSize);
    }
    Cursor in = new Cursor(sections.rnglists(), at);
    long base = lowPc;
    while (true) {
      int kind = in.u8();
      switch (kind) {
        case 0 -> {
          return;
        }
        case 1 -> base = rva(indexed(in.uleb()));
        case 2 -> add(result, rva(indexed(in.uleb())), rva(indexed(in.uleb())));
        case 3 -> {
          long from = rva(indexed(in.uleb()));
          add(result, from, from + in.uleb());
        }
        case 4 -> {
          long from = in.uleb();
          long to = in.uleb();
          if (base >= 0) {
            add(result, base + from, base + to);
          }
        }
        case 5 -> base = rva(in.number(addressSize));
        case 6 -> add(result, rva(in.number(addressSize)), rva(in.number(addressSize)));
        case 7 -> {
          long from = rva(in.number(addressSize));
          add(result, from, from + in.uleb());
        }
        default -> throw in.broken("a range of the unknown kind " + kind);
      }
    }
  }
}
