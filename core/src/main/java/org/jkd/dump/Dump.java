// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.List;
import java.util.Optional;
import org.jkd.image.BlockMemory;
import org.jkd.image.Bytes;
import org.jkd.image.PhysicalMemory;

/** A kernel dump file that was recognised. */
public sealed interface Dump {
  /** The whole file. */
  Bytes file();

  /** The header. */
  DumpHeader header();

  /** What kd calls this sort of dump, for instance {@code Kernel Bitmap Dump File}. */
  String kind();

  /** What is odd about the file, one line each: cut off, contradicting itself, and the like. */
  List<String> notes();

  /** Where the dump's own data ends; tagged data may follow. */
  long primaryEnd();

  /** The records that components added to the dump; read anew with each call. */
  default List<TaggedRecord> taggedRecords() {
    return TaggedData.read(this);
  }

  /** Bytes of the tagged data that the file lacks at its end; 0 when nothing is known to lack. */
  default long taggedMissing() {
    return TaggedData.missing(this);
  }

  /** A dump of physical pages: complete, summary, bitmap and range dumps. */
  record PhysicalDump(
      Bytes file,
      DumpHeader header,
      String kind,
      List<String> notes,
      long primaryEnd,
      PhysicalMemory memory,
      long pages)
      implements Dump {
    public PhysicalDump {
      notes = List.copyOf(notes);
    }
  }

  /**
   * A small dump: blocks of virtual memory and copies of the structures around the crash.
   *
   * @param memory call stack, data blocks, data page and debugger data
   */
  record TriageDump(
      Bytes file,
      DumpHeader header,
      List<String> notes,
      TriageHeader triage,
      BlockMemory memory,
      List<TriageDriver> drivers,
      List<TriageUnloaded> unloadedDrivers)
      implements Dump {
    public TriageDump {
      notes = List.copyOf(notes);
      drivers = List.copyOf(drivers);
      unloadedDrivers = List.copyOf(unloadedDrivers);
    }

    @Override
    public String kind() {
      return "Mini Kernel Dump File: Only registers and stack trace are available";
    }

    @Override
    public long primaryEnd() {
      return triage.sizeOfDump();
    }

    /**
     * The raw copy of a structure that the dump holds, from its offset to the next part; empty when
     * the offset is 0 or outside the file.
     *
     * @param offset as given by the triage header
     */
    public Optional<Bytes> part(long offset) {
      if (offset <= 0 || offset >= file.size()) {
        return Optional.empty();
      }
      long end = Math.min(file.size(), triage.partAfter(offset));
      return Optional.of(file.slice(offset, end - offset));
    }
  }

  /** Nothing but a header. */
  record HeaderDump(Bytes file, DumpHeader header, String kind, List<String> notes)
      implements Dump {
    public HeaderDump {
      notes = List.copyOf(notes);
    }

    @Override
    public long primaryEnd() {
      return header.format().headerSize();
    }
  }
}
