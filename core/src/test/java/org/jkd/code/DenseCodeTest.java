// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import org.jkd.cpu.Arch;
import org.junit.jupiter.api.Test;

/**
 * Code as compilers lay it out where nothing but flow says where functions begin: no padding behind
 * calls that never return, padding by instructions without effect, thunks for indirect calls.
 */
class DenseCodeTest {
  private static final long BASE = 0x8000_0000L;

  /** Pieces of code at offsets; int 3 in between. */
  private static CodeSpace space(Arch arch, Object... pieces) {
    byte[] code = new byte[0x200];
    Arrays.fill(code, (byte) 0xcc);
    for (int i = 0; i < pieces.length; i += 2) {
      byte[] piece = HexFormat.of().parseHex(((String) pieces[i + 1]).replace(" ", ""));
      System.arraycopy(piece, 0, code, (Integer) pieces[i], piece.length);
    }
    return BareCode.space(arch, BASE, code);
  }

  /** push ebx; sub esp, 8; test eax, eax; je over; add esp, 8; pop ebx; ret; over: call 0x100. */
  private static final String ENDS_IN_CALL = "53 83ec08 85c0 7405 83c408 5b c3 e8eb000000";

  private static final int BEHIND = 0x13;

  /** A jump to itself. */
  private static final String NEVER_RETURNS = "ebfe";

  @Test
  void aFunctionFollowsACallThatNeverReturnsWithoutPadding() {
    // push ebp, edi, esi; sub esp, 10h; call eax; add esp, 10h; pop esi, edi, ebp; ret
    CodeSpace space =
        space(
            Arch.X86,
            0,
            ENDS_IN_CALL,
            0x100,
            NEVER_RETURNS,
            BEHIND,
            "55 57 56 83ec10 ffd0 83c410 5e 5f 5d c3");
    CallSite site = space.callSite(BASE + BEHIND + 8).orElseThrow();
    assertEquals(BASE + BEHIND, site.function().orElseThrow().start());
    assertEquals(new Depth.Exact(0x1c), site.depth());
    FunctionCode before = space.functionAt(BASE).orElseThrow();
    assertTrue(before.isConsistent());
    assertEquals(0, before.popped());
  }

  @Test
  void paddingMayBeInstructionsWithoutEffect() {
    // lea esi, [esi]; xchg ax, ax; test ecx, ecx; je to the end; push esi; sub esp, 10h; call eax;
    // add esp, 10h; pop esi; ret 8
    CodeSpace space =
        space(
            Arch.X86,
            0,
            ENDS_IN_CALL,
            0x100,
            NEVER_RETURNS,
            BEHIND,
            "8d7600 6690 85c9 740a 56 83ec10 ffd0 83c410 5e c20800");
    CallSite site = space.callSite(BASE + BEHIND + 15).orElseThrow();
    assertEquals(new Depth.Exact(0x14), site.depth());
    assertEquals(8, site.function().orElseThrow().popped());
    assertTrue(space.functionAt(BASE).orElseThrow().isConsistent());
  }

  @Test
  void aThunkThatReturnsToWhereARegisterPointsCanLeadAnywhere() {
    // sub rsp, 28h; call 80h; call 0C0h; add rsp, 28h; ret
    // 80h: call over; wait: pause; lfence; jmp wait; over: mov [rsp], r11; ret
    CodeSpace space =
        space(
            Arch.X64,
            0,
            "4883ec28 e877000000 e8b2000000 4883c428 c3",
            0x80,
            "e807000000 f390 0faee8 ebf9 4c891c24 c3",
            0xc0,
            "33c0 c3",
            0x140,
            "53 4883ec20 ffd0 4883c420 5b c3");
    CallSite thunk = space.callSite(BASE + 9).orElseThrow();
    assertEquals(CodeSpace.Agreement.POSSIBLE, space.agreement(thunk, BASE + 0x140));
    CallSite plain = space.callSite(BASE + 14).orElseThrow();
    assertEquals(CodeSpace.Agreement.CONTRADICTED, space.agreement(plain, BASE + 0x140));
  }

  @Test
  void aCalleeThatSavesARegisterPreservesIt() {
    // mov eax, 2000h; call 80h; sub esp, eax; call ecx; add esp, 2000h; ret
    // 80h: push ecx; push eax; lea ecx, [esp+0Ch]; sub eax, 1000h; or [ecx], 0; pop eax; pop ecx;
    // ret
    CodeSpace space =
        space(
            Arch.X86,
            0,
            "b800200000 e876000000 29c4 ffd1 81c400200000 c3",
            0x80,
            "51 50 8d4c240c 2d00100000 830900 58 59 c3");
    assertEquals(new Depth.Exact(0x2000), space.callSite(BASE + 14).orElseThrow().depth());
  }

  @Test
  void theTableOfASwitchEndsWhereTheNextBegins() {
    // push ebx; sub esp, 8; cmp eax, 1; ja over; jmp [eax*4+180h]; call eax; over: add esp, 8;
    // pop ebx; ret
    // 40h: push ebp, edi, esi; sub esp, 20h; cmp eax, 1; ja over; jmp [eax*4+188h]; call ecx; over:
    // add esp, 20h; pop esi, edi, ebp; ret
    CodeSpace space =
        space(
            Arch.X86,
            0,
            "53 83ec08 83f801 7709 ff248580010080 ffd0 83c408 5b c3",
            0x40,
            "55 57 56 83ec20 83f801 7709 ff248588010080 ffd1 83c420 5e 5f 5d c3",
            0x180,
            "10000080 12000080 52000080 54000080");
    FunctionCode first = space.functionAt(BASE).orElseThrow();
    assertTrue(first.hasInstruction(BASE + 0x12));
    assertFalse(first.hasInstruction(BASE + 0x52));
    assertTrue(first.isConsistent());
    assertTrue(space.functionAt(BASE + 0x40).orElseThrow().hasInstruction(BASE + 0x52));
  }

  @Test
  void aPointerBehindAJumpNamesAFunctionThatMakesAFrame() {
    // 20h: jmp 0; push ebp, edi, esi, ebx; sub esp, 4Ch. 40h: jmp 0; push esi, edi; call eax.
    // 80h: jmp 0; lea ecx, [esp+4]; and esp, -64; push [ecx-4]; push ebp; mov ebp, esp.
    // 0C0h: ret; lea esi, [esi+eiz]; xchg ax, ax; push ebp; mov eax, 38E38E39h; push edi;
    // sub esp, 3Ch. 100h: ret; lea esi, [esi+eiz]; mov eax, [esp+10h]; call eax
    CodeImage image =
        space(
                Arch.X86,
                0x20,
                "e9dbffffff 55 57 56 53 83ec4c",
                0x40,
                "e9bbffffff 56 57 ffd0",
                0x80,
                "e97bffffff 8d4c2404 83e4c0 ff71fc 55 89e5",
                0xc0,
                "c3 8db42600000000 6690 55 b8398ee338 57 83ec3c",
                0x100,
                "c3 8db42600000000 8b442410 ffd0")
            .images()
            .getFirst();
    assertTrue(FunctionScan.mayNameFunction(image, BASE + 0x25));
    assertFalse(FunctionScan.mayNameFunction(image, BASE + 0x45));
    assertTrue(FunctionScan.mayNameFunction(image, BASE + 0x85));
    assertTrue(FunctionScan.mayNameFunction(image, BASE + 0xca));
    assertFalse(FunctionScan.mayNameFunction(image, BASE + 0x108));
  }

  @Test
  void aPointerNamesAFunctionThatFlowSeemsToRunInto() {
    // push ebx; call 100h, which never returns; push esi, edi; sub esp, 20h; call eax; ...
    CodeSpace space =
        space(
            Arch.X86,
            0,
            "53 e8fa000000 8db42600000000 6690 57 56 83ec20 ffd0 83c420 5e 5f c3",
            0x100,
            NEVER_RETURNS);
    CodeImage image = space.images().getFirst();
    FunctionMap map = FunctionScan.of(image, new long[] {BASE + 15});
    assertEquals(FunctionMap.POINTER, map.sourcesAt(BASE + 15) & FunctionMap.POINTER);
  }
}
