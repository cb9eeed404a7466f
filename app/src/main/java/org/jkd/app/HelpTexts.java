// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

/** What {@code --help} prints. */
final class HelpTexts {
  static final String MAIN =
      """
      jkd takes Windows kernel crash dumps apart, in the words of kd.

        jkd demo                      a double fault taken apart; needs no dump of your own
        jkd sample DIR                write the demo's dumps, symbols and images into DIR
        jkd analyze DUMP... [options] one report per dump: what ran out, and who used it
        jkd triage PATH... [options]  one row per dump of many, and what they have in common
        jkd -z DUMP [options]         open a dump

      Options, as kd has them:
        -z DUMP            the dump file
        -y PATH            where symbol files are, like _NT_SYMBOL_PATH: folders and
                           srv*CACHE*SERVER entries, separated by semicolons
        -i PATH            where image files are, like _NT_EXECUTABLE_IMAGE_PATH
        -c "CMD; CMD"      run commands; with -c or -cf, standard output holds nothing
                           but their answers
        -cf FILE           run the commands of a file
        -logo FILE         write everything that is printed to FILE as well
        --no-color         no colours at a terminal; so does NO_COLOR in the environment
        --offline          ask no symbol server; so does JKD_OFFLINE=1
        --json             answer with one JSON object per command and line
        --redact           tokens instead of names of users and hosts, paths and strings; no
                           contents of memory
        --shell            let .shell run commands of this machine; off otherwise

        jkd --version | --help | SUBCOMMAND --help

      In a session, .help lists the commands and q ends it.
      Exit codes: 0 done, 1 a command failed, 2 wrong usage, 3 the dump is unreadable
      or none, 4 a JDK or a file that was named is missing.
      """;

  static final String DEMO =
      """
      jkd demo [DIR]

      Writes the sample (a machine that stopped with 0x7F, EXCEPTION_DOUBLE_FAULT, because
      12 KB of kernel stack were used up) into DIR or a temporary folder, runs the session
      in which an engineer rebuilt the stack by hand, and says what to type next.
      """;

  static final String SAMPLE =
      """
      jkd sample DIR

      Writes MEMORY.DMP (complete, PAE), BITMAP.DMP (bitmap kernel dump, no PAE), MINI.DMP
      (triage) and the folders symbols and images into DIR.
      """;

  static final String ANALYZE =
      """
      jkd analyze DUMP... [-y PATH] [-i PATH] [--offline] [--json] [--redact]
                          [--html FILE]

      One report per dump: whether a stack ran out, the rebuilt stack, who used its bytes, how
      the kernel was entered again and again, and what would give bytes back. --html also writes
      the report as one page that needs no network; with several dumps, one page each, the
      dump's name put into the page's, and a number for the second of one name. --redact puts
      tokens in the place of names of users and hosts, paths and strings.
      """;

  private HelpTexts() {}
}
