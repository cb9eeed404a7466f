// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

/** A file that the command line names is not there; the message is one line for the user. */
final class MissingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MissingException(String message) {
    super(message);
  }
}
