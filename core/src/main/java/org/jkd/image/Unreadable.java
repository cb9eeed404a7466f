// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

/** The reason why a byte of a target's memory cannot be read. */
public sealed interface Unreadable {

  /** One line for people, without the address. */
  String text();

  /** The levels of the page tables, outermost first. */
  enum Level {
    PML5E,
    PXE,
    PPE,
    PDE,
    PTE
  }

  /** It can be read after all. */
  record IsReadable() implements Unreadable {
    @Override
    public String text() {
      return "readable";
    }
  }

  /** The entry at a level of the page tables is not present and says nothing more. */
  record NotPresent(Level level, long entry) implements Unreadable {
    @Override
    public String text() {
      return level + " is not valid (contents " + Long.toHexString(entry) + ")";
    }
  }

  /** The page holds zeros on demand: it was never written, so no dump can hold it. */
  record DemandZero(long entry) implements Unreadable {
    @Override
    public String text() {
      return "demand-zero page (PTE contents " + Long.toHexString(entry) + ")";
    }
  }

  /** The page was in a page file when the dump was made. */
  record PagedOut(int pageFile, long pageOffset) implements Unreadable {
    @Override
    public String text() {
      return "paged out (page file " + pageFile + ", page " + Long.toHexString(pageOffset) + ")";
    }
  }

  /** A prototype PTE stands for the page and leads nowhere that the dump holds. */
  record Prototype(long entry, String detail) implements Unreadable {
    @Override
    public String text() {
      return "prototype PTE " + Long.toHexString(entry) + ": " + detail;
    }
  }

  /** The page tables lead to a physical page that the dump does not hold. */
  record NotCaptured(long physicalAddress) implements Unreadable {
    @Override
    public String text() {
      return "page " + Long.toHexString(physicalAddress >>> 12) + " is not in the dump file";
    }
  }

  /** A page of the page tables themselves is not in the dump. */
  record TableNotCaptured(Level level, long physicalAddress) implements Unreadable {
    @Override
    public String text() {
      return "the page that holds the "
          + level
          + " ("
          + Long.toHexString(physicalAddress >>> 12)
          + ") is not in the dump file";
    }
  }

  /** The address is no address: not canonical, or past the 32-bit space. */
  record NotAnAddress() implements Unreadable {
    @Override
    public String text() {
      return "not an address of this machine";
    }
  }

  /** The dump holds single ranges of memory, and this address is in none of them. */
  record NoBlock() implements Unreadable {
    @Override
    public String text() {
      return "not among the memory ranges of this dump";
    }
  }

  /** The file ends before the bytes that it promises. */
  record FileEnds(long fileOffset) implements Unreadable {
    @Override
    public String text() {
      return "the dump file ends before offset 0x" + Long.toHexString(fileOffset);
    }
  }

  /** The memory of this kind of machine, or of this kind of file, is not read at all. */
  record Unsupported(String detail) implements Unreadable {
    @Override
    public String text() {
      return detail;
    }
  }
}
