// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jkd.sample.SharedFolder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The fields that the commands read, in published headers of kernels from Windows XP to 10: each
 * version has every one of them under one of the names that are asked for.
 */
class VersionFieldsTest {
  /** A type, then the paths of which one must be there. */
  private static final String FIELDS =
      """
      _KTHREAD WaitTime
      _KTHREAD ContextSwitches
      _KTHREAD UserTime
      _KTHREAD KernelTime
      _KTHREAD Priority
      _KTHREAD BasePriority
      _KTHREAD PriorityDecrement
      _KTHREAD Win32Thread
      _KTHREAD WaitMode
      _KTHREAD Alertable
      _KTHREAD WaitBlockList
      _KTHREAD WaitListEntry
      _KTHREAD IdealProcessor
      _KWAIT_BLOCK Object
      _ETHREAD StartAddress
      _ETHREAD IrpList
      _ETHREAD Tcb
      _ETHREAD ActiveImpersonationInfo Tcb.ActiveImpersonationInfo
      _ETHREAD ClientSecurity ImpersonationInfo
      _EPROCESS DeviceMap
      _EPROCESS ObjectTable
      _EPROCESS Session
      _MM_SESSION_SPACE SessionId
      _HANDLE_TABLE HandleCount FreeLists.HandleCount
      _HANDLE_TABLE TableCode
      _HANDLE_TABLE_ENTRY ObjectPointerBits Object
      _HANDLE_TABLE_ENTRY GrantedAccessBits GrantedAccess
      _EPROCESS VadRoot.BalancedRoot.RightChild VadRoot.Root VadRoot
      _EPROCESS NumberOfVads VadRoot.NumberGenericTableElements VadCount
      _EPROCESS CloneRoot
      _EPROCESS NumberOfPrivatePages
      _EPROCESS ModifiedPageCount
      _EPROCESS NumberOfLockedPages
      _EPROCESS Token
      _EPROCESS CreateTime
      _EPROCESS Pcb.UserTime
      _EPROCESS Pcb.KernelTime
      _EPROCESS ProcessQuotaUsage QuotaUsage
      _EPROCESS Vm.WorkingSetSize Vm.Instance.WorkingSetSize Vm.WorkingSetLeafSize Vm.Instance.WorkingSetLeafSize
      _EPROCESS Vm.MinimumWorkingSetSize Vm.Instance.MinimumWorkingSetSize
      _EPROCESS Vm.MaximumWorkingSetSize Vm.Instance.MaximumWorkingSetSize
      _EPROCESS Vm.PeakWorkingSetSize Vm.Instance.PeakWorkingSetSize
      _EPROCESS Vm.PageFaultCount Vm.Instance.PageFaultCount
      _EPROCESS Vm.Flags.MemoryPriority Vm.MemoryPriority Vm.Instance.MemoryPriority Vm.Instance.Flags.MemoryPriority
      _EPROCESS VirtualSize
      _EPROCESS PeakVirtualSize
      _EPROCESS Pcb.BasePriority
      _EPROCESS CommitCharge
      _KPRCB NextThread
      _KPRCB SetMember GroupSetMember
      _KPRCB InterruptCount
      _KPRCB DpcTime
      _KPRCB InterruptTime
      _KPRCB KernelTime
      _KPRCB UserTime
      _KPRCB LockQueue
      _KPRCB DpcData DpcListHead
      _KDPC_DATA DpcListHead DpcList.ListHead.Next
      _KDPC DpcListEntry
      _KDPC DeferredRoutine
      _KPRCB CpuStep
      _KPRCB CpuType
      _KPRCB VendorString
      _KPRCB MHz
      _KPRCB UpdateSignature
      _KPRCB FeatureBits
      _KTIMER TimerListEntry
      _KTIMER DueTime.QuadPart
      _KTIMER Period
      _KTIMER Dpc
      _KINTERRUPT ServiceRoutine
      _OBJECT_HEADER Body
      _OBJECT_HEADER Type TypeIndex
      _OBJECT_HEADER NameInfoOffset InfoMask
      _OBJECT_HEADER_NAME_INFO Name
      _OBJECT_HEADER_NAME_INFO Directory
      _OBJECT_HEADER_CREATOR_INFO TypeList
      _OBJECT_TYPE Name
      _OBJECT_DIRECTORY HashBuckets
      _OBJECT_DIRECTORY_ENTRY ChainLink
      _OBJECT_DIRECTORY_ENTRY Object
      _IRP Type
      _IRP StackCount
      _IRP CurrentLocation
      _IRP MdlAddress
      _IRP AssociatedIrp.SystemBuffer
      _IRP Tail.Overlay.Thread
      _IRP Tail.Overlay.CurrentStackLocation
      _IRP ThreadListEntry
      _IRP PendingReturned
      _IO_STACK_LOCATION MajorFunction
      _IO_STACK_LOCATION Parameters
      _IO_STACK_LOCATION DeviceObject
      _IO_STACK_LOCATION FileObject
      _IO_STACK_LOCATION CompletionRoutine
      _IO_STACK_LOCATION Context
      _DEVICE_OBJECT AttachedDevice
      _DEVICE_OBJECT DeviceObjectExtension
      _DEVICE_OBJECT DeviceQueue.Busy
      _DEVICE_OBJECT DeviceQueue.DeviceListHead
      _DEVOBJ_EXTENSION AttachedTo
      _DEVOBJ_EXTENSION DeviceNode
      _DEVOBJ_EXTENSION ExtensionFlags
      _DEVICE_NODE InstancePath
      _DEVICE_NODE ServiceName
      _DEVICE_NODE State
      _DRIVER_OBJECT DriverName
      _DRIVER_OBJECT MajorFunction
      _DRIVER_OBJECT DriverInit
      _DRIVER_EXTENSION AddDevice
      _FILE_OBJECT FileName
      _FILE_OBJECT SectionObjectPointer
      _FILE_OBJECT Event.Header.SignalState
      _FILE_OBJECT CurrentByteOffset.QuadPart
      _MMVAD LeftChild Core.VadNode.Left
      _MMVAD_SHORT StartingVpn
      _MMVAD_SHORT VadNode.Left LeftChild u1
      _MMVAD u.VadFlags.PrivateMemory Core.u.VadFlags.PrivateMemory
      _MMVAD_SHORT u.VadFlags.Protection
      _MMVAD_SHORT u.VadFlags.CommitCharge u1.VadFlags1.CommitCharge
      _MMVAD_SHORT u.VadFlags.PrivateMemory
      _MMVAD_SHORT u.VadFlags.VadType u.VadFlags.ImageMap
      _MMVAD ControlArea Subsection
      _SUBSECTION ControlArea
      _CONTROL_AREA FilePointer
      _PEB Ldr
      _PEB ProcessParameters
      _PEB_LDR_DATA InLoadOrderModuleList
      _LDR_DATA_TABLE_ENTRY DllBase
      _LDR_DATA_TABLE_ENTRY TimeDateStamp
      _RTL_USER_PROCESS_PARAMETERS CurrentDirectory.DosPath
      _TEB NtTib.Self
      _TEB LastErrorValue
      _TEB LastStatusValue
      _TEB HardErrorMode HardErrorsAreDisabled
      _TEB CountOfOwnedCriticalSections
      _ERESOURCE ActiveEntries ActiveCount
      _ERESOURCE OwnerEntry OwnerThreads
      _ERESOURCE OwnerTable
      _OWNER_ENTRY TableSize
      _OWNER_ENTRY OwnerCount
      _ERESOURCE Flag
      _POOL_HEADER BlockSize
      _POOL_HEADER PoolTag
      _POOL_TRACKER_TABLE Key
      _POOL_TRACKER_TABLE NonPagedAllocs
      _POOL_TRACKER_TABLE PagedBytes
      _POOL_TRACKER_TABLE NonPagedBytes
      """;

  private static final Pattern OPENING =
      Pattern.compile("(?:volatile |const )*(?:struct|union)(?: \\w+)? \\{");
  private static final Pattern CLOSING = Pattern.compile("}\\s*(\\w+)?(?:\\[\\d+])?;.*");
  private static final Pattern FIELD =
      Pattern.compile(
          "(?:volatile |const )*(?:struct |union |enum )?(\\w+)\\s*(\\**)\\s*(?:volatile )?"
              + "(\\w+)(?:\\[\\d+])*\\s*(?::\\s*\\d+)?;.*");
  private static final Pattern FUNCTION = Pattern.compile(".*\\(\\*(\\w+)(?:\\[\\d+])?\\).*");

  /** The members of a structure with the names of their types, or with members of their own. */
  private record Members(Map<String, Object> byName) {
    Members() {
      this(new HashMap<>());
    }
  }

  private static Map<String, Members> read(String version) throws IOException {
    String name = "data/golden/vergilius-x86/bindings-" + version + "-x86.h";
    Optional<Path> file = SharedFolder.find(name);
    Assumptions.assumeTrue(file.isPresent(), "needs ../shared/" + name);
    Map<String, Members> types = new HashMap<>();
    Deque<Members> open = new ArrayDeque<>();
    for (String line : Files.readAllLines(file.orElseThrow())) {
      String text = line.strip();
      if (OPENING.matcher(text).matches()) {
        open.push(new Members());
        if (!line.startsWith(" ")) {
          types.put(text.split(" ")[1], open.peek());
        }
        continue;
      }
      Matcher closing = CLOSING.matcher(text);
      if (open.isEmpty()) {
        continue;
      }
      if (closing.matches()) {
        close(open, closing.group(1));
        continue;
      }
      Matcher field = FIELD.matcher(text);
      Matcher function = FUNCTION.matcher(text);
      if (field.matches()) {
        open.peek().byName.put(field.group(3), field.group(2).isEmpty() ? field.group(1) : "");
      } else if (function.matches()) {
        open.peek().byName.put(function.group(1), "");
      }
    }
    return types;
  }

  /** Members of what has no name belong to what is around it. */
  private static void close(Deque<Members> open, String name) {
    Members done = open.pop();
    if (!open.isEmpty() && name == null) {
      open.peek().byName.putAll(done.byName);
    } else if (!open.isEmpty()) {
      open.peek().byName.put(name, done);
    }
  }

  private static boolean has(Map<String, Members> types, String type, String path) {
    Object at = type;
    for (String part : path.split("\\.")) {
      Members members = at instanceof Members m ? m : types.get(String.valueOf(at));
      if (members == null || !members.byName.containsKey(part)) {
        return false;
      }
      at = members.byName.get(part);
    }
    return true;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5.1.2600.5512",
        "5.2.3790.3959",
        "6.0.6002.18005",
        "6.1.7601.17514",
        "6.3.9600.17415",
        "10.0.10240.16384",
        "10.0.19041.264"
      })
  void every_version_has_the_fields_under_one_of_their_names(String version) throws IOException {
    Map<String, Members> types = read(version);
    assertThat(types).hasSizeGreaterThan(400);
    List<String> missing = new ArrayList<>();
    for (String line : FIELDS.lines().toList()) {
      String[] words = line.split(" ");
      boolean found = false;
      for (int i = 1; i < words.length; i++) {
        found |= has(types, words[0], words[i]);
      }
      if (!found && !isNewer(words[0] + "." + words[1], version)) {
        missing.add(line);
      }
    }
    assertThat(missing).isEmpty();
  }

  /** What Windows XP does not have and the commands do without. */
  private static boolean isNewer(String field, String version) {
    return version.startsWith("5.1.") && field.equals("_KDPC_DATA.DpcListHead");
  }

  /** Where two forms exist, a version has exactly one of them. */
  @ParameterizedTest
  @CsvSource({
    "_KWAIT_BLOCK.NextWaitBlock, _KTHREAD.WaitBlockCount",
    "_KINTERRUPT.DispatchCode, _KPRCB.VectorToInterruptObject",
    "_OBJECT_HEADER.Type, _OBJECT_HEADER.TypeIndex",
    "_HANDLE_TABLE_ENTRY.Object, _HANDLE_TABLE_ENTRY.ObjectPointerBits",
    "_KPRCB.DpcListHead, _KPRCB.DpcData"
  })
  void the_two_forms_exclude_each_other(String old, String now) throws IOException {
    for (String version : List.of("5.1.2600.5512", "6.1.7601.17514", "10.0.19041.264")) {
      Map<String, Members> types = read(version);
      boolean hasOld = has(types, type(old), field(old));
      boolean hasNow = has(types, type(now), field(now));
      assertThat(hasOld ^ hasNow).as(version + ": " + old + " or " + now).isTrue();
    }
  }

  private static String type(String path) {
    return path.substring(0, path.indexOf('.'));
  }

  private static String field(String path) {
    return path.substring(path.indexOf('.') + 1);
  }
}
