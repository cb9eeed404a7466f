// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.Map;

/** The names of functions of I/O requests, as wdm.h and ntifs.h define them. */
final class MajorFunctions {
  private static final String[] MAJOR = {
    "IRP_MJ_CREATE",
    "IRP_MJ_CREATE_NAMED_PIPE",
    "IRP_MJ_CLOSE",
    "IRP_MJ_READ",
    "IRP_MJ_WRITE",
    "IRP_MJ_QUERY_INFORMATION",
    "IRP_MJ_SET_INFORMATION",
    "IRP_MJ_QUERY_EA",
    "IRP_MJ_SET_EA",
    "IRP_MJ_FLUSH_BUFFERS",
    "IRP_MJ_QUERY_VOLUME_INFORMATION",
    "IRP_MJ_SET_VOLUME_INFORMATION",
    "IRP_MJ_DIRECTORY_CONTROL",
    "IRP_MJ_FILE_SYSTEM_CONTROL",
    "IRP_MJ_DEVICE_CONTROL",
    "IRP_MJ_INTERNAL_DEVICE_CONTROL",
    "IRP_MJ_SHUTDOWN",
    "IRP_MJ_LOCK_CONTROL",
    "IRP_MJ_CLEANUP",
    "IRP_MJ_CREATE_MAILSLOT",
    "IRP_MJ_QUERY_SECURITY",
    "IRP_MJ_SET_SECURITY",
    "IRP_MJ_POWER",
    "IRP_MJ_SYSTEM_CONTROL",
    "IRP_MJ_DEVICE_CHANGE",
    "IRP_MJ_QUERY_QUOTA",
    "IRP_MJ_SET_QUOTA",
    "IRP_MJ_PNP"
  };

  private static final Map<Integer, String[]> MINOR =
      Map.of(
          0x0c,
          new String[] {"", "IRP_MN_QUERY_DIRECTORY", "IRP_MN_NOTIFY_CHANGE_DIRECTORY"},
          0x0d,
          new String[] {
            "",
            "IRP_MN_MOUNT_VOLUME",
            "IRP_MN_VERIFY_VOLUME",
            "IRP_MN_LOAD_FILE_SYSTEM",
            "IRP_MN_KERNEL_CALL"
          },
          0x11,
          new String[] {
            "",
            "IRP_MN_LOCK",
            "IRP_MN_UNLOCK_SINGLE",
            "IRP_MN_UNLOCK_ALL",
            "IRP_MN_UNLOCK_ALL_BY_KEY"
          },
          0x16,
          new String[] {
            "IRP_MN_WAIT_WAKE", "IRP_MN_POWER_SEQUENCE", "IRP_MN_SET_POWER", "IRP_MN_QUERY_POWER"
          },
          0x1b,
          new String[] {
            "IRP_MN_START_DEVICE",
            "IRP_MN_QUERY_REMOVE_DEVICE",
            "IRP_MN_REMOVE_DEVICE",
            "IRP_MN_CANCEL_REMOVE_DEVICE",
            "IRP_MN_STOP_DEVICE",
            "IRP_MN_QUERY_STOP_DEVICE",
            "IRP_MN_CANCEL_STOP_DEVICE",
            "IRP_MN_QUERY_DEVICE_RELATIONS",
            "IRP_MN_QUERY_INTERFACE",
            "IRP_MN_QUERY_CAPABILITIES",
            "IRP_MN_QUERY_RESOURCES",
            "IRP_MN_QUERY_RESOURCE_REQUIREMENTS",
            "IRP_MN_QUERY_DEVICE_TEXT",
            "IRP_MN_FILTER_RESOURCE_REQUIREMENTS",
            "",
            "IRP_MN_READ_CONFIG",
            "IRP_MN_WRITE_CONFIG",
            "IRP_MN_EJECT",
            "IRP_MN_SET_LOCK",
            "IRP_MN_QUERY_ID",
            "IRP_MN_QUERY_PNP_DEVICE_STATE",
            "IRP_MN_QUERY_BUS_INFORMATION",
            "IRP_MN_DEVICE_USAGE_NOTIFICATION",
            "IRP_MN_SURPRISE_REMOVAL"
          });

  private MajorFunctions() {}

  /** How many there are. */
  static int count() {
    return MAJOR.length;
  }

  /** {@code IRP_MJ_READ}, or {@code N/A}. */
  static String major(int number) {
    return number >= 0 && number < MAJOR.length ? MAJOR[number] : "N/A";
  }

  /** {@code IRP_MN_SET_POWER}, or {@code N/A}. */
  static String minor(int major, int number) {
    String[] names = MINOR.getOrDefault(major, new String[0]);
    return number >= 0 && number < names.length && !names[number].isEmpty() ? names[number] : "N/A";
  }
}
