// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The symbols of all modules of a target. A module's symbols are loaded when they are first asked
 * for; until then its status is deferred.
 */
public final class SymbolSet {
  /** Lines about one module. */
  private static final int MAX_LOG = 1000;

  /** Lines that wait for somebody to ask for them. */
  private static final int MAX_NEWS = 20_000;

  private final List<ModuleIdentity> modules;
  private SymbolLoader loader;
  private final Map<ModuleIdentity, State> states = new HashMap<>();
  private final Map<ModuleIdentity, Map<String, Long>> known = new HashMap<>();
  private final List<News> news = new ArrayList<>();
  private boolean undecorate = true;

  /** What is known of a module. */
  private record State(SymbolLoader.Result result, List<String> log) {}

  /**
   * An address in a module.
   *
   * @param symbol empty when the module has no symbol at or below it
   * @param displacement bytes from the symbol, or from the module's base without one
   */
  public record Nearest(ModuleIdentity module, Optional<Symbol> symbol, long displacement) {
    /** {@code nt!IofCallDriver+0x45}, or {@code BabyHog+0x1196} without a symbol. */
    public String text() {
      String name = symbol.map(s -> module.name() + "!" + s.name()).orElse(module.name());
      return displacement == 0 ? name : name + "+0x" + Long.toHexString(displacement);
    }
  }

  /** A symbol of a module. */
  public record Match(ModuleIdentity module, Symbol symbol) {
    /** Its address. */
    public long address() {
      return module.base() + symbol.rva();
    }

    /** {@code nt!IofCallDriver}. */
    public String text() {
      return module.name() + "!" + symbol.name();
    }
  }

  /**
   * Whether the names of public symbols and exports are shown undecorated, as SYMOPT_UNDNAME says;
   * at first they are.
   */
  public void undecorate(boolean yes) {
    undecorate = yes;
  }

  /** Whether names are shown undecorated. */
  public boolean undecorates() {
    return undecorate;
  }

  /** The name under which a symbol is shown. Private symbols are never decorated. */
  public String shown(Symbol symbol) {
    return switch (symbol.kind()) {
      case PUBLIC, PUBLIC_CODE, EXPORT -> undecorate ? symbol.name() : symbol.decorated();
      case PROCEDURE, THUNK, DATA -> symbol.name();
    };
  }

  /** The modules of a target; nothing is loaded yet. */
  public SymbolSet(List<ModuleIdentity> modules, SymbolLoader loader) {
    this.modules =
        modules.stream().sorted((a, b) -> Long.compareUnsigned(a.base(), b.base())).toList();
    this.loader = loader;
  }

  /**
   * Tells addresses in a module that the target knows by name, for instance from the header of the
   * dump ({@code PsLoadedModuleList}): where no GUID is known, a symbol file that has the same
   * addresses is believed. To be called before the module's symbols are asked for.
   */
  public void know(ModuleIdentity module, Map<String, Long> addresses) {
    known.put(module, Map.copyOf(addresses));
    states.remove(module);
  }

  /** The modules in ascending order of address. */
  public List<ModuleIdentity> modules() {
    return modules;
  }

  /** The module that holds an address. */
  public Optional<ModuleIdentity> moduleAt(long address) {
    int low = 0;
    int high = modules.size() - 1;
    while (low <= high) {
      int mid = (low + high) >>> 1;
      ModuleIdentity m = modules.get(mid);
      if (m.contains(address)) {
        return Optional.of(m);
      }
      if (Long.compareUnsigned(address, m.base()) < 0) {
        high = mid - 1;
      } else {
        low = mid + 1;
      }
    }
    return Optional.empty();
  }

  /** A module by the name that kd gives it, in any case. */
  public Optional<ModuleIdentity> module(String name) {
    return modules.stream().filter(m -> m.name().equalsIgnoreCase(name)).findFirst();
  }

  private State state(ModuleIdentity module) {
    return states.containsKey(module) ? states.get(module) : load(module, loader);
  }

  private State load(ModuleIdentity module, SymbolLoader with) {
    List<String> log = new ArrayList<>();
    Consumer<String> listener =
        line -> {
          // A folder is looked into again before a server is asked, which is not worth a line.
          if (log.size() < MAX_LOG && !log.contains(line)) {
            log.add(line);
            tell(module, line);
          }
        };
    State state = new State(with.load(module, known.getOrDefault(module, Map.of()), listener), log);
    states.put(module, state);
    tell(module, summary(state));
    return state;
  }

  private void tell(ModuleIdentity module, String line) {
    if (news.size() < MAX_NEWS) {
      news.add(new News(module.name(), line));
    }
  }

  /** Loads from now on in another way; what is loaded stays. */
  public void use(SymbolLoader other) {
    loader = other;
  }

  /** Loads the symbols of one module anew in another way. */
  public void load(ModuleIdentity module, LoadOptions options) {
    states.remove(module);
    load(module, loader.with(options));
  }

  /**
   * Loads the symbols of many modules. What must come from servers is fetched for several at a
   * time.
   */
  public void loadAll(Collection<ModuleIdentity> wanted) {
    loadAll(wanted, loader);
  }

  /** As {@link #loadAll(Collection)}, in another way for this time. */
  public void loadAll(Collection<ModuleIdentity> wanted, LoadOptions options) {
    loadAll(wanted, loader.with(options));
  }

  private void loadAll(Collection<ModuleIdentity> wanted, SymbolLoader with) {
    List<ModuleIdentity> missing = wanted.stream().filter(m -> !states.containsKey(m)).toList();
    if (missing.size() > 1) {
      with.fetchAll(missing);
    }
    missing.forEach(m -> load(m, with));
  }

  /** A line about the loading of symbols. */
  public record News(String module, String line) {}

  /** What happened since this was last asked for, oldest first. */
  public List<News> news() {
    List<News> result = List.copyOf(news);
    news.clear();
    return result;
  }

  /**
   * One line on where the symbols of a module come from, or where they were looked for and why they
   * are not there. Loads them if they were not.
   */
  public String summary(ModuleIdentity module) {
    return summary(state(module));
  }

  private static String summary(State state) {
    SymbolLoader.Result result = state.result();
    Optional<Path> file = result.symbols().file();
    if (file.isPresent()) {
      return words(result.symbols().status()) + " from " + file.get();
    }
    String wanted =
        result.pdbName().isEmpty() ? "" : ": " + result.pdbName() + " " + result.pdbKey();
    String looked = state.log().isEmpty() ? "" : "; " + String.join("; ", state.log());
    return words(result.symbols().status()) + wanted + looked;
  }

  private static String words(SymbolStatus status) {
    String text = status.text();
    return text.substring(1, text.length() - 1);
  }

  /** The symbols of a module, loaded now if they were not. */
  public ModuleSymbols symbols(ModuleIdentity module) {
    return state(module).result().symbols();
  }

  /** The status without loading anything. */
  public SymbolStatus status(ModuleIdentity module) {
    State s = states.get(module);
    return s == null ? SymbolStatus.DEFERRED : s.result().symbols().status();
  }

  /** What was found for a module, loaded now if it was not. */
  public SymbolLoader.Result loaded(ModuleIdentity module) {
    return state(module).result();
  }

  /** What was looked at for a module and why it was refused; loads it if it was not. */
  public List<String> log(ModuleIdentity module) {
    return List.copyOf(state(module).log());
  }

  /** Forgets what was loaded, so that the path is searched again. */
  public void reload(ModuleIdentity module) {
    states.remove(module);
  }

  /** The module, symbol and displacement of an address; empty outside all modules. */
  public Optional<Nearest> nearest(long address) {
    return moduleAt(address)
        .map(m ->
            symbols(m)
                .locate(address - m.base())
                .map(l -> new Nearest(m, Optional.of(l.symbol()), l.displacement()))
                .orElseGet(() -> new Nearest(m, Optional.empty(), address - m.base())));
  }

  /**
   * The address of {@code module!name}, or of a name alone: then {@code nt} is asked first and
   * modules whose symbols are loaded after it.
   */
  public OptionalLong address(String name) {
    int bang = name.indexOf('!');
    if (bang >= 0) {
      String symbol = name.substring(bang + 1);
      return module(name.substring(0, bang))
          .flatMap(m -> symbols(m).named(symbol).map(s -> new Match(m, s)))
          .map(m -> OptionalLong.of(m.address()))
          .orElse(OptionalLong.empty());
    }
    List<ModuleIdentity> order = new ArrayList<>(modules);
    order.sort(Comparator.comparing(m -> !m.name().equalsIgnoreCase("nt")));
    for (ModuleIdentity m : order) {
      if (m.name().equalsIgnoreCase("nt") || states.containsKey(m)) {
        Optional<Symbol> s = symbols(m).named(name);
        if (s.isPresent()) {
          return OptionalLong.of(m.base() + s.get().rva());
        }
      }
    }
    return OptionalLong.empty();
  }

  /** All symbols that match {@code module!pattern} with {@code *} and {@code ?} in both parts. */
  public List<Match> match(String pattern) {
    int bang = pattern.indexOf('!');
    Predicate<String> inModule = glob(bang < 0 ? "*" : pattern.substring(0, bang));
    Predicate<String> inName = glob(bang < 0 ? pattern : pattern.substring(bang + 1));
    List<Match> result = new ArrayList<>();
    List<ModuleIdentity> asked = modules.stream().filter(m -> inModule.test(m.name())).toList();
    loadAll(asked);
    for (ModuleIdentity m : asked) {
      symbols(m).matching(inName).forEach(s -> result.add(new Match(m, s)));
    }
    return result;
  }

  /** Matching with {@code *} and {@code ?}, in any case; takes no more than length × length. */
  public static Predicate<String> glob(String pattern) {
    String p = pattern.toLowerCase(Locale.ROOT);
    return s -> matches(p, s.toLowerCase(Locale.ROOT));
  }

  private static boolean matches(String pattern, String s) {
    int p = 0;
    int i = 0;
    int star = -1;
    int resume = 0;
    while (i < s.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        resume = i;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == s.charAt(i))) {
        p++;
        i++;
      } else if (star >= 0) {
        p = star + 1;
        i = ++resume;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
