// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Functions that are not on the stack, so that the modules have more to look at and to call. */
final class Extras {
  /** Module, address of the first function, then names with their dwords of arguments. */
  private static final String TABLE =
      """
      nt 80822000 ExAllocatePoolWithTag:3 ExFreePoolWithTag:2 KeInitializeEvent:3 KeSetEvent:3 \
      KeWaitForSingleObject:5 IoAllocateIrp:2 IoFreeIrp:1 IoGetRelatedDeviceObject:1 \
      IoBuildDeviceIoControlRequest:9 ExAcquireResourceSharedLite:2 KiSwapThread:0 \
      ExAcquireResourceExclusiveLite:2 MmProbeAndLockPages:3 KiDeliverApc:3 KeBugCheck2:6 \
      FsRtlLookupLargeMcbEntry:7 CcGetVirtualAddress:5 CcUnpinData:1 MmUnlockPages:1
      nt 808c0000 CcCopyRead:6 CcPinRead:6 CcPurgeCacheSection:4 ObReferenceObjectByHandle:6 \
      SeAccessCheck:10 IoQueryFileInformation:5 ObpAllocateObject:7 ObOpenObjectByPointer:7 \
      SeCreateAccessState:4 IoCheckShareAccess:5 FsRtlCheckOplock:5 RtlAppendUnicodeToString:2
      Ntfs bae20000 NtfsLookupNtfsMcbEntry:8 NtfsAcquireSharedScb:2 NtfsDecodeFileObject:7 \
      NtfsMultipleAsync:4 NtfsAddNtfsMcbEntry:5 NtfsZeroData:5
      Ntfs bae60000 NtfsFindIndexEntry:10 NtfsCommonCreate:3 NtfsOpenFcb:8 NtfsFindPrefix:7 \
      NtfsLookupAttributeByName:6 NtfsUpdateStandardInformation:2 NtfsCheckpointScb:3
      fltmgr f7a30000 FltpPassThrough:2 FltpPerformPreCallbacks:1 FltpAllocateIrpCtrl:4 \
      FltpGetFileNameInformation:4
      hal 80a5d000 HalRequestIpi:1 HalBeginSystemInterrupt:3 HalpApicRequestInterrupt:1 HalpGenerateAPCInterrupt:1
      """;

  private Extras() {}

  /** The functions. Each calls two others of its line. */
  static List<Routine> all() {
    List<Routine> routines = new ArrayList<>();
    TABLE.lines().forEach(line -> routines.addAll(line(line)));
    return routines;
  }

  private static List<Routine> line(String line) {
    String[] words = line.split(" ");
    long first = Long.parseLong(words[1], 16);
    Random random = new Random(first);
    int count = words.length - 2;
    List<Routine> routines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String[] parts = words[i + 2].split(":");
      long start = address(first, i);
      int frame = 4 * (3 + random.nextInt(20));
      List<Routine.Site> sites = new ArrayList<>();
      for (int call = 0; call < 2; call++) {
        int callee = (i + 1 + random.nextInt(count - 1)) % count;
        int arguments = Integer.parseInt(words[callee + 2].split(":")[1]);
        sites.add(
            new Routine.Site(
                start + 0x48 + 0x50L * call + random.nextInt(24),
                frame + 4 * arguments,
                new Routine.Target.Direct(address(first, callee)),
                arguments));
      }
      routines.add(
          new Routine(
              words[0],
              parts[0],
              start,
              0,
              Integer.parseInt(parts[1]),
              false,
              false,
              List.of(new Routine.Block(start, 0)),
              sites));
    }
    return routines;
  }

  private static long address(long first, int index) {
    return first + 0x160L * index + 0x10L * (index * 7L % 5);
  }
}
