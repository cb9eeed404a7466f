// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

/**
 * {@code !error Code}: what an exception's NTSTATUS means, in the words of {@code .exr}. The texts
 * of all other codes are in Windows' own message tables, which jkd does not have.
 */
final class ErrorCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    long code = arguments.expression() & 0xffff_ffffL;
    arguments.end();
    String words = ExceptionCommand.words(code);
    boolean status = code >>> 30 != 0;
    return Lines.of(
        "Error code: "
            + (status ? "(NTSTATUS) " : "(Win32) ")
            + "0x"
            + Long.toHexString(code)
            + " ("
            + code
            + ") - "
            + (words.isEmpty() ? "<Unable to get error code text>" : words));
  }
}
