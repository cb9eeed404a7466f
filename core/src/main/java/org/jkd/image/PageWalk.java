// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

import java.util.List;
import java.util.OptionalLong;

/**
 * What the page tables say about one address: every entry on the way and where the way ends.
 *
 * @param address the virtual address that was looked up
 * @param steps the entries that were visited, outermost first; the last one decided
 */
public record PageWalk(long address, PagingMode mode, List<Step> steps, Outcome outcome) {

  /**
   * One entry of a page table.
   *
   * @param virtualAddress where the system sees the entry, if it maps its tables there
   * @param physicalAddress where the entry lies
   * @param contents the entry; empty when its page is not in the dump
   */
  public record Step(
      Unreadable.Level level,
      OptionalLong virtualAddress,
      long physicalAddress,
      OptionalLong contents) {}

  /** Where a walk ended. */
  public sealed interface Outcome {}

  /** How a page came to be found. */
  public enum Via {
    /** A valid entry. */
    VALID,
    /** A valid entry of an upper level that maps a large page. */
    LARGE,
    /** Not valid, but the page is still in memory on the standby or modified list. */
    TRANSITION,
    /** A prototype PTE that is valid or in transition. */
    PROTOTYPE
  }

  /**
   * The address has a physical page. Whether the dump holds it is another question.
   *
   * @param physicalAddress of the byte
   * @param pageSize bytes: 4 KB, 2 MB, 4 MB or 1 GB
   */
  public record Mapped(long physicalAddress, long pageSize, Via via) implements Outcome {}

  /** The address has none that could be found. */
  public record Unmapped(Unreadable reason) implements Outcome {}
}
