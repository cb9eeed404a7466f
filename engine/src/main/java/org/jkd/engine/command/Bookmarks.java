// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where commands go on that are given without an address, a format or a pattern. */
final class Bookmarks {
  private final Session session;
  private long nextAddress;
  private MemoryFormat memoryFormat = MemoryFormat.BYTES;
  private @Nullable Long nextCode;
  private String codePattern = "";
  private @Nullable Long nextSearch;
  private List<Long> keptHits = List.of();

  /**
   * @param memory where the first display of memory starts
   */
  Bookmarks(Session session, long memory) {
    this.session = session;
    this.nextAddress = memory;
  }

  /** Where a display of memory without an address goes on. */
  long nextAddress() {
    return nextAddress;
  }

  void setNextAddress(long address) {
    nextAddress = session.arch().address(address);
  }

  /** The format that {@code d} alone takes. */
  MemoryFormat memoryFormat() {
    return memoryFormat;
  }

  void setMemoryFormat(MemoryFormat format) {
    memoryFormat = format;
  }

  /** Where {@code u} goes on without an address: at first the instruction pointer. */
  long nextCode() {
    return nextCode == null ? session.registers().ip() : nextCode;
  }

  void setNextCode(long address) {
    nextCode = session.arch().address(address);
  }

  /** What {@code #} searches for without a pattern; empty before the first search. */
  String codePattern() {
    return codePattern;
  }

  void setCodePattern(String pattern) {
    codePattern = pattern;
  }

  /** Where {@code #} goes on without an address: at first the instruction pointer. */
  long nextSearch() {
    return nextSearch == null ? session.registers().ip() : nextSearch;
  }

  void setNextSearch(long address) {
    nextSearch = address;
  }

  /** The addresses that {@code s -[s]} found. */
  List<Long> keptHits() {
    return keptHits;
  }

  void keepHits(List<Long> hits) {
    keptHits = List.copyOf(hits);
  }
}
