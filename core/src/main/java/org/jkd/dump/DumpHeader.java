// SPDX-License-Identifier: Apache-2.0
package org.jkd.dump;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.image.Bytes;
import org.jkd.image.RunIndex;

/**
 * The header of a kernel dump. Addresses of 32-bit systems are zero-extended. Fields that the
 * writer left unset (they hold the fill pattern) are empty.
 *
 * @param majorVersion 15 for a free build, 12 for a checked one
 * @param build the build number of the system, for instance 2600
 * @param directoryTableBase the value of CR3
 * @param pfnDatabase the address of the variable nt!MmPfnDatabase
 * @param machine the IMAGE_FILE_MACHINE value
 * @param bugCheckCode with the 0x10000000 bit that small dumps may add
 * @param bugCheckParameters four
 * @param paeEnabled 0 or 1; 32-bit only, and not to be trusted blindly
 * @param runs the runs of physical pages, as listed; empty when unset
 * @param physicalPages how many pages the list of runs claims
 * @param context the bytes of the context record
 * @param dumpType 1 complete, 2 summary, 3 header, 4 triage, 5 and 6 bitmap, 8 to 10 ranges
 * @param requiredDumpSpace bytes that the dump needs
 * @param systemTime FILETIME: 100 ns since 1601, UTC
 * @param systemUpTime 100 ns
 */
public record DumpHeader(
    DumpFormat format,
    long majorVersion,
    int build,
    OptionalLong directoryTableBase,
    OptionalLong pfnDatabase,
    OptionalLong loadedModuleList,
    OptionalLong activeProcessHead,
    int machine,
    OptionalInt processors,
    long bugCheckCode,
    List<Long> bugCheckParameters,
    Optional<String> versionUser,
    OptionalInt paeEnabled,
    OptionalLong debuggerData,
    OptionalInt secondaryVersion,
    List<RunIndex.Run> runs,
    OptionalLong physicalPages,
    Bytes context,
    Optional<ExceptionRecord> exception,
    Optional<String> comment,
    OptionalLong attributes,
    OptionalLong bootId,
    OptionalInt dumpType,
    OptionalLong miniDumpFields,
    OptionalLong secondaryDataState,
    OptionalLong productType,
    OptionalLong suiteMask,
    OptionalLong writerStatus,
    OptionalLong requiredDumpSpace,
    OptionalLong systemTime,
    OptionalLong systemUpTime) {

  public DumpHeader {
    bugCheckParameters = List.copyOf(bugCheckParameters);
    runs = List.copyOf(runs);
  }
}
