// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;

/** A member of an archive is not unpacked; the message says why. */
final class ArchiveException extends IOException {
  private static final long serialVersionUID = 1L;

  ArchiveException(String message) {
    super(message);
  }
}
