// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KdFormatterTest {
  private static final Map<Long, String> NAMES =
      Map.of(
          0xb9596090L, "BabyHog!HogFarm+0x7460",
          0xb8d9e240L, "BabyHog+0x15240",
          0x8081df20L, "nt!Foo",
          0xfffff80012345678L, "nt!Foo");

  private static String text(Arch arch, long address, String hex, KdFormatter.Style style) {
    byte[] code = HexFormat.of().parseHex(hex);
    Instruction in = new Instruction();
    assertThat(new Decoder(arch).decode(code, 0, code.length, address, in)).isEqualTo(code.length);
    StringBuilder out = new StringBuilder();
    new KdFormatter(NAMES::get, style).instruction(in, out);
    return out.toString();
  }

  /** The lines of the reference case and others that were published as kd's output. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "55             | push    ebp",
        "8bec           | mov     ebp,esp",
        "8bff           | mov     edi,edi",
        "6aff           | push    0FFFFFFFFh",
        "6840e2d9b8     | push    offset BabyHog+0x15240 (b8d9e240)",
        "64a100000000   | mov     eax,dword ptr fs:[00000000h]",
        "64892500000000 | mov     dword ptr fs:[0],esp",
        "648b3524010000 | mov     esi,dword ptr fs:[124h]",
        "81c470fdffff   | add     esp,0FFFFFD70h",
        "81ecc0000000   | sub     esp,0C0h",
        "ff15906059b9   | call    dword ptr [BabyHog!HogFarm+0x7460 (b9596090)]",
        "8944242c       | mov     dword ptr [esp+2Ch],eax",
        "894424f8       | mov     dword ptr [esp-8],eax",
        "8d85f0feffff   | lea     eax,[ebp-110h]",
        "c20800         | ret     8",
        "c21000         | ret     10h",
        "f3a5           | rep movs dword ptr es:[edi],dword ptr [esi]",
        "f3ab           | rep stos dword ptr es:[edi]",
        "f2ae           | repne scas byte ptr es:[edi]",
        "f3a6           | repe cmps byte ptr [esi],byte ptr es:[edi]",
        "ac             | lods    byte ptr [esi]",
        "f00fc111       | lock xadd dword ptr [ecx],edx",
        "cc             | int     3",
        "cd2e           | int     2Eh",
        "9c             | pushfd",
        "60             | pushad",
        "cf             | iretd",
        "d9c0           | fld     st(0)",
        "ddd8           | fstp    st(0)",
        "d8c1           | fadd    st,st(1)",
        "dd4508         | fld     qword ptr [ebp+8]",
        "db6d08         | fld     tbyte ptr [ebp+8]",
        "dfe0           | fnstsw  ax",
        "0f20c0         | mov     eax,cr0",
        "0fb60a         | movzx   ecx,byte ptr [edx]",
        "0f94c0         | sete    al",
        "c1e81f         | shr     eax,1Fh",
        "d1f8           | sar     eax,1",
        "ea20df81800800 | jmp     0008:8081df20",
        "a1785634f2     | mov     eax,dword ptr ds:[0F2345678h]",
        "8b0485785634f2 | mov     eax,dword ptr [eax*4-0DCBA988h]",
        "8b048520df8180 | mov     eax,dword ptr nt!Foo (8081df20)[eax*4]",
        "b820df8180     | mov     eax,offset nt!Foo (8081df20)",
        "90             | nop",
        "f390           | pause",
        "6690           | xchg    ax,ax",
        "0f01542404     | lgdt    fword ptr [esp+4]",
        "668ed8         | mov     ds,ax",
        "36894508       | mov     dword ptr ss:[ebp+8],eax",
        "f20f104508     | movsd   xmm0,mmword ptr [ebp+8]",
        "0f280424       | movaps  xmm0,xmmword ptr [esp]",
        "0f6f4508       | movq    mm0,mmword ptr [ebp+8]",
      })
  void x86(String hex, String expected) {
    assertThat(text(Arch.X86, 0x80001000L, hex, KdFormatter.Style.CURRENT)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "48895c2408           | mov     qword ptr [rsp+8],rbx",
        "4889742410           | mov     qword ptr [rsp+10h],rsi",
        "57                   | push    rdi",
        "488d0d71460000       | lea     rcx,[nt!Foo (fffff800`12345678)]",
        "ff1572460000         | call    qword ptr [nt!Foo (fffff800`12345678)]",
        "ff1500000000         | call    qword ptr [fffff800`12341006]",
        "e873460000           | call    nt!Foo (fffff800`12345678)",
        "e800000000           | call    fffff800`12341005",
        "65488b042588010000   | mov     rax,qword ptr gs:[188h]",
        "4883ec80             | sub     rsp,0FFFFFFFFFFFFFF80h",
        "4881ec80020000       | sub     rsp,280h",
        "48b87856341200f8ffff | mov     rax,offset nt!Foo (fffff800`12345678)",
        "f348ab               | rep stos qword ptr [rdi]",
        "f3a4                 | rep movs byte ptr [rdi],byte ptr [rsi]",
        "66660f1f840000000000 | nop     word ptr [rax+rax]",
        "0f1f440000           | nop     dword ptr [rax+rax]",
        "48cf                 | iretq",
        "0f01f8               | swapgs",
        "0f05                 | syscall",
        "f30f7f4c2420         | movdqu  xmmword ptr [rsp+20h],xmm1",
        "c5fe6f02             | vmovdqu ymm0,ymmword ptr [rdx]",
        "62f17c4858c1         | vaddps  zmm0,zmm0,zmm1",
        "4c8bdc               | mov     r11,rsp",
        "4463c8               | movsxd  r9d,eax",
        "440f20c0             | mov     rax,cr8",
      })
  void x64(String hex, String expected) {
    assertThat(text(Arch.X64, 0xfffff80012341000L, hex, KdFormatter.Style.CURRENT))
        .isEqualTo(expected);
  }

  @Test
  void classicStyleLeavesTheBracketsOut() {
    assertThat(text(Arch.X86, 0xb958ecd9L, "ff15906059b9", KdFormatter.Style.CLASSIC))
        .isEqualTo("call    dword ptr BabyHog!HogFarm+0x7460 (b9596090)");
  }

  @Test
  void linesHaveTheColumnsOfKd() {
    byte[] code = HexFormat.of().parseHex("ff15906059b9");
    Instruction in = new Instruction();
    new Decoder(Arch.X86).decode(code, 0, code.length, 0xb958ecd9L, in);
    StringBuilder out = new StringBuilder();
    new KdFormatter(NAMES::get, KdFormatter.Style.CLASSIC).line(in, code, 0, out);
    assertThat(out.toString())
        .isEqualTo("b958ecd9 ff15906059b9    call    dword ptr BabyHog!HogFarm+0x7460 (b9596090)");
    out.setLength(0);
    KdFormatter.unreadableLine(0x3a0d, false, out);
    assertThat(out.toString()).isEqualTo("00003a0d ??              ???");
    out.setLength(0);
    KdFormatter.invalidLine(0xfffff80012345678L, true, (byte) 0xff, out);
    assertThat(out.toString()).isEqualTo("fffff800`12345678 ff              ???");
  }

  @Test
  void bytesThatFillTheirColumnKeepOneBlank() {
    byte[] code = HexFormat.of().parseHex("48c7842480000000ffffffff");
    Instruction in = new Instruction();
    new Decoder(Arch.X64).decode(code, 0, code.length, 0x140001000L, in);
    StringBuilder out = new StringBuilder();
    new KdFormatter(Symbolizer.NONE, KdFormatter.Style.CURRENT).line(in, code, 0, out);
    assertThat(out.toString())
        .isEqualTo(
            "00000001`40001000 48c7842480000000ffffffff mov     qword ptr"
                + " [rsp+80h],0FFFFFFFFFFFFFFFFh");
  }
}
