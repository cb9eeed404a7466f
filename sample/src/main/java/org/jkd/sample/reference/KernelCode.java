// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.util.Random;
import org.jkd.sample.code.Assembler;

/**
 * The kernel's hand-written entry points: traps, system services and the stub that closes handles.
 */
final class KernelCode {
  /** The double-fault task continues here after it has asked for the bug check. */
  static final long DOUBLE_FAULT = 0x8088c165L;

  private static final long TRAP_08 = 0x8088c0f0L;
  private static final long TRAP_0E = 0x8088c6bcL;
  private static final long FAST_CALL = 0x80889690L;
  private static final long SYSTEM_SERVICE = 0x808895f0L;
  private static final long ZW_CLOSE = 0x8082e800L;
  private static final long COMPLETE_REQUEST = 0x8081e2a0L;
  private static final String STORE_DEBUG_FIELDS =
      "8b5d60 8b7d68 89550c c74508000ddbba 895d00 897d04";

  private final SampleModule kernel;

  KernelCode(SampleModule kernel) {
    this.kernel = kernel;
  }

  /** Writes all of them. */
  void write(long bugCheck2, long mmAccessFault) {
    trap0E(mmAccessFault);
    systemService();
    fastCall();
    zwClose();
    completeRequest();
    trap08(bugCheck2);
  }

  private void trap0E(long mmAccessFault) {
    Assembler out = kernel.assembler(TRAP_0E);
    out.hex("66c74424020000 55 53 56 57 0fa0 bb30000000 668ee3 648b1d00000000 53 83ec04 505152");
    out.hex("1e 06 0fa8 66b82300 83ec30 668ed8 668ec0 8bec f744247000000200 7501 fc");
    out.hex(STORE_DEBUG_FIELDS).hex("0f20d7 fb 8b4d6c 83e101 8b4564 d1e8 83e001");
    out.filler(new Random(TRAP_0E), Routines.PAGE_FAULT - 24 - out.at(), 0, 0);
    out.hex("0f20d7 8b4d6c 83e101 8b4564 83e001 55 51 57 50");
    out.call(mmAccessFault);
    out.hex("85c0 7c1b 8be5 83c430 0fa9 07 1f 5a 59 58 83c404 648f0500000000 0fa1 5f 5e 5b 5d");
    out.hex("83c404 cf");
    named("_KiTrap0E", TRAP_0E, out.at(), 0, 1);
  }

  private void systemService() {
    Assembler out = kernel.assembler(SYSTEM_SERVICE);
    out.hex("6a00 55 53 56 57 0fa0 bb30000000 668ee3 64ff3500000000 64c70500000000ffffffff");
    out.hex("648b3524010000 ffb6d7000000 83ec48 8b5c246c 83e301 889ed7000000 8bec 8b9e10010000");
    out.hex("895d3c 83652c00 89ae10010000 fc").hex(STORE_DEBUG_FIELDS).hex("fb");
    out.jump(FAST_CALL + 0x8d);
    named("KiSystemService", SYSTEM_SERVICE, out.at(), 0, 1);
  }

  private void fastCall() {
    Assembler out = kernel.assembler(FAST_CALL);
    out.hex("b923000000 6a30 0fa1 8ed9 8ec1 648b0d40000000 8b6104 6a23 52 9c 6a02 83c208 9d");
    out.hex("804c240102 6a1b ff350403dfff 6a00 55 53 56 57 648b1d1c000000 6a3b 8bb324010000");
    out.hex("ff33 c703ffffffff 8b6e18 6a01 83ec48 81ed9c020000 c686d700000001 3bec");
    out.hex("83652c00 f6462cff 89ae10010000 fc").hex(STORE_DEBUG_FIELDS);
    out.filler(new Random(1), FAST_CALL + 0x8c - out.at(), 0, 0);
    out.hex("fb 8bf8 c1ef08 83e730 8bcf 03be18010000 8bd8 25ff0f0000 3b4708");
    out.filler(new Random(2), FAST_CALL + 0xd4 - out.at(), 0, 0);
    out.hex("64ff0538060000 8bf2 8b5f0c 33c9 8a0c18 8b3f 8b1c87 2be1 c1e902 8bfc f3a5");
    out.filler(new Random(3), Routines.SERVICE - 2 - out.at(), 0, 0);
    out.hex("ffd3 8be5 648b0d24010000 8b553c 899110010000 8be5 83c430 83c418");
    out.hex("83c404 648f0500000000 83c404 5f 5e 5b 5d 83c404 cf");
    named("KiFastCallEntry", FAST_CALL, out.at(), 0, 1);
  }

  private void zwClose() {
    Assembler out = kernel.assembler(ZW_CLOSE);
    out.hex("b81b000000 8d542404 9c 6a08").call(SYSTEM_SERVICE).hex("c20400");
    kernel.name("ZwClose", "_ZwClose@4", ZW_CLOSE);
    kernel.code(ZW_CLOSE, out.at());
    kernel.fpo(ZW_CLOSE, out.at(), 1, 0);
  }

  private void completeRequest() {
    Assembler out = kernel.assembler(COMPLETE_REQUEST);
    out.hex("ff25").address(kernel.data("pIofCompleteRequest", 4));
    kernel.word(kernel.address("pIofCompleteRequest"), kernel.address("IopfCompleteRequest"));
    kernel.name("IofCompleteRequest", "@IofCompleteRequest@8", COMPLETE_REQUEST);
    kernel.code(COMPLETE_REQUEST, out.at());
    Assembler handler = kernel.assembler(COMPLETE_REQUEST + 0x40);
    handler.hex("33c0 40 c3");
    kernel.name("_except_handler3", "__except_handler3", COMPLETE_REQUEST + 0x40);
    kernel.code(COMPLETE_REQUEST + 0x40, handler.at());
  }

  private void trap08(long bugCheck2) {
    Assembler out = kernel.assembler(TRAP_08);
    out.hex("fa 648b0d24010000 8b7938 8b4718 648b3540000000 89461c 668b4f30 66894e66");
    out.hex("8b0d3c000000 9c 812424ffbfffff 9d");
    out.filler(new Random(TRAP_08), DOUBLE_FAULT - 16 - out.at(), 0, 0);
    out.hex("6a00 6a00 6a00 56 6a08 6a7f").call(bugCheck2);
    out.hex("ebf2");
    named("_KiTrap08", TRAP_08, out.at(), 0, 2);
  }

  private void named(String name, long start, long end, int parameters, int frame) {
    kernel.name(name, "_" + name, start);
    kernel.code(start, end);
    kernel.fpo(start, end, parameters, frame);
  }
}
