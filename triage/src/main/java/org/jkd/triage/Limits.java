// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.time.Duration;

/**
 * What one dump may cost, and what is kept of it.
 *
 * @param time for one dump, from opening to its row
 * @param memberInMemory bytes of an archive's member that are unpacked into memory; a larger one
 *     goes to a temporary file
 * @param memberBytes bytes that one member may unpack to
 * @param archiveBytes bytes that all members of an archive may unpack to
 * @param ratio unpacked bytes for each packed byte that are believed
 * @param members members of one archive that are looked at
 * @param frames rows of the stack in a row
 * @param notes lines about oddities in a row
 * @param wholeDigest files up to this many bytes are hashed from end to end, larger ones by samples
 */
public record Limits(
    Duration time,
    int memberInMemory,
    long memberBytes,
    long archiveBytes,
    long ratio,
    int members,
    int frames,
    int notes,
    long wholeDigest) {

  /** What users get who say nothing. */
  public static final Limits USUAL =
      new Limits(
          Duration.ofSeconds(60), 32 << 20, 16L << 30, 64L << 30, 1000, 10_000, 10, 12, 256L << 20);

  /** The same with another time. */
  public Limits withTime(Duration other) {
    return new Limits(
        other,
        memberInMemory,
        memberBytes,
        archiveBytes,
        ratio,
        members,
        frames,
        notes,
        wholeDigest);
  }
}
