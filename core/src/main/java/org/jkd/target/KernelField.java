// SPDX-License-Identifier: Apache-2.0
package org.jkd.target;

/**
 * The fields of kernel structures that this layer reads, with the three places that may tell their
 * offsets: the debugger data block, the symbols' types, and the tables per build.
 */
enum KernelField {
  INITIAL_STACK("_KTHREAD", "InitialStack", 0x29e, 0),
  STACK_LIMIT("_KTHREAD", "StackLimit", -0x340, 1),
  STACK_BASE("_KTHREAD", "StackBase", -0x344, 2),
  KERNEL_STACK("_KTHREAD", "KernelStack", 0x29c, 3),
  TRAP_FRAME("_KTHREAD", "TrapFrame", 0, 4),
  CALLBACK_STACK("_KTHREAD", "CallbackStack", 0x30, 5),
  TEB("_KTHREAD", "Teb", 0x29a, 6),
  THREAD_STATE("_KTHREAD", "State", 0x2a2, 7),
  APC_STATE("_KTHREAD", "ApcState", 0, 8),
  APC_PROCESS("_KTHREAD", "ApcState.Process", 0x2a0, -1),
  OWNER_PROCESS("_KTHREAD", "Process", 0, 9),
  WAIT_REASON("_KTHREAD", "WaitReason", 0x35c, 10),
  CID("_ETHREAD", "Cid", 0, 11),
  WIN32_START("_ETHREAD", "Win32StartAddress", 0, 12),
  THREAD_LIST_ENTRY("_ETHREAD", "ThreadListEntry", 0, 13),
  PROCESS_ID("_EPROCESS", "UniqueProcessId", 0, 14),
  ACTIVE_LINKS("_EPROCESS", "ActiveProcessLinks", 0, 15),
  IMAGE_FILE_NAME("_EPROCESS", "ImageFileName", 0, 16),
  AUDIT_NAME("_EPROCESS", "SeAuditProcessCreationInfo.ImageFileName", 0, -1),
  PEB("_EPROCESS", "Peb", 0x2aa, 17),
  THREAD_LIST_HEAD("_EPROCESS", "ThreadListHead", 0, 18),
  PARENT_ID("_EPROCESS", "InheritedFromUniqueProcessId", 0x2ac, 19),
  DIRECTORY_TABLE_BASE("_KPROCESS", "DirectoryTableBase", 0x2ae, -1),
  PRCB_NUMBER("_KPRCB", "Number", 0x2be, 20),
  PRCB_STATE("_KPRCB", "ProcessorState", 0, 21),
  PRCB_STATE_CONTEXT("_KPRCB", "ProcessorState.ContextFrame", 0x2bc, -1),
  PRCB_STATE_SPECIAL("_KPRCB", "ProcessorState.SpecialRegisters", 0x2f2, -1),
  PRCB_DPC_STACK("_KPRCB", "DpcStack", 0x354, 22),
  PRCB_ISR_STACK("_KPRCB", "IsrStack", 0x356, -1),
  PRCB_CONTEXT("_KPRCB", "Context", 0x338, 23),
  PRCB_CURRENT_THREAD("_KPRCB", "CurrentThread", 0x2b4, -1),
  PRCB_IDLE_THREAD("_KPRCB", "IdleThread", 0x350, -1),
  PCR_PRCB("_KPCR", "Prcb", 0x2e6, -1);

  private final String type;
  private final String path;
  private final int debuggerData;
  private final int column;

  /**
   * @param debuggerData where the debugger data block has the offset: positive for 16 bits,
   *     negative for 32 bits, 0 for not at all
   * @param column of the table, or -1
   */
  KernelField(String type, String path, int debuggerData, int column) {
    this.type = type;
    this.path = path;
    this.debuggerData = debuggerData;
    this.column = column;
  }

  String type() {
    return type;
  }

  String path() {
    return path;
  }

  int debuggerData() {
    return debuggerData;
  }

  int column() {
    return column;
  }
}
