// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jkd.engine.render.JsonOut;
import org.jkd.engine.render.Text;
import org.jkd.engine.render.TextOut;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.SymbolLoader;
import org.jkd.target.LoadedModule;

/** {@code !chksym [Module]}: whether a symbol file belongs to the image that is loaded. */
final class CheckSymbolsCommand extends Command {
  private static final int GUID = 32;

  @Override
  public Result run(Arguments arguments, Session session) {
    Debuggee debuggee = session.debuggee();
    String name = arguments.word();
    arguments.end();
    List<Check> checks = new ArrayList<>();
    for (LoadedModule module : debuggee.modules()) {
      boolean named =
          module.name().equalsIgnoreCase(name) || module.imageName().equalsIgnoreCase(name);
      if (name.isEmpty() || named) {
        checks.add(check(module, debuggee));
      }
    }
    if (checks.isEmpty()) {
      throw new CommandException("\"" + name + "\" was not found in the image list.");
    }
    return new Checks(checks);
  }

  private static Check check(LoadedModule module, Debuggee debuggee) {
    ModuleIdentity identity = debuggee.identity(module);
    SymbolLoader.Result result = debuggee.symbols().loaded(identity);
    return new Check(
        module,
        result.pdbName(),
        result.pdbKey(),
        result.symbols().file(),
        result.fileKey(),
        debuggee.symbols().summary(identity));
  }

  /**
   * A module and its symbol file.
   *
   * @param key the GUID and age that the image asks for
   * @param fileKey those of the file
   */
  record Check(
      LoadedModule module,
      String pdb,
      String key,
      Optional<Path> file,
      String fileKey,
      String summary) {
    boolean matches() {
      return !fileKey.isEmpty() && fileKey.equals(key);
    }
  }

  /** Modules and their symbol files. */
  record Checks(List<Check> checks) implements Result {
    @Override
    public void text(TextOut out) {
      for (Check c : checks) {
        out.line("");
        out.line(c.module.imageName());
        row(out, "Timestamp", String.format(Locale.ROOT, "%X", c.module.timestamp()));
        row(out, "SizeOfImage", String.format(Locale.ROOT, "%X", c.module.size()));
        identity(out, c.pdb, c.key);
        out.line("");
        if (c.file.isEmpty()) {
          out.line("No symbol file: " + c.summary);
          continue;
        }
        String name = String.valueOf(c.file.get().getFileName());
        out.line("Loaded pdb is " + c.file.get());
        out.line("");
        out.line(name);
        identity(out, "", c.fileKey);
        out.line("");
        out.line((c.matches() ? "MATCH: " : "MISMATCH: ") + name + " and " + c.module.imageName());
      }
    }

    private static void row(TextOut out, String label, String value) {
      out.line(Text.right(label, 13) + ": " + value);
    }

    private static void identity(TextOut out, String pdb, String key) {
      if (!pdb.isEmpty()) {
        row(out, "pdb", pdb);
      }
      if (key.length() > GUID) {
        row(out, "pdb sig", Text.guid(key.substring(0, GUID)));
        row(out, "age", key.substring(GUID));
      }
    }

    @Override
    public void json(JsonOut out) {
      out.objects(
          "modules",
          checks,
          (o, c) ->
              o.text("module", c.module.name())
                  .text("imageName", c.module.imageName())
                  .optional("pdb", c.pdb)
                  .optional("pdbKey", c.key)
                  .optional("symbolFile", c.file.map(Path::toString).orElse(""))
                  .optional("fileKey", c.fileKey)
                  .flag("match", c.matches())
                  .text("summary", c.summary));
    }
  }
}
