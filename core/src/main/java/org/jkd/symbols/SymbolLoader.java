// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.PdbIdentity;
import org.jkd.pe.DebugDirectory;
import org.jkd.pe.PeImage;
import org.jkd.pe.PeSection;
import org.jkd.symbols.SymbolFormat.Opened;
import org.jkd.symbols.store.StoreNames;
import org.jkd.symbols.store.StoreSettings;
import org.jkd.symbols.store.Stores;
import org.jkd.symbols.store.Wanted;
import org.jspecify.annotations.Nullable;

/**
 * Decides which files belong to a module. An image file belongs to it by timestamp and size, a PDB
 * by the GUID and age in the image's debug record, which is read from the target's memory and,
 * where that page is missing, from the image file. Every place that was looked at in vain, and
 * every file that was refused, leaves a line in a log.
 */
public final class SymbolLoader {
  /** Files that are opened in search of one that fits; each costs a fraction of a second. */
  private static final int MAX_TRIED = 64;

  private final FileFinder symbolFiles;
  private final FileFinder imageFiles;
  private final List<SymbolFormat> formats;
  private final List<ImageFormat> imageFormats;
  private final Stores stores;
  private final LoadOptions options;
  private final @Nullable SharedFiles shared;

  /** What kernels are called: for one or several processors, with or without PAE. */
  private static final List<String> KERNEL_FILES =
      List.of("ntoskrnl.exe", "ntkrnlpa.exe", "ntkrnlmp.exe", "ntkrpamp.exe");

  /**
   * @param symbols where symbol files are looked for
   * @param images where image files are looked for; the symbol path is looked at after it
   * @param formats further kinds of symbol files
   */
  public SymbolLoader(
      SymbolPath symbols,
      SymbolPath images,
      List<SymbolFormat> formats,
      Stores stores,
      LoadOptions options) {
    this(
        new FileFinder(symbols, stores),
        new FileFinder(images, stores),
        formats,
        List.of(),
        stores,
        options,
        null);
  }

  private SymbolLoader(
      FileFinder symbols,
      FileFinder images,
      List<SymbolFormat> formats,
      List<ImageFormat> imageFormats,
      Stores stores,
      LoadOptions options,
      @Nullable SharedFiles shared) {
    this.symbolFiles = symbols;
    this.imageFiles = images;
    this.formats = List.copyOf(formats);
    this.imageFormats = List.copyOf(imageFormats);
    this.stores = stores;
    this.options = options;
    this.shared = shared;
  }

  /**
   * A loader that asks no server.
   *
   * @param publicsOnly reduces every PDB to its public symbols
   */
  public SymbolLoader(
      SymbolPath symbols, SymbolPath images, List<SymbolFormat> formats, boolean publicsOnly) {
    this(
        symbols,
        images,
        formats,
        new Stores(StoreSettings.of(Map.of()).withoutServers()),
        new LoadOptions(publicsOnly, false, Stores.Ask.SERVERS));
  }

  /** The same places with other options. */
  public SymbolLoader with(LoadOptions other) {
    return new SymbolLoader(symbolFiles, imageFiles, formats, imageFormats, stores, other, null);
  }

  /** The same places with symbols that images have without a PDB; the first kind found counts. */
  public SymbolLoader reading(List<ImageFormat> other) {
    return new SymbolLoader(symbolFiles, imageFiles, formats, other, stores, options, shared);
  }

  /**
   * A loader of the same files for many targets and several threads: every file is opened once.
   * What the folders held when they were first looked at counts as long as it lives.
   */
  public SymbolLoader sharing() {
    return new SymbolLoader(
        symbolFiles, imageFiles, formats, imageFormats, stores, options, new SharedFiles());
  }

  /** An image file that was found. */
  public record ImageFile(Path path, PeImage image) {}

  /**
   * What was found for a module.
   *
   * @param images finds the image file when it is asked for the first time
   * @param pdbName the name of the PDB that belongs to it, empty when unknown
   * @param pdbKey its GUID and age, empty when unknown
   * @param fileKey the GUID and age of the symbol file itself; empty without one
   * @param proof why the symbol file is believed to belong to the module; empty without one
   */
  public record Result(
      ModuleSymbols symbols,
      Supplier<Optional<ImageFile>> images,
      String pdbName,
      String pdbKey,
      String fileKey,
      String proof) {
    /** The image file of the module, looked for now if it was not. */
    public Optional<ImageFile> imageFile() {
      return images.get();
    }
  }

  /** The key of an image in a store: timestamp and size. */
  public static String imageKey(long timestamp, long size) {
    return String.format(Locale.ROOT, "%08X%x", timestamp, size);
  }

  /** True when the places that are looked in may be slow, so that asking for many at once pays. */
  boolean isRemote() {
    return !stores.settings().offline()
        && (symbolFiles.path().hasServer() || imageFiles.path().hasServer());
  }

  /** The image file of a module, by timestamp and size, without asking servers. */
  public Optional<ImageFile> imageFile(ModuleIdentity module, Consumer<String> log) {
    return imageFile(module, Stores.Ask.NOBODY, log);
  }

  /** What was asked about an image; about a symbol file; about all versions of one. */
  private record ImageQuestion(SharedFiles.ImageKey image, Stores.Ask ask) {}

  private record SymbolQuestion(String name, String key, String extension, Stores.Ask ask) {}

  private record BesideQuestion(Path image, String name, String key) {}

  private record VersionsQuestion(String name) {}

  private Optional<ImageFile> imageFile(
      ModuleIdentity module, Stores.Ask ask, Consumer<String> log) {
    if (shared == null) {
      return lookForImage(module, ask, log);
    }
    return first(
            new ImageQuestion(SharedFiles.ImageKey.of(module), ask),
            ask,
            log,
            l -> lookForImage(module, ask, l).map(ImageFile::path))
        .flatMap(p -> shared.image(p, () -> openImage(p, log)).map(i -> new ImageFile(p, i)));
  }

  /** The first file that is found, looked for once if files are shared. */
  private Optional<Path> first(
      Object question,
      Stores.Ask ask,
      Consumer<String> log,
      Function<Consumer<String>, Optional<Path>> search) {
    if (shared == null) {
      return search.apply(log);
    }
    // A server that does not answer now may do so for the next dump.
    boolean local = ask == Stores.Ask.NOBODY || !isRemote();
    return shared
        .files(
            question,
            found -> local || !found.isEmpty(),
            log,
            l -> search.apply(l).stream().toList())
        .stream()
        .findFirst();
  }

  private Optional<Path> symbolFile(
      ModuleIdentity module, DebugDirectory.Rsds rsds, Stores.Ask ask, Consumer<String> log) {
    Wanted wanted = wanted(module, rsds);
    return first(
        new SymbolQuestion(wanted.name(), wanted.key(), wanted.extension(), ask),
        ask,
        log,
        l -> symbolFiles.find(wanted, ask, l));
  }

  private Optional<ImageFile> lookForImage(
      ModuleIdentity module, Stores.Ask ask, Consumer<String> log) {
    String key = imageKey(module.timestamp(), module.size());
    Set<String> names = new LinkedHashSet<>();
    names.add(module.imageName());
    if (KERNEL_FILES.contains(module.imageName())) {
      // Small dumps call every kernel ntoskrnl.exe, whatever its file was called.
      names.addAll(KERNEL_FILES);
    }
    for (FileFinder finder : List.of(imageFiles, symbolFiles)) {
      for (String name : names) {
        Stores.Ask asked = name.equals(module.imageName()) ? ask : Stores.Ask.NOBODY;
        Wanted wanted = new Wanted(name, key, extension(name), SymbolFileChecks.image(module));
        Consumer<String> named = line -> log.accept(name + ": " + line);
        Optional<Path> found = finder.find(wanted, asked, named);
        if (found.isPresent()) {
          Path p = found.get();
          Optional<PeImage> image =
              shared == null ? openImage(p, log) : shared.image(p, () -> openImage(p, log));
          if (image.isPresent()) {
            return Optional.of(new ImageFile(p, image.get()));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<PeImage> openImage(Path p, Consumer<String> log) {
    try {
      return Optional.of(PeImage.ofFile(Bytes.map(p)));
    } catch (IOException | FormatException e) {
      log.accept(p + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private static String extension(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /**
   * A module whose headers were looked at, and whose image file is looked for when it must be. With
   * its record at hand, nothing but the symbol file is fetched: images are large.
   */
  private final class Subject {
    final ModuleIdentity module;
    final Consumer<String> log;
    final Optional<PeImage> inMemory;
    private @Nullable Optional<ImageFile> file;
    private @Nullable Boolean codeInMemory;

    Subject(ModuleIdentity module, Consumer<String> log) {
      this.module = module;
      this.log = log;
      this.inMemory = inMemory(module, log);
    }

    /** The image file; a server is asked for it when the dump has not got the module's code. */
    synchronized Optional<ImageFile> file() {
      if (file == null) {
        Optional<ImageFile> found = imageFile(module, Stores.Ask.NOBODY, log);
        if (found.isEmpty() && isRemote() && module.timestamp() != 0 && !holdsCode()) {
          found = imageFile(module, options.ask(), log);
        }
        file = found;
      }
      return file;
    }

    /** True when the target's memory has the module's code; asked of memory once. */
    boolean holdsCode() {
      if (codeInMemory == null) {
        codeInMemory = codeIsReadable();
      }
      return codeInMemory;
    }

    private boolean codeIsReadable() {
      byte[] first = new byte[16];
      return inMemory
          .flatMap(i -> i.sections().stream().filter(PeSection::executable).findFirst())
          .filter(s ->
              module.memory().read(module.base() + s.rva(), first, 0, first.length) == first.length)
          .isPresent();
    }

    /** The debug record, from the nearest place that has it. */
    Optional<DebugDirectory.CodeView> record() {
      return inMemory
          .flatMap(i -> i.debug().codeView())
          .or(module::debugRecord)
          .or(() -> file().flatMap(f -> f.image().debug().codeView()));
    }
  }

  /**
   * Loads the best symbols there are.
   *
   * @param known addresses in the module that the target gives by name; they decide where no GUID
   *     is known
   */
  public Result load(ModuleIdentity module, Map<String, Long> known, Consumer<String> log) {
    Subject subject = new Subject(module, log);
    Optional<DebugDirectory.CodeView> record = subject.record();
    String name = record.map(DebugDirectory.CodeView::fileName).orElse("");
    String key = record.map(DebugDirectory.CodeView::key).orElse("");
    Optional<Found> found;
    if (record.isPresent()) {
      found = byIdentity(module, record.get(), log);
      if (found.isEmpty()) {
        found = besideImage(subject, record.get(), log);
      }
    } else {
      log.accept(
          module.name()
              + ": its debug record is neither in the dump nor in an image file,"
              + " so the GUID of its PDB is not known");
      found = byAddresses(module, known, log);
    }
    return found
        .map(
            f -> new Result(f.file().symbols(), subject::file, name, key, key(f.file()), f.proof()))
        .orElseGet(() -> new Result(withoutPdb(subject), subject::file, name, key, "", ""));
  }

  /**
   * Prepares to fetch what a module needs from servers. What the target's memory says is read now;
   * the job may run in any thread, and leaves the files in the cache.
   */
  private Runnable fetch(ModuleIdentity module) {
    Consumer<String> nobody = line -> {};
    Subject subject = new Subject(module, nobody);
    Optional<DebugDirectory.CodeView> atHand =
        subject.inMemory.flatMap(i -> i.debug().codeView()).or(module::debugRecord);
    subject.holdsCode();
    return () -> {
      Optional<DebugDirectory.CodeView> record =
          atHand.or(() -> subject.file().flatMap(f -> f.image().debug().codeView()));
      if (record.orElse(null) instanceof DebugDirectory.Rsds rsds) {
        symbolFile(module, rsds, options.ask(), nobody);
      }
    };
  }

  /** Fetches what many modules need, several at a time. */
  void fetchAll(List<ModuleIdentity> modules) {
    if (isRemote()) {
      stores.together(modules.stream().map(this::fetch).toList());
    }
  }

  private Wanted wanted(ModuleIdentity module, DebugDirectory.Rsds rsds) {
    return new Wanted(
        rsds.fileName(),
        rsds.key(),
        extension(module.imageName()),
        SymbolFileChecks.pdb(rsds, options.anything()));
  }

  /** A symbol file and why it is believed. */
  private record Found(Opened file, String proof) {}

  private static String key(Opened file) {
    return new PdbIdentity(file.guid(), file.age()).key();
  }

  private static Optional<PeImage> inMemory(ModuleIdentity module, Consumer<String> log) {
    try {
      return Optional.of(PeImage.inMemory(module.imageName(), module.memory(), module.base()));
    } catch (FormatException e) {
      log.accept(e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Found> byIdentity(
      ModuleIdentity module, DebugDirectory.CodeView record, Consumer<String> log) {
    if (!(record instanceof DebugDirectory.Rsds rsds)) {
      log.accept(record.fileName() + ": PDBs before version 7.0 are not read");
      return Optional.empty();
    }
    // What is at hand in another format is better than what a server would have to be asked for.
    boolean local = isRemote() && !formats.isEmpty();
    Optional<Path> pdb = symbolFile(module, rsds, local ? Stores.Ask.NOBODY : options.ask(), log);
    if (pdb.isPresent()) {
      Optional<Found> found = opened(pdb.get(), log);
      if (found.isPresent()) {
        return found;
      }
    }
    for (SymbolFormat format : formats) {
      for (Path p : symbolFiles.at(format.places(rsds.fileName(), rsds.guid(), rsds.age()))) {
        Optional<Opened> file = open(p, log);
        if (file.isPresent() && matches(file.get(), rsds, p, format.name() + " file", log)) {
          return Optional.of(new Found(file.get(), "GUID and age"));
        }
      }
    }
    return local
        ? symbolFile(module, rsds, options.ask(), log).flatMap(p -> opened(p, log))
        : Optional.empty();
  }

  private Optional<Found> opened(Path pdb, Consumer<String> log) {
    return open(pdb, log).map(o -> new Found(o, options.anything() ? "its name" : "GUID and age"));
  }

  /** A PDB in the folder of the image file, where linkers leave it. */
  private Optional<Found> besideImage(
      Subject subject, DebugDirectory.CodeView record, Consumer<String> log) {
    if (!(record instanceof DebugDirectory.Rsds rsds)
        || StoreNames.nameRefusal(rsds.fileName()).isPresent()) {
      return Optional.empty();
    }
    Optional<ImageFile> image = imageFile(subject.module, Stores.Ask.NOBODY, line -> {});
    return image
        .flatMap(i ->
            first(
                new BesideQuestion(i.path(), rsds.fileName(), rsds.key()),
                Stores.Ask.NOBODY,
                log,
                l ->
                    Optional.of(i.path().resolveSibling(rsds.fileName()))
                        .filter(Files::isRegularFile)
                        .filter(p -> Stores.passes(p, wanted(subject.module, rsds), l))))
        .flatMap(p -> opened(p, log));
  }

  private static boolean matches(
      Opened file, DebugDirectory.Rsds rsds, Path path, String kind, Consumer<String> log) {
    if (file.guid().equals(rsds.guid()) && file.age() == rsds.age()) {
      return true;
    }
    log.accept(path + ": mismatched " + kind + ": " + key(file) + " instead of " + rsds.key());
    return false;
  }

  /** Opens a PDB or a file of one of the other formats; a file that cannot be read is logged. */
  private Optional<Opened> open(Path p, Consumer<String> log) {
    return shared == null ? openNow(p, log) : shared.symbols(p, () -> openNow(p, log));
  }

  private Optional<Opened> openNow(Path p, Consumer<String> log) {
    String name = String.valueOf(p.getFileName());
    try {
      for (SymbolFormat format : formats) {
        if (format.accepts(name)) {
          return Optional.of(format.open(p));
        }
      }
      Pdb pdb = Pdb.open(p);
      return Optional.of(
          new Opened(
              new PdbSymbols(pdb, p, options.publicsOnly()),
              pdb.identity().guid(),
              pdb.identity().age(),
              name));
    } catch (IOException | FormatException e) {
      log.accept(p + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Tries the symbol files of every version until one has the addresses that the target knows. */
  private Optional<Found> byAddresses(
      ModuleIdentity module, Map<String, Long> known, Consumer<String> log) {
    if (known.isEmpty()) {
      return Optional.empty();
    }
    int tried = 0;
    for (String pdbName : pdbNames(module)) {
      for (Path p : versions(pdbName)) {
        if (++tried > MAX_TRIED) {
          log.accept(module.name() + ": more than " + MAX_TRIED + " symbol files to try");
          return Optional.empty();
        }
        Optional<Opened> file = open(p, log);
        if (file.isPresent()) {
          AddressProof proof = AddressProof.of(file.get().symbols(), module.base(), known);
          log.accept(p + ": " + proof.text());
          if (proof.holds()) {
            return Optional.of(new Found(file.get(), proof.text()));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** The symbol files of one name, whatever they belong to. */
  private List<Path> versions(String pdbName) {
    Supplier<List<Path>> look =
        () ->
            symbolFiles.versions(pdbName).stream()
                .flatMap(v -> Stream.of(v, v.resolve(pdbName)))
                .filter(Files::isRegularFile)
                .toList();
    return shared == null
        ? look.get()
        : shared.files(new VersionsQuestion(pdbName), f -> true, line -> {}, l -> look.get());
  }

  /** What the PDB of a module may be called: like its image; the kernel's images were renamed. */
  private static List<String> pdbNames(ModuleIdentity module) {
    List<String> names = new ArrayList<>();
    int dot = module.imageName().lastIndexOf('.');
    names.add((dot < 0 ? module.imageName() : module.imageName().substring(0, dot)) + ".pdb");
    if (module.name().equals("nt")) {
      names.addAll(List.of("ntkrnlmp.pdb", "ntkrpamp.pdb", "ntkrnlpa.pdb", "ntoskrnl.pdb"));
    }
    return names.stream().distinct().toList();
  }

  /** The symbols of the image file itself or of a file named after it; then exports. */
  private ModuleSymbols withoutPdb(Subject subject) {
    Optional<ModuleSymbols> found =
        shared == null
            ? inOrBesideImage(subject)
            : shared.withoutPdb(
                SharedFiles.ImageKey.of(subject.module), () -> inOrBesideImage(subject));
    return found.orElseGet(() -> exports(subject));
  }

  private Optional<ModuleSymbols> inOrBesideImage(Subject subject) {
    Optional<Path> image =
        imageFormats.isEmpty()
            ? Optional.empty()
            : imageFile(subject.module, Stores.Ask.NOBODY, line -> {}).map(ImageFile::path);
    for (ImageFormat format : imageFormats) {
      for (Path p : files(format, subject.module, image)) {
        try {
          Optional<ModuleSymbols> symbols = format.open(p, subject.module, subject.log);
          if (symbols.isPresent()) {
            return symbols;
          }
        } catch (IOException | FormatException e) {
          subject.log.accept(p + ": " + e.getMessage());
        }
      }
    }
    return Optional.empty();
  }

  private List<Path> files(ImageFormat format, ModuleIdentity module, Optional<Path> image) {
    if (format.extensions().isEmpty()) {
      return image.stream().toList();
    }
    List<Path> result = new ArrayList<>();
    String name = module.imageName();
    int dot = name.lastIndexOf('.');
    for (String extension : format.extensions()) {
      String file = (dot < 0 ? name : name.substring(0, dot)) + '.' + extension;
      image.map(i -> i.resolveSibling(file)).filter(Files::isRegularFile).ifPresent(result::add);
      String kind = extension(name);
      String key = imageKey(module.timestamp(), module.size());
      result.addAll(
          symbolFiles.at(
              List.of(
                  List.of(file),
                  List.of(kind, file),
                  List.of("symbols", kind, file),
                  List.of(file, key, file))));
    }
    return result.stream().distinct().toList();
  }

  private static ModuleSymbols exports(Subject subject) {
    Optional<ModuleSymbols> loaded = subject.inMemory.flatMap(SymbolLoader::exports);
    return loaded
        .or(() -> subject.file().map(ImageFile::image).flatMap(SymbolLoader::exports))
        .orElseGet(NoSymbols::new);
  }

  private static Optional<ModuleSymbols> exports(PeImage image) {
    ExportSymbols symbols = new ExportSymbols(image.exports());
    return symbols.status() == SymbolStatus.EXPORT ? Optional.of(symbols) : Optional.empty();
  }
}
