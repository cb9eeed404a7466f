// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.code.CodeImage;
import org.jkd.code.CodeSpace;
import org.jkd.cpu.Arch;
import org.jkd.cpu.CpuContext;
import org.jkd.engine.report.CrashReports;
import org.jkd.engine.report.StackReport;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.pe.PeImage;
import org.jkd.stack.CodeMap;
import org.jkd.stack.CodeSource;
import org.jkd.stack.KernelStackEnvironment;
import org.jkd.stack.StackEnvironment;
import org.jkd.stack.TargetModules;
import org.jkd.stack.rebuild.Reconstructor;
import org.jkd.symbols.LoadOptions;
import org.jkd.symbols.ModuleIdentity;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.SymbolLoader;
import org.jkd.symbols.SymbolSet;
import org.jkd.symbols.store.Stores;
import org.jkd.target.KernelTarget;
import org.jkd.target.KernelThread;
import org.jkd.target.LoadedModule;
import org.jkd.target.Target;
import org.jkd.target.Targets;
import org.jkd.target.UserTarget;
import org.jspecify.annotations.Nullable;

/**
 * A dump that is open, together with the places where its symbols and images are looked for. The
 * kernel's own symbols are loaded only when the dump does not tell enough without them.
 */
public final class Debuggee {
  private final Path file;
  private final Target target;
  private final List<LoadedModule> added = new ArrayList<>();
  private final Set<Long> removed = new HashSet<>();
  private String symbolPath;
  private String imagePath;
  private SymbolPlaces places;
  private SymbolOptions symbolOptions = SymbolOptions.DEFAULT;
  private @Nullable SymbolSet symbols;
  private @Nullable CodeSource code;
  private @Nullable CodeSpace space;
  private @Nullable Reconstructor reconstructor;
  private @Nullable StackReport report;

  private Debuggee(Path file, Target target, SymbolPlaces places) {
    this.file = file;
    this.target = target;
    this.symbolPath = places.symbolPath();
    this.imagePath = places.imagePath();
    this.places = places;
  }

  /**
   * Opens a kernel dump, a user-mode minidump or an image file.
   *
   * @param symbolPath in the grammar of {@code _NT_SYMBOL_PATH}; may be empty
   * @param imagePath folders with image files, separated by semicolons; may be empty
   * @throws org.jkd.image.FormatException if the file is nothing that can be opened
   */
  public static Debuggee open(Path file, String symbolPath, String imagePath) throws IOException {
    return open(file, SymbolPlaces.of(symbolPath, imagePath));
  }

  /**
   * Opens a kernel dump, a user-mode minidump or an image file.
   *
   * @throws org.jkd.image.FormatException if the file is nothing that can be opened
   */
  public static Debuggee open(Path file, SymbolPlaces places) throws IOException {
    return open(file, Targets.open(file), places);
  }

  /**
   * Opens what is at hand already, with symbols that may be shared with other dumps.
   *
   * @param file what it is called
   * @throws org.jkd.image.FormatException if it is nothing that can be opened
   */
  public static Debuggee open(Path file, Bytes bytes, SymbolPlaces places) {
    return open(file, Targets.open(bytes), places);
  }

  private static Debuggee open(Path file, Target target, SymbolPlaces places) {
    Debuggee plain = new Debuggee(file, target, places);
    return target instanceof KernelTarget kernel && isPoor(kernel)
        ? plain.withKernelSymbols(kernel, places)
        : plain;
  }

  /** True if the crashing thread or its stack are not known, which symbols may change. */
  private static boolean isPoor(KernelTarget kernel) {
    return kernel.currentThread().isEmpty()
        || kernel.currentThread().get().stackBase().isEmpty()
        || kernel.modules().isEmpty();
  }

  private Debuggee withKernelSymbols(KernelTarget kernel, SymbolPlaces places) {
    Optional<ModuleIdentity> nt = symbols().module("nt");
    if (nt.isEmpty()) {
      return this;
    }
    ModuleSymbols names = symbols().symbols(nt.get());
    long base = nt.get().base();
    KernelTarget better =
        kernel.withSymbols(
            name -> {
              var symbol = names.named(name);
              return symbol.isPresent()
                  ? OptionalLong.of(base + symbol.get().rva())
                  : OptionalLong.empty();
            },
            (type, field) -> names.types().offset(type, field));
    return new Debuggee(file, better, places);
  }

  private SymbolSet symbolSet() {
    List<ModuleIdentity> identities = modules().stream().map(this::identity).toList();
    SymbolSet set = new SymbolSet(identities, places.loader());
    set.undecorate(symbolOptions.has(SymbolOptions.UNDNAME));
    if (target instanceof KernelTarget kernel) {
      set.module("nt").ifPresent(nt -> set.know(nt, knownAddresses(kernel)));
    }
    return set;
  }

  /** Addresses that the dump gives by name: by them a symbol file is recognized without a GUID. */
  private static Map<String, Long> knownAddresses(KernelTarget kernel) {
    Map<String, Long> known = new HashMap<>();
    kernel.header().loadedModuleList().ifPresent(a -> known.put("PsLoadedModuleList", a));
    kernel.header().activeProcessHead().ifPresent(a -> known.put("PsActiveProcessHead", a));
    kernel.header().debuggerData().ifPresent(a -> known.put("KdDebuggerDataBlock", a));
    kernel.header().pfnDatabase().ifPresent(a -> known.put("MmPfnDatabase", a));
    kernel
        .debuggerData()
        .ifPresent(d -> d.processorBlock().ifPresent(a -> known.put("KiProcessorBlock", a)));
    return known;
  }

  /** The dump file. */
  public Path file() {
    return file;
  }

  /** What is being debugged. */
  public Target target() {
    return target;
  }

  /** The kernel, if that is what is being debugged. */
  public Optional<KernelTarget> kernel() {
    return target instanceof KernelTarget k ? Optional.of(k) : Optional.empty();
  }

  /**
   * The modules as the user has them: those of the target, without what was unloaded by hand, with
   * what was added.
   */
  public List<LoadedModule> modules() {
    if (added.isEmpty() && removed.isEmpty()) {
      return target.modules();
    }
    List<LoadedModule> modules = new ArrayList<>(target.modules());
    modules.removeIf(m -> removed.contains(m.base()));
    modules.addAll(added);
    return modules;
  }

  /** The module that holds an address. */
  Optional<LoadedModule> moduleAt(long address) {
    return modules().stream().filter(m -> m.contains(address)).findFirst();
  }

  /** Adds a module that the target does not list, such as one that was unloaded. */
  void add(LoadedModule module) {
    added.removeIf(m -> m.base() == module.base());
    removed.add(module.base());
    added.add(module);
    symbols = null;
    forget();
  }

  /** Takes a module off the list. */
  void remove(LoadedModule module) {
    added.remove(module);
    removed.add(module.base());
    symbols = null;
    forget();
  }

  /** The symbols of all modules; the first prompt does without them. */
  public SymbolSet symbols() {
    if (symbols == null) {
      symbols = symbolSet();
    }
    return symbols;
  }

  /** The identity by which a module's symbols are found. */
  public ModuleIdentity identity(LoadedModule module) {
    return TargetModules.identity(target, module);
  }

  /**
   * The image of a module with its headers and resources: the image file, which is complete, or
   * else what the dump holds of it.
   */
  public Optional<PeImage> image(LoadedModule module) {
    ModuleIdentity identity = identity(module);
    var file = places.loader().imageFile(identity, line -> {});
    if (file.isPresent()) {
      return Optional.of(file.get().image());
    }
    try {
      return Optional.of(PeImage.inMemory(module.imageName(), target.memory(), module.base()));
    } catch (FormatException e) {
      return Optional.empty(); // its header is not in the dump, which is normal for small ones
    }
  }

  /** The code of all modules. */
  public CodeSource code() {
    if (code == null) {
      code = CodeMap.of(symbols());
    }
    return code;
  }

  /** The analysed code of all modules; analysed on demand, kept until symbols are reloaded. */
  public CodeSpace space() {
    if (arch() == Arch.ARM64) {
      throw new CommandException("Code of ARM64 is not decoded: this command needs x86 or x64");
    }
    if (space == null) {
      List<CodeImage> images = new ArrayList<>();
      symbols().loadAll(symbols().modules());
      for (LoadedModule m : modules()) {
        SymbolLoader.Result loaded = symbols().loaded(identity(m));
        images.add(
            new CodeImage(
                m.name(),
                arch(),
                m.base(),
                m.size(),
                target.memory(),
                loaded.imageFile().map(SymbolLoader.ImageFile::image),
                Optional.of(loaded.symbols())));
        places.code().ifPresent(images.getLast()::learnFrom);
      }
      space = new CodeSpace(arch(), target.memory(), images);
    }
    return space;
  }

  /** Rebuilds stacks; what it learned about code is kept between them. */
  public Reconstructor reconstructor() {
    if (reconstructor == null) {
      reconstructor = Reconstructor.of(target.memory(), space());
    }
    return reconstructor;
  }

  /**
   * What is to be said about the crash; made once, since five commands show parts of it.
   *
   * @param kernel the target as a kernel
   */
  public StackReport report(KernelTarget kernel) {
    if (report == null) {
      report = CrashReports.of(this, kernel);
    }
    return report;
  }

  /** Where symbol files are looked for. */
  public String symbolPath() {
    return symbolPath;
  }

  /** Where image files are looked for. */
  public String imagePath() {
    return imagePath;
  }

  /** Looks in other places from the next reload on. */
  public void setPaths(String newSymbolPath, String newImagePath) {
    symbolPath = newSymbolPath;
    imagePath = newImagePath;
  }

  /** Switches of {@code .symopt}; those of loading count for what is loaded from now on. */
  SymbolOptions symbolOptions() {
    return symbolOptions;
  }

  void setSymbolOptions(SymbolOptions options) {
    symbolOptions = options;
    symbols().undecorate(options.has(SymbolOptions.UNDNAME));
    symbols().use(places.loader().with(options.loading(Stores.Ask.SERVERS)));
  }

  /** Forgets all symbols, so that they are looked for anew; modules are as the target has them. */
  public void reload() {
    places = places.at(symbolPath, imagePath, symbolOptions.loading(Stores.Ask.SERVERS));
    added.clear();
    removed.clear();
    symbols = null;
    forget();
  }

  /** Forgets the symbols of one module, which are looked for anew in the current path. */
  public void reload(LoadedModule module) {
    places = places.at(symbolPath, imagePath, symbolOptions.loading(Stores.Ask.SERVERS));
    symbols().use(places.loader());
    symbols().reload(identity(module));
    forget();
  }

  /** Loads the symbols of one module now, in a way of its own. */
  void load(LoadedModule module, LoadOptions options) {
    symbols().load(identity(module), options);
    forget();
  }

  /** What was made from symbols that have changed is made anew when it is asked for. */
  private void forget() {
    code = null;
    space = null;
    reconstructor = null;
    report = null;
  }

  /** The registers of the code that stopped the system. */
  public CpuContext registers() {
    if (target instanceof KernelTarget k) {
      return k.context();
    }
    return target instanceof UserTarget u
        ? u.firstThread().flatMap(u::context).orElse(CpuContext.unknown(arch()))
        : CpuContext.unknown(arch());
  }

  /** The processor architecture. */
  public Arch arch() {
    return target.arch();
  }

  /**
   * What walks ask about the machine.
   *
   * @param thread the thread that is walked
   */
  public StackEnvironment environment(Optional<KernelThread> thread) {
    return target instanceof KernelTarget k
        ? new KernelStackEnvironment(k, thread)
        : StackEnvironment.NONE;
  }

  /** The target for which there is nothing: used where commands need no dump. */
  static Debuggee bare(Target target) {
    return new Debuggee(Path.of(""), target, SymbolPlaces.of("", ""));
  }

  @Override
  public String toString() {
    return file.toString();
  }

  @Nullable LoadedModule moduleNamed(String name) {
    for (LoadedModule m : modules()) {
      if (m.name().equalsIgnoreCase(name)) {
        return m;
      }
    }
    return null;
  }
}
