// SPDX-License-Identifier: Apache-2.0
package org.jkd.pdb;

import java.util.Locale;

/**
 * What an image's debug record names a PDB by.
 *
 * @param guid 32 upper-case hexadecimal digits
 * @param age of the DBI stream: the one that an image's record repeats; tools that only add to a
 *     PDB raise the age of its info stream instead
 */
public record PdbIdentity(String guid, long age) {
  /** The key in a symbol store. */
  public String key() {
    return guid + Long.toHexString(age).toUpperCase(Locale.ROOT);
  }
}
