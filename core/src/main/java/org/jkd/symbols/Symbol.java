// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

/**
 * A named place in a module.
 *
 * @param name as kd shows it: one leading {@code _} or {@code @} and the {@code @N} suffix of C
 *     publics stripped, C++ names as far as they are undecorated
 * @param decorated the name as it stands in the symbol file
 * @param rva bytes from the module's base
 * @param size bytes, or 0 when the source does not say (publics, exports)
 * @param kind what kind of record gave the name
 */
public record Symbol(String name, String decorated, long rva, long size, Kind kind) {
  /** The same symbol at another address. */
  Symbol at(long otherRva) {
    return new Symbol(name, decorated, otherRva, size, kind);
  }

  /** Where a name comes from. */
  public enum Kind {
    /** A procedure record with a length (private symbols). */
    PROCEDURE,
    /** A thunk record. */
    THUNK,
    /** A data record of private symbols. */
    DATA,
    /** A public symbol that is marked as a function or as code. */
    PUBLIC_CODE,
    /** Any other public symbol. */
    PUBLIC,
    /** An entry of the export table. */
    EXPORT
  }
}
