// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.pdb.Pdb;
import org.jkd.pdb.PdbIdentity;
import org.jkd.pe.DebugDirectory;
import org.jkd.pe.PeImage;
import org.jkd.symbols.SymbolFormat.Opened;
import org.jspecify.annotations.Nullable;

/**
 * Decides which files belong to a module. An image file belongs to it by timestamp and size, a PDB
 * by the GUID and age in the image's debug record, which is read from the target's memory and,
 * where that page is missing, from the image file. Every file that was looked at and refused leaves
 * a line in a log.
 */
public final class SymbolLoader {
  /** Files that are opened in search of one that fits; each costs a fraction of a second. */
  private static final int MAX_TRIED = 64;

  private final FileFinder symbolFiles;
  private final FileFinder imageFiles;
  private final List<SymbolFormat> formats;
  private final boolean publicsOnly;
  private final @Nullable SharedFiles shared;

  /** What kernels are called: for one or several processors, with or without PAE. */
  private static final List<String> KERNEL_FILES =
      List.of("ntoskrnl.exe", "ntkrnlpa.exe", "ntkrnlmp.exe", "ntkrpamp.exe");

  /**
   * @param symbols where symbol files are looked for
   * @param images where image files are looked for; the symbol path is looked at after it
   * @param formats further kinds of symbol files
   * @param publicsOnly reduces every PDB to its public symbols
   */
  public SymbolLoader(
      SymbolPath symbols, SymbolPath images, List<SymbolFormat> formats, boolean publicsOnly) {
    this(new FileFinder(symbols), new FileFinder(images), formats, publicsOnly, null);
  }

  private SymbolLoader(
      FileFinder symbols,
      FileFinder images,
      List<SymbolFormat> formats,
      boolean publicsOnly,
      @Nullable SharedFiles shared) {
    this.symbolFiles = symbols;
    this.imageFiles = images;
    this.formats = List.copyOf(formats);
    this.publicsOnly = publicsOnly;
    this.shared = shared;
  }

  /**
   * A loader of the same files for many targets and several threads: every file is opened once.
   * What the folders held when they were first looked at counts as long as it lives.
   */
  public SymbolLoader sharing() {
    return new SymbolLoader(symbolFiles, imageFiles, formats, publicsOnly, new SharedFiles());
  }

  /** An image file that was found. */
  public record ImageFile(Path path, PeImage image) {}

  /**
   * What was found for a module.
   *
   * @param pdbName the name of the PDB that belongs to it, empty when unknown
   * @param pdbKey its GUID and age, empty when unknown
   * @param proof why the symbol file is believed to belong to the module; empty without one
   */
  public record Result(
      ModuleSymbols symbols,
      Optional<ImageFile> imageFile,
      String pdbName,
      String pdbKey,
      String proof) {}

  /** The key of an image in a store: timestamp and size. */
  public static String imageKey(long timestamp, long size) {
    return String.format(Locale.ROOT, "%08X%x", timestamp, size);
  }

  /** The image file of a module, by timestamp and size. */
  public Optional<ImageFile> imageFile(ModuleIdentity module, Consumer<String> log) {
    String key = imageKey(module.timestamp(), module.size());
    for (FileFinder finder : List.of(imageFiles, symbolFiles)) {
      List<Path> candidates = new ArrayList<>(finder.candidates(module.imageName(), key, log));
      if (candidates.isEmpty() && KERNEL_FILES.contains(module.imageName())) {
        // Small dumps call every kernel ntoskrnl.exe, whatever its file was called.
        KERNEL_FILES.forEach(name -> candidates.addAll(finder.candidates(name, key, log)));
      }
      for (Path p : candidates) {
        Optional<PeImage> opened =
            shared == null ? openImage(p, log) : shared.image(p, () -> openImage(p, log));
        if (opened.isPresent()) {
          PeImage image = opened.get();
          if (image.timestamp() == module.timestamp() && image.sizeOfImage() == module.size()) {
            return Optional.of(new ImageFile(p, image));
          }
          log.accept(
              p
                  + ": mismatched image: "
                  + imageKey(image.timestamp(), image.sizeOfImage())
                  + " instead of "
                  + key);
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

  /**
   * Loads the best symbols there are.
   *
   * @param known addresses in the module that the target gives by name; they decide where no GUID
   *     is known
   */
  public Result load(ModuleIdentity module, Map<String, Long> known, Consumer<String> log) {
    Optional<PeImage> inMemory = inMemory(module, log);
    Optional<DebugDirectory.CodeView> record = inMemory.flatMap(i -> i.debug().codeView());
    Optional<ImageFile> file = imageFile(module, log);
    if (record.isEmpty()) {
      record = file.flatMap(f -> f.image().debug().codeView());
    }
    if (record.isEmpty()) {
      record = module.debugRecord();
    }
    String name = record.map(DebugDirectory.CodeView::fileName).orElse("");
    String key = record.map(DebugDirectory.CodeView::key).orElse("");
    Optional<Found> found;
    if (record.isPresent()) {
      found = byIdentity(record.get(), log);
    } else {
      log.accept(
          module.name()
              + ": its debug record is neither in the dump nor in an image file,"
              + " so the GUID of its PDB is not known");
      found = byAddresses(module, known, log);
    }
    return found
        .map(f -> new Result(f.symbols(), file, name, key, f.proof()))
        .orElseGet(() -> new Result(exports(inMemory, file), file, name, key, ""));
  }

  /** Symbols and why they are believed. */
  private record Found(ModuleSymbols symbols, String proof) {}

  private static Optional<PeImage> inMemory(ModuleIdentity module, Consumer<String> log) {
    try {
      return Optional.of(PeImage.inMemory(module.imageName(), module.memory(), module.base()));
    } catch (FormatException e) {
      log.accept(e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Found> byIdentity(DebugDirectory.CodeView record, Consumer<String> log) {
    if (!(record instanceof DebugDirectory.Rsds rsds)) {
      log.accept(record.path() + ": PDBs before version 7.0 are not read");
      return Optional.empty();
    }
    for (Path p : symbolFiles.candidates(rsds.fileName(), rsds.key(), log)) {
      Optional<Opened> file = open(p, log);
      if (file.isPresent() && matches(file.get(), rsds, p, "pdb", log)) {
        return Optional.of(new Found(file.get().symbols(), "GUID and age"));
      }
    }
    for (SymbolFormat format : formats) {
      for (Path p : symbolFiles.at(format.places(rsds.fileName(), rsds.guid(), rsds.age()))) {
        Optional<Opened> file = open(p, log);
        if (file.isPresent() && matches(file.get(), rsds, p, format.name() + " file", log)) {
          return Optional.of(new Found(file.get().symbols(), "GUID and age"));
        }
      }
    }
    log.accept(rsds.fileName() + " " + rsds.key() + ": not found");
    return Optional.empty();
  }

  private static boolean matches(
      Opened file, DebugDirectory.Rsds rsds, Path path, String kind, Consumer<String> log) {
    if (file.guid().equals(rsds.guid()) && file.age() == rsds.age()) {
      return true;
    }
    String key = new PdbIdentity(file.guid(), file.age()).key();
    log.accept(path + ": mismatched " + kind + ": " + key + " instead of " + rsds.key());
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
      Pdb pdb = Pdb.open(Bytes.map(p));
      return Optional.of(
          new Opened(
              new PdbSymbols(pdb, p, publicsOnly),
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
      for (Path version : symbolFiles.versions(pdbName)) {
        for (Path p : List.of(version, version.resolve(pdbName))) {
          if (!Files.isRegularFile(p)) {
            continue;
          }
          if (++tried > MAX_TRIED) {
            log.accept(module.name() + ": more than " + MAX_TRIED + " symbol files to try");
            return Optional.empty();
          }
          Optional<Opened> file = open(p, log);
          if (file.isPresent()) {
            AddressProof proof = AddressProof.of(file.get().symbols(), module.base(), known);
            log.accept(p + ": " + proof.text());
            if (proof.holds()) {
              return Optional.of(new Found(file.get().symbols(), proof.text()));
            }
          }
        }
      }
    }
    return Optional.empty();
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

  private static ModuleSymbols exports(Optional<PeImage> inMemory, Optional<ImageFile> file) {
    for (Optional<PeImage> image : List.of(inMemory, file.map(ImageFile::image))) {
      if (image.isPresent()) {
        ExportSymbols symbols = new ExportSymbols(image.get().exports());
        if (symbols.status() == SymbolStatus.EXPORT) {
          return symbols;
        }
      }
    }
    return new NoSymbols();
  }
}
