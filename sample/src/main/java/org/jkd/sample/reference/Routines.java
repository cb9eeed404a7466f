// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The functions on the stack, and the order in which they called each other. */
final class Routines {
  /**
   * A line per function: module, name, address, arguments ({@code s} on the stack, {@code f} the
   * first two in registers, {@code e} with an exception handler, {@code x} if it keeps results of
   * its own in saved registers); then its calls: return address, bytes of stack from frame to
   * frame, how the target is found. All numbers but the arguments are hexadecimal. Ranges after a
   * bar are the blocks of functions that were split when the image was optimised.
   */
  private static final String TABLE =
      """
      nt IofCallDriver 8081df20 f2 : 8081df65 14 dispatch 2
      nt IopfCompleteRequest 8081e036 f2 : 8081e103 30 member 3
      nt IoPageRead 8081e3e4 s5 : 8081e4ed 18 call IofCallDriver
      nt MmIsAddressValid 8084cfea s1 : 8084cff9 c call MiIsAddressValidEx
      nt MiIsAddressValidEx 8084ce90 s1 :
      nt MiDispatchFault 8085027c s7 : 8085114a 9c call IoPageRead
      nt MmAccessFault 8085e1c8 s4 : 8085ea66 84 call MiDispatchFault
      nt CcMapData 808b641a s6 : 808b64a6 44 fault 0
      nt IopCreateFile 808ea9de s16 : 808eae25 7c call ObOpenObjectByName
      nt IoCreateFileSpecifyDeviceObjectHint 808ec0e4 s15 : 808ec136 48 call IopCreateFile
      nt NtDeviceIoControlFile 808eecde s10 : 808eed08 34 call IopXxxControlFile
      nt IopXxxControlFile 808f5bda s11 : 808f5e2f a4 member 9
      nt IopParseDevice 808f853c s10 : 808f8f71 e8 call IofCallDriver
      nt IopCloseFile 808f9484 s5 : 808f9732 30 call IofCallDriver
      nt ObOpenObjectByName 8093398c s7 : 80933a76 54 call ObpLookupObjectName
      nt ObpCloseHandleTableEntry 8093437c s5 : 809344ad 28 call ObpDecrementHandleCount
      nt ObpCloseHandle 809344c4 s2 : 80934546 44 call ObpCloseHandleTableEntry
      nt NtClose 80934648 s1 : 80934663 10 call ObpCloseHandle
      nt ObpDecrementHandleCount 80934ae0 s4 : 80934bac 30 member 5
      nt ObpLookupObjectName 80937392 s11 : 80937942 80 member 10
      Ntfs NtfsLookupAllocation bae19826 s7 : bae19903 110 call NtfsLookupInFileRecord
      Ntfs NtfsCompleteRequest bae1a164 s3 : bae1a22c 10 import IofCompleteRequest
      Ntfs NtfsPrepareBuffers bae1a467 s9 : bae1a6c4 1d0 call NtfsLookupAllocation \
      | bae1a467-bae1a68e bae1a6bf-0
      Ntfs NtfsNonCachedIo bae1a68e s7 : bae1a87c 1dc call NtfsPrepareBuffers \
      | bae1a68e-bae1a6b1 bae1a780-0
      Ntfs NtfsCommonRead bae1a6b1 s3 : bae1b1a6 ec call NtfsNonCachedIo \
      | bae1a6b1-bae1a6bf bae1b150-0
      Ntfs NtfsFsdRead bae1afb6 s2 : bae1b0c9 1ac call NtfsCommonRead
      Ntfs NtfsReadMftRecord bae58415 s7 : bae5849b 74 call NtfsMapStream
      Ntfs NtfsReadFileRecord bae5ad76 s7 : bae5adf0 38 call NtfsReadMftRecord
      Ntfs NtfsMapStream bae5aee2 s7 : bae5af2d 20 import CcMapData
      Ntfs NtfsLookupInFileRecord bae5af75 s8 : bae5afac 38 call NtfsReadFileRecord
      Ntfs NtfsFsdCreate bae5bb7e s2 : bae5c00a 104 call NtfsCompleteRequest
      Ntfs NtfsFsdCleanup bae5c80a s2 : bae5c8d9 170 call NtfsCommonCleanup
      Ntfs ReadIndexBuffer bae5d946 s4 : bae5d9d5 30 call NtfsMapStream
      Ntfs NtfsCommonCleanup bae5da44 s2 : bae5f8c6 208 call NtfsUpdateDuplicateInfo \
      | bae5da44-bae5dbc0 bae5f830-0
      Ntfs NtfsUpdateDuplicateInfo bae5f4d6 s4 : bae5f786 fc call NtfsUpdateFileNameInIndex \
      | bae5f4d6-bae5f582 bae5f690-0
      Ntfs NtfsUpdateFileNameInIndex bae5f582 s5 : bae5f5e4 174 call ReadIndexBuffer
      fltmgr FltpDispatch f7a2ebd6 s2x : f7a2ec45 28 import IofCallDriver
      fltmgr FltpCreate f7a3c374 s2 : f7a3c458 2c import IofCallDriver
      BabyHog - b958e180 s2 : b958e196 8 import IofCallDriver
      BabyHog HogFarm b958ec30 s3 : b958ecdf 24 pointer b9596090 b8d8c0d0
      BabyHog - b958ee80 s3 : b958eee0 34 call b958ec30
      BabyHog - b958f3e0 s2x : b958f472 80 call b958e180 ; b958f4bc 80 call b958e180
      BabyHog - b958f690 s2 : b958f71c 60 call b958e180
      BossHog - b80c17f0 s2 : b80c1862 8c call b80d00e3 ; b80c18a6 84 import IofCallDriver
      BossHog - b80cf350 s2 : b80cf367 10 call b80c17f0
      BossHog DispatchPassThrough b80cf36f s2 : b80cf3b7 28 call b80cf350
      BossHog LowerDevicePassThrough b80d00e3 s2 : b80d012b 28 import IofCallDriver
      BossHog01 - b76f6690 s3 : b76f66e7 38 pointer b7711044 b7686760
      BossHog01 - b76f6dc0 s4 : b76f6e76 124 call b76f6690
      BossHog01 - b76f9600 s4 : b76f9639 4c import IofCallDriver
      BossHog01 - b76fb930 s4 : b76fb994 7c call b770a864
      BossHog01 - b76fbb00 s2 : b76fbb42 94 call b76f9600 ; b76fbbaf 94 call b76fb930 ; \
      b76fbcf7 84 import IofCallDriver
      BossHog01 - b76ff080 s5 : b76ff0e6 58 call b76ff420
      BossHog01 - b76ff420 s6 : b76ff4ae 9c import IoCreateFileSpecifyDeviceObjectHint
      BossHog01 - b7709ad0 s2 : b7709ae6 10 call b76fbb00
      BossHog01 DispatchPassThrough b7709aee s2 : b7709b36 28 call b7709ad0
      BossHog01 - b770a060 s9 : b770a0d5 44 call b76f6dc0
      BossHog01 LowerDevicePassThrough b770a864 s2 : b770a8ac 28 import IofCallDriver
      MamaHog - b8d8c0d0 s4e : b8d8d22a 2c4 call b8d917a0
      MamaHog - b8d8ebe0 s2 : b8d8ec2d 50 import ZwClose
      MamaHog - b8d8ed70 s3 : b8d8ede5 54 call b8d8ebe0
      MamaHog - b8d8f900 s3 : b8d8fa85 164 call b8d8ed70
      MamaHog - b8d917a0 s4 : b8d917fe 40 call b8d8f900
      daddyHog - b7685f20 s4 : b7685f8b 50 member 5
      daddyHog - b7686760 s3 : b76867a3 28 call b7685f20
      """;

  /** Where the processor continues after the dispatch of a page fault. */
  static final long PAGE_FAULT = 0x8088c798L;

  /** Where the processor continues after the dispatch of a system service. */
  static final long SERVICE = 0x8088978cL;

  /** Where the kernel's own stub for closing a handle continues. */
  static final long ZW_CLOSE = 0x8082e811L;

  /** Where user mode continues. */
  static final long USER = 0x7c8285ecL;

  private static final String CALL = "8081df65 ";
  private static final String FILTER = CALL + "f7a2ec45 " + CALL + "b958e196 ";
  private static final String BOSS = CALL + "b80c18a6 b80cf367 b80cf3b7 ";
  private static final String BOSS01 = CALL + "b76fbcf7 b7709ae6 b7709b36 ";
  private static final String PAGE_IN =
      "b958f4bc " + BOSS + BOSS01 + CALL + "8081e4ed 8085114a 8085ea66 8088c798 808b64a6 bae5af2d ";

  /** The return addresses from the innermost call outwards. */
  private static final String CHAIN =
      FILTER
          + PAGE_IN
          + "bae5849b bae5adf0 bae5afac bae19903 bae1a6c4 bae1a87c bae1b1a6 bae1b0c9 "
          + FILTER
          + PAGE_IN
          + "bae5d9d5 bae5f5e4 bae5f786 bae5f8c6 bae5c8d9 "
          + FILTER
          + "b958f472 "
          + BOSS
          + CALL
          + "b770a8ac b76fb994 b76fbbaf b7709ae6 b7709b36 "
          + CALL
          + "808f9732 80934bac 809344ad 80934546 80934663 8088978c 8082e811 "
          + "b8d8ec2d b8d8ede5 b8d8fa85 b8d917fe b8d8d22a b958ecdf b958eee0 8081e103 "
          + "bae1a22c bae5c00a "
          + CALL
          + "f7a3c458 "
          + CALL
          + "b958e196 b958f71c "
          + CALL
          + "b80d012b b80c1862 b80cf367 b80cf3b7 "
          + CALL
          + "b76f9639 b76fbb42 b7709ae6 b7709b36 "
          + CALL
          + "808f8f71 80937942 80933a76 808eae25 808ec136 b76ff4ae b76ff0e6 b7685f8b b76867a3 "
          + "b76f66e7 b76f6e76 b770a0d5 808f5e2f 808eed08 8088978c 7c8285ec";

  private final TreeMap<Long, Routine> byAddress = new TreeMap<>();
  private final Map<Long, Routine> bySite = new HashMap<>();

  Routines() {
    Map<String, Integer> arguments = new HashMap<>();
    Map<String, Long> starts = new HashMap<>();
    List<String> lines = TABLE.lines().toList();
    for (String line : lines) {
      String[] words = line.split(" ");
      long start = address(words[2]);
      int count = count(words[3]);
      int pushed = words[3].startsWith("f") ? Math.max(0, count - 2) : count;
      starts.put(words[1], start);
      arguments.put(words[1], pushed);
      arguments.put(words[2], pushed);
    }
    arguments.put("IofCompleteRequest", 0);
    arguments.put("ZwClose", 1);
    for (String line : lines) {
      Routine routine = parse(line, starts, arguments);
      byAddress.put(routine.start(), routine);
      routine.sites().forEach(site -> bySite.put(site.resume(), routine));
    }
  }

  /** All functions, ascending by address. */
  Collection<Routine> all() {
    return byAddress.values();
  }

  /** The function that makes the call which returns to {@code resume}. */
  Routine caller(long resume) {
    Routine routine = bySite.get(resume);
    if (routine == null) {
      throw new IllegalArgumentException("no call returns to " + Long.toHexString(resume));
    }
    return routine;
  }

  /** The function that starts at an address. */
  Routine at(long start) {
    Routine routine = byAddress.get(start);
    if (routine == null) {
      throw new IllegalArgumentException("no function at " + Long.toHexString(start));
    }
    return routine;
  }

  /** The return addresses on the stack, from the innermost call outwards. */
  static List<Long> chain() {
    return Arrays.stream(CHAIN.split(" ")).map(Routines::address).toList();
  }

  private static Routine parse(
      String line, Map<String, Long> starts, Map<String, Integer> arguments) {
    String[] bar = line.split(" \\| ");
    String[] parts = (bar[0] + " ").split(" : ?");
    String[] words = parts[0].split(" ");
    List<Routine.Site> sites = new ArrayList<>();
    if (parts.length > 1) {
      for (String text : parts[1].split(";")) {
        sites.add(site(text.strip().split(" "), starts, arguments));
      }
    }
    long start = address(words[2]);
    List<Routine.Block> blocks = new ArrayList<>();
    if (bar.length > 1) {
      for (String range : bar[1].split(" ")) {
        String[] ends = range.split("-");
        blocks.add(new Routine.Block(address(ends[0]), address(ends[1])));
      }
    } else {
      blocks.add(new Routine.Block(start, 0));
    }
    int count = count(words[3]);
    boolean fast = words[3].startsWith("f");
    return new Routine(
        words[0],
        words[1].equals("-") ? "" : words[1],
        start,
        fast ? Math.min(2, count) : 0,
        fast ? Math.max(0, count - 2) : count,
        words[3].endsWith("e"),
        words[3].endsWith("x"),
        List.copyOf(blocks),
        List.copyOf(sites));
  }

  private static Routine.Site site(
      String[] words, Map<String, Long> starts, Map<String, Integer> arguments) {
    Routine.Target target =
        switch (words[2]) {
          case "call" -> {
            Long start = starts.get(words[3]);
            yield new Routine.Target.Direct(start == null ? address(words[3]) : start);
          }
          case "import" -> new Routine.Target.Import(words[3]);
          case "pointer" -> new Routine.Target.Pointer(address(words[3]), address(words[4]));
          case "dispatch" -> new Routine.Target.Dispatch();
          case "member" -> new Routine.Target.Member();
          default -> new Routine.Target.Fault();
        };
    int pushed =
        switch (target) {
          case Routine.Target.Direct direct -> known(arguments, words[3]);
          case Routine.Target.Import imported -> known(arguments, words[3]);
          case Routine.Target.Pointer pointer -> known(arguments, words[4]);
          case Routine.Target.Dispatch dispatch -> Integer.parseInt(words[3]);
          case Routine.Target.Member member -> Integer.parseInt(words[3]);
          case Routine.Target.Fault fault -> 0;
        };
    return new Routine.Site(address(words[0]), Integer.parseInt(words[1], 16) - 8, target, pushed);
  }

  private static int count(String arguments) {
    return Integer.parseInt(arguments.replaceAll("[sfex]", ""));
  }

  private static int known(Map<String, Integer> arguments, String callee) {
    Integer count = arguments.get(callee);
    if (count == null) {
      throw new IllegalArgumentException("unknown function " + callee);
    }
    return count;
  }

  private static long address(String hex) {
    return Long.parseLong(hex, 16);
  }
}
