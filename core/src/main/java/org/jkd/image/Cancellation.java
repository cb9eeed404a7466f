// SPDX-License-Identifier: Apache-2.0
package org.jkd.image;

/**
 * How long work is told to stop: whoever wants it stopped interrupts its thread, and the work looks
 * every now and then. That serves Ctrl-C at a prompt and the time limit of one dump among many, and
 * no layer has to hand a flag to the next.
 */
public final class Cancellation {
  private Cancellation() {}

  /**
   * Goes on, or ends what the thread is doing. Costs about a nanosecond; a loop that works for more
   * than some milliseconds calls it. The thread's interrupt stays set until somebody catches the
   * exception and clears it.
   *
   * @throws CancelledException if the thread was interrupted
   */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException();
    }
  }
}
