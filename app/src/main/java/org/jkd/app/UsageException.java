// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

/** A command line that makes no sense; the message is one line for the user. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
