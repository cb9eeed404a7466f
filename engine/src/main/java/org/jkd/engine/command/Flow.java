// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/** How the run of a block ended. */
enum Flow {
  /** At its end. */
  NEXT,
  /** At {@code .break}: the loop around it ends. */
  BREAK,
  /** At {@code .continue}: the loop around it goes on. */
  CONTINUE,
  /** At {@code .leave}, or at an error: the {@code .catch} around it ends. */
  LEAVE,
  /** At {@code q}: the session ends. */
  QUIT
}
