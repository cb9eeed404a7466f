// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jkd.image.Bytes;
import org.jkd.image.FormatException;
import org.jkd.pdb.Pdb;
import org.jkd.pe.DebugDirectory;
import org.jkd.pe.PeImage;

/**
 * Decides which files belong to a module. An image file belongs to it by timestamp and size, a PDB
 * by the GUID and age in the image's debug record, which is read from the target's memory and,
 * where that page is missing, from the image file. Every file that was looked at and refused leaves
 * a line in a log.
 */
public final class SymbolLoader {
  private final FileFinder symbolFiles;
  private final FileFinder imageFiles;
  private final List<SymbolFormat> formats;
  private final boolean publicsOnly;

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
    this.symbolFiles = new FileFinder(symbols);
    this.imageFiles = new FileFinder(images);
    this.formats = List.copyOf(formats);
    this.publicsOnly = publicsOnly;
  }

  /** An image file that was found. */
  public record ImageFile(Path path, PeImage image) {}

  /**
   * What was found for a module.
   *
   * @param pdbName the name of the PDB that belongs to it, empty when unknown
   * @param pdbKey its GUID and age, empty when unknown
   */
  public record Result(
      ModuleSymbols symbols, Optional<ImageFile> imageFile, String pdbName, String pdbKey) {}

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
        try {
          PeImage image = PeImage.ofFile(Bytes.map(p));
          if (image.timestamp() == module.timestamp() && image.sizeOfImage() == module.size()) {
            return Optional.of(new ImageFile(p, image));
          }
          log.accept(
              p
                  + ": mismatched image: "
                  + imageKey(image.timestamp(), image.sizeOfImage())
                  + " instead of "
                  + key);
        } catch (IOException | FormatException e) {
          log.accept(p + ": " + e.getMessage());
        }
      }
    }
    return Optional.empty();
  }

  /** Loads the best symbols there are. */
  public Result load(ModuleIdentity module, Consumer<String> log) {
    Optional<PeImage> inMemory = inMemory(module, log);
    Optional<DebugDirectory.CodeView> record = inMemory.flatMap(i -> i.debug().codeView());
    Optional<ImageFile> file = imageFile(module, log);
    if (record.isEmpty()) {
      record = file.flatMap(f -> f.image().debug().codeView());
    }
    if (record.isEmpty()) {
      log.accept(
          module.name()
              + ": its debug record is neither in the dump nor in an image file,"
              + " so the GUID of its PDB is not known");
    }
    Optional<ModuleSymbols> symbols = record.flatMap(r -> fromFiles(r, log));
    String name = record.map(DebugDirectory.CodeView::fileName).orElse("");
    String key = record.map(DebugDirectory.CodeView::key).orElse("");
    return new Result(symbols.orElseGet(() -> exports(inMemory, file)), file, name, key);
  }

  private static Optional<PeImage> inMemory(ModuleIdentity module, Consumer<String> log) {
    try {
      return Optional.of(PeImage.inMemory(module.imageName(), module.memory(), module.base()));
    } catch (FormatException e) {
      log.accept(e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<ModuleSymbols> fromFiles(DebugDirectory.CodeView record, Consumer<String> log) {
    if (!(record instanceof DebugDirectory.Rsds rsds)) {
      log.accept(record.path() + ": PDBs before version 7.0 are not read");
      return Optional.empty();
    }
    for (Path p : symbolFiles.candidates(rsds.fileName(), rsds.key(), log)) {
      try {
        Pdb pdb = Pdb.open(Bytes.map(p));
        if (pdb.identity().guid().equals(rsds.guid()) && pdb.identity().age() == rsds.age()) {
          return Optional.of(new PdbSymbols(pdb, p, publicsOnly));
        }
        log.accept(p + ": mismatched pdb: " + pdb.identity().key() + " instead of " + rsds.key());
      } catch (IOException | FormatException e) {
        log.accept(p + ": " + e.getMessage());
      }
    }
    log.accept(rsds.fileName() + " " + rsds.key() + ": not found");
    return Optional.empty();
  }

  private static ModuleSymbols exports(Optional<PeImage> inMemory, Optional<ImageFile> file) {
    for (Optional<PeImage> image : List.of(inMemory, file.map(ImageFile::image))) {
      ModuleSymbols symbols =
          image.<ModuleSymbols>map(i -> new ExportSymbols(i.exports())).orElse(new NoSymbols());
      if (symbols.status() == SymbolStatus.EXPORT) {
        return symbols;
      }
    }
    return new NoSymbols();
  }

  /** The further kinds of symbol files. */
  List<SymbolFormat> formats() {
    return formats;
  }
}
