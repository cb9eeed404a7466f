// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;

/** {@code .help}: lists the commands, or explains those that a word names. */
final class HelpCommand extends Command {
  @Override
  public Result run(Arguments arguments, Session session) {
    String word = arguments.rest();
    if (word.isEmpty()) {
      return list();
    }
    List<CommandTable.Entry> found = new ArrayList<>();
    for (CommandTable.Entry entry : CommandTable.entries()) {
      if (names(entry, word)) {
        found.add(entry);
      }
    }
    if (found.isEmpty()) {
      // A name with options in it, as kvn, has no entry of its own.
      for (CommandTable.Entry entry : CommandTable.entries()) {
        if (isKin(entry, word)) {
          found.add(entry);
        }
      }
    }
    if (found.isEmpty()) {
      throw new CommandException("No command is called '" + word + "'; .help lists them all");
    }
    return new Explained(found);
  }

  /** Commands with their pages. */
  record Explained(List<CommandTable.Entry> entries) implements Result {
    @Override
    public void text(TextOut out) {
      new Help(entries).text(out);
      HelpPages pages = new HelpPages();
      for (CommandTable.Entry entry : entries) {
        HelpPages.Page page = pages.page(entry);
        page.text().forEach(out::line);
        examples("Examples, 32-bit targets:", page.x86(), out);
        examples("Examples, 64-bit targets:", page.x64(), out);
      }
    }

    private static void examples(String title, List<String> examples, TextOut out) {
      if (!examples.isEmpty()) {
        out.line(title);
        examples.forEach(e -> out.line("    " + e));
      }
    }

    @Override
    public void json(JsonOut out) {
      HelpPages pages = new HelpPages();
      out.objects(
          "commands",
          entries,
          (o, e) -> {
            o.text("name", e.name()).text("syntax", e.syntax()).text("summary", e.summary());
            o.optional("text", String.join(" ", pages.page(e).text()));
            o.texts("x86", pages.page(e).x86()).texts("x64", pages.page(e).x64());
          });
    }
  }

  private static boolean names(CommandTable.Entry entry, String word) {
    for (String name : entry.name().split(" ", -1)) {
      if (name.equals(word)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isKin(CommandTable.Entry entry, String word) {
    return CommandTable.find(word).isPresent()
        && CommandTable.find(entry.name().split(" ", 2)[0]).orElseThrow().getClass()
            == CommandTable.find(word).get().getClass();
  }

  /** The list of all commands. */
  Result list() {
    return new Help(CommandTable.entries());
  }

  /** Commands and what they are for. */
  record Help(List<CommandTable.Entry> entries) implements Result {
    private static final int COLUMN = 44;

    @Override
    public void text(TextOut out) {
      for (CommandTable.Entry entry : entries) {
        String head = (entry.name() + " " + entry.syntax()).strip();
        if (head.length() >= COLUMN) {
          out.line(head).line(" ".repeat(COLUMN) + entry.summary());
        } else {
          out.line(Text.left(head, COLUMN) + entry.summary());
        }
      }
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "commands",
          entries,
          (o, e) ->
              o.text("name", e.name()).text("syntax", e.syntax()).text("summary", e.summary()));
    }
  }
}
