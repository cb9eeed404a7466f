// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

/** Why a row is not the whole truth about a dump. */
public enum Category {
  /** Nothing went wrong. */
  NONE(""),
  /** The file is something else. */
  NOT_A_DUMP("not-a-dump"),
  /** The file ends before its own directory says so. What it still held is in the row. */
  TRUNCATED("truncated"),
  /** The file contradicts itself, or what every dump holds is not in it. */
  DAMAGED("damaged"),
  /** The file system refused. */
  UNREADABLE("unreadable"),
  /** A member of an archive that is not opened: too large, too dense, or an archive itself. */
  ARCHIVE("archive"),
  /** It took longer than one dump may. */
  TIME_LIMIT("time-limit"),
  /** It wanted more memory than there is, even alone. */
  OUT_OF_MEMORY("out-of-memory"),
  /** Something in it nests without end. */
  TOO_DEEP("too-deep"),
  /** A defect of jkd. */
  INTERNAL_ERROR("internal-error");

  private final String text;

  Category(String text) {
    this.text = text;
  }

  /** The word in rows; empty for {@link #NONE}. */
  public String text() {
    return text;
  }
}
