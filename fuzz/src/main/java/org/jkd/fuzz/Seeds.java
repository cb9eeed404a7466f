// SPDX-License-Identifier: Apache-2.0
package org.jkd.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jkd.engine.command.CommandTable;
import org.jkd.pdb.Msf;
import org.jkd.pdb.MsfStream;
import org.jkd.sample.ReferenceCase;
import org.jkd.sample.format.MsfzWriter;

/**
 * Writes a folder of small inputs for each reader, out of the sample and what {@code args} name.
 */
public final class Seeds {
  /** Larger ones only slow the fuzzer down. */
  private static final long MAX_SEED = 1 << 20;

  private static final List<String> NAMES =
      List.of(
          "?f@@YAXXZ",
          "??0A@@QEAA@XZ",
          "??_7A@B@@6B@",
          "?x@?1??f@@YAHXZ@4HA",
          "??$max@H@std@@YAAEBHAEBH0@Z",
          "_f@12",
          "@g@8",
          "??_C@_0M@KPLPPDAC@Hello?5World?$AA@");

  private Seeds() {}

  /**
   * Writes them.
   *
   * @param args the folder, then files or folders to take seeds from as well
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    for (Reader reader : Reader.values()) {
      Files.createDirectories(folder.resolve(name(reader)));
    }
    Path sample = Files.createTempDirectory("jkd-seeds");
    ReferenceCase.writeTo(sample);
    take(folder, sample);
    for (int i = 1; i < args.length; i++) {
      take(folder, Path.of(args[i]));
    }
    for (int i = 0; i < NAMES.size(); i++) {
      write(folder, Reader.NAMES, "n" + i, NAMES.get(i).getBytes(StandardCharsets.UTF_8));
    }
    int i = 0;
    for (CommandTable.Entry entry : CommandTable.entries()) {
      for (String command : entry.name().split(" ", -1)) {
        String line = command + " " + (i % 2 == 0 ? "b8ae6100" : "nt!IofCallDriver L4");
        write(folder, Reader.COMMANDS, "c" + i++, line.getBytes(StandardCharsets.UTF_8));
      }
    }
    try (Stream<Path> files = Files.walk(sample.resolve(ReferenceCase.SYMBOLS))) {
      for (Path pdb : files.filter(p -> p.toString().endsWith(".pdb")).toList()) {
        if (Files.isRegularFile(pdb)) {
          write(folder, Reader.PDB, "z" + i++, packed(pdb));
        }
      }
    }
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(zipped)) {
      zip.putNextEntry(new ZipEntry("a.dmp"));
      zip.write(Files.readAllBytes(sample.resolve(ReferenceCase.SMALL)));
      zip.closeEntry();
    }
    write(folder, Reader.ARCHIVE, "a.zip", zipped.toByteArray());
  }

  /** A symbol file in the compressed container, its streams deflated. */
  private static byte[] packed(Path pdb) throws IOException {
    MsfzWriter writer = new MsfzWriter(2, Seeds::deflated, 20_000);
    Msf msf = new Msf(pdb);
    for (int i = 0; i < msf.streams(); i++) {
      if (msf.has(i)) {
        MsfStream stream = msf.stream(i, "stream");
        writer.add(stream.copy(0, (int) stream.size()));
      } else {
        writer.addNone();
      }
    }
    return writer.file();
  }

  private static byte[] deflated(byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater =
        new DeflaterOutputStream(out, new Deflater(Deflater.BEST_SPEED, true))) {
      deflater.write(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static String name(Reader reader) {
    return reader.name().toLowerCase(Locale.ROOT);
  }

  private static void take(Path folder, Path from) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.size(file) <= MAX_SEED) {
          byte[] data = Files.readAllBytes(file);
          for (Reader reader : readers(data, file.toString().toLowerCase(Locale.ROOT))) {
            write(folder, reader, Integer.toHexString(file.toString().hashCode()), data);
          }
        }
      }
    }
  }

  private static List<Reader> readers(byte[] data, String name) {
    String start = new String(data, 0, Math.min(data.length, 32), StandardCharsets.ISO_8859_1);
    if (start.startsWith("PAGE") || start.startsWith("MDMP")) {
      return List.of(Reader.DUMP);
    }
    if (start.startsWith("MZ")) {
      return List.of(Reader.PE, Reader.COFF, Reader.DWARF, Reader.CODE);
    }
    if (start.startsWith("Microsoft C/C++") || start.startsWith("Microsoft MSFZ")) {
      return List.of(Reader.PDB);
    }
    if (start.startsWith("MSCF")) {
      return List.of(Reader.CABINET, Reader.ARCHIVE);
    }
    if (start.startsWith("(\u00b5/\u00fd")) {
      return List.of(Reader.ZSTD);
    }
    if (start.startsWith("MODULE")) {
      return List.of(Reader.BREAKPAD);
    }
    return name.endsWith(".json") ? List.of(Reader.ISF) : List.of();
  }

  private static void write(Path folder, Reader reader, String name, byte[] data)
      throws IOException {
    Files.write(folder.resolve(name(reader)).resolve(name), data);
  }
}
