// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jkd.engine.redact.Redaction;
import org.jkd.engine.report.HtmlReport;
import org.jkd.image.CancelledException;

/**
 * Writes the report of each kernel dump while it is open: {@code DIR/dumps/NAME.html}, beside the
 * script and the style that all of them share.
 */
final class ReportPages implements Triage.Watcher {
  private static final String FOLDER = "dumps";
  private static final int NAME_CHARS = 64;
  private static final int KEY_CHARS = 12;

  private final Path folder;
  private Optional<IOException> failure = Optional.empty();

  /**
   * @param folder of the overview; made if need be
   */
  ReportPages(Path folder) throws IOException {
    this.folder = folder;
    Path pages = Files.createDirectories(folder.resolve(FOLDER));
    for (Map.Entry<String, String> file : HtmlReport.shared().entrySet()) {
      write(pages.resolve(file.getKey()), file.getValue());
    }
  }

  /**
   * The address of a dump's page as seen from the overview: letters, digits and {@code ._-/} only,
   * whatever the dump is called. Dumps of one name in two folders have two pages. Where the name is
   * redacted, the key is all.
   */
  static String address(String key, String path, String member) {
    String whole = member.isEmpty() ? path : member;
    String name = whole.substring(Math.max(whole.lastIndexOf('/'), whole.lastIndexOf('\\')) + 1);
    String before = Redaction.isFile(whole) ? "" : safe(name, NAME_CHARS) + "-";
    return FOLDER + "/" + before + safe(key, KEY_CHARS) + ".html";
  }

  private static String safe(String text, int length) {
    StringBuilder safe = new StringBuilder();
    text.chars()
        .limit(length)
        .forEach(c -> safe.append(c < 0x80 && isSafe((char) c) ? (char) c : '_'));
    return safe.toString();
  }

  private static boolean isSafe(char c) {
    return Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0;
  }

  @Override
  public void analysed(KernelRow.Analysed dump, TriageRow row, UnaryOperator<String> clean) {
    TriageRow.Identity id = row.identity();
    Path page = folder.resolve(address(id.key(), id.path(), id.member()));
    try {
      write(page, HtmlReport.pageBeside(dump.report(), clean));
    } catch (ClosedByInterruptException e) {
      throw new CancelledException();
    } catch (IOException e) {
      // The disk's fault and not the dump's: its row does not change.
      fail(e);
    }
  }

  /** A kill leaves the whole file or none. */
  private static void write(Path file, String text) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, text, StandardCharsets.UTF_8);
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private synchronized void fail(IOException e) {
    if (failure.isEmpty()) {
      failure = Optional.of(e);
    }
  }

  /** Why a page is missing, the first time it happened. */
  synchronized Optional<IOException> failure() {
    return failure;
  }
}
