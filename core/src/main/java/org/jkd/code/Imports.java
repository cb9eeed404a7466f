// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.image.MemoryReader;
import org.jkd.pe.ExportTable;
import org.jkd.pe.ImportTable;

/** What the import and export tables of all modules say about calls through pointers. */
final class Imports {
  /** Exports that never return; their images are not always at hand. All are documented as such. */
  private static final Set<String> NEVER_RETURN =
      Set.of(
          "KeBugCheck",
          "KeBugCheckEx",
          "ExRaiseStatus",
          "ExRaiseAccessViolation",
          "ExRaiseDatatypeMisalignment",
          "RtlRaiseStatus",
          "PsTerminateSystemThread",
          "ExitProcess",
          "ExitThread",
          "FreeLibraryAndExitThread",
          "RtlExitUserThread",
          "_CxxThrowException",
          "abort",
          "exit",
          "_exit",
          "longjmp",
          "terminate",
          "_invoke_watson",
          "RtlFailFast");

  /** The files that a kernel can come from, without extension. */
  private static final Set<String> KERNELS = Set.of("ntoskrnl", "ntkrnlpa", "ntkrnlmp", "ntkrpamp");

  private final CodeSpace space;
  private final MemoryReader memory;
  private final Map<CodeImage, Map<Long, ImportTable.Import>> imported = new HashMap<>();
  private final Map<CodeImage, Map<String, Long>> exported = new HashMap<>();

  Imports(CodeSpace space, MemoryReader memory) {
    this.space = space;
    this.memory = memory;
  }

  /** Where a pointer in memory leads to: its value, or the export that the import table names. */
  long target(CodeImage image, long pointer) {
    OptionalLong value = memory.pointer(pointer);
    if (value.isPresent() && space.isExecutable(value.getAsLong())) {
      return value.getAsLong();
    }
    CodeImage owner = image.contains(pointer) ? image : space.imageAt(pointer).orElse(image);
    ImportTable.Import entry = imports(owner).get(pointer - owner.base());
    if (entry == null || entry.name().isEmpty()) {
      return 0;
    }
    for (CodeImage exporter : space.images()) {
      if (isNamed(exporter, entry.dll())) {
        Long rva = exports(exporter).get(entry.name());
        return rva == null ? 0 : exporter.base() + rva;
      }
    }
    return 0;
  }

  private static boolean isNamed(CodeImage image, String dll) {
    String file = stem(dll);
    if (stem(image.name()).equals(file)) {
      return true;
    }
    String linked = image.headers().map(h -> stem(h.exports().dllName())).orElse("");
    // Whichever kernel was started, drivers import from the name of the first one.
    return linked.equals(file)
        || KERNELS.contains(file) && (KERNELS.contains(linked) || image.name().equals("nt"));
  }

  private static String stem(String file) {
    int dot = file.lastIndexOf('.');
    return (dot > 0 ? file.substring(0, dot) : file).toLowerCase(Locale.ROOT);
  }

  private Map<Long, ImportTable.Import> imports(CodeImage image) {
    return imported.computeIfAbsent(
        image, i -> i.headers().map(h -> h.imports().bySlot()).orElse(Map.of()));
  }

  private Map<String, Long> exports(CodeImage image) {
    return exported.computeIfAbsent(
        image,
        i -> {
          Map<String, Long> map = new HashMap<>();
          if (i.headers().isPresent()) {
            for (ExportTable.Export e : i.headers().get().exports().entries()) {
              if (!e.forwarded() && !e.name().isEmpty()) {
                map.put(e.name(), e.rva());
              }
            }
          }
          return map;
        });
  }

  /** {@code dll!name} of the import whose slot lies at an address. */
  Optional<String> name(long pointer) {
    return space
        .imageAt(pointer)
        .map(image -> imports(image).get(pointer - image.base()))
        .map(ImportTable.Import::text);
  }

  boolean neverReturns(CodeImage image, long pointer) {
    ImportTable.Import entry = imports(image).get(pointer - image.base());
    return entry != null && NEVER_RETURN.contains(entry.name());
  }
}
