// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DecoderTest {
  private static final int EAX = 1;
  private static final int ECX = 2;
  private static final int ESP = 16;
  private static final int EBP = 32;

  private static Instruction decode(Arch arch, String hex) {
    byte[] code = HexFormat.of().parseHex(hex);
    Instruction instruction = new Instruction();
    assertThat(new Decoder(arch).decode(code, 0, code.length, 0x401000, instruction))
        .as(hex)
        .isEqualTo(code.length);
    return instruction;
  }

  private static Instruction x86(String hex) {
    return decode(Arch.X86, hex);
  }

  private static Instruction x64(String hex) {
    return decode(Arch.X64, hex);
  }

  @Test
  void everyNamedMnemonicExistsInTheTables() throws IllegalAccessException {
    int named = 0;
    for (Field field : Mnemonic.class.getFields()) {
      int id = field.getInt(null);
      named++;
      if (id != Mnemonic.INVALID) {
        String text = field.getName().toLowerCase(Locale.ROOT);
        assertThat(Mnemonic.text(id)).isEqualTo(text);
        assertThat(Mnemonic.id(text)).isEqualTo(id);
        assertThat(OpcodeTable.INSTANCE.isUsed(id)).as(text).isTrue();
      }
    }
    assertThat(Mnemonic.fixed()).hasSize(named);
  }

  @Test
  void flowsAndTargets() {
    assertThat(x86("e8fbffffff").flow()).isEqualTo(Flow.CALL_DIRECT);
    assertThat(x86("e8fbffffff").target()).isEqualTo(0x401000);
    assertThat(x86("ff15906059b9").flow()).isEqualTo(Flow.CALL_INDIRECT);
    assertThat(x86("ff15906059b9").absoluteAddress(0)).isEqualTo(0xb9596090L);
    assertThat(x86("ff5508").isAbsolute(0)).isFalse();
    assertThat(x86("9a785634121b00").flow()).isEqualTo(Flow.CALL_INDIRECT);
    assertThat(x86("9a785634121b00").farOffset()).isEqualTo(0x12345678);
    assertThat(x86("9a785634121b00").farSelector()).isEqualTo(0x1b);
    assertThat(x86("eb10").flow()).isEqualTo(Flow.JMP);
    assertThat(x86("ff248500104000").flow()).isEqualTo(Flow.JMP_INDIRECT);
    assertThat(x86("ff248500104000").memoryScale(0)).isEqualTo(4);
    assertThat(x86("7410").flow()).isEqualTo(Flow.JCC);
    assertThat(x86("7410").condition()).isEqualTo(4);
    assertThat(x86("e310").flow()).isEqualTo(Flow.JCC);
    assertThat(x86("c3").flow()).isEqualTo(Flow.RET);
    assertThat(x86("c20c00").flow()).isEqualTo(Flow.RET_N);
    assertThat(x86("cb").flow()).isEqualTo(Flow.RET_FAR);
    assertThat(x86("cc").flow()).isEqualTo(Flow.INT3);
    assertThat(x86("cd29").flow()).isEqualTo(Flow.INT_N);
    assertThat(x86("cd29").immediateUnsigned(0)).isEqualTo(0x29);
    assertThat(x86("cf").flow()).isEqualTo(Flow.IRET);
    assertThat(x86("0f34").flow()).isEqualTo(Flow.SYSCALL);
    assertThat(x64("0f05").flow()).isEqualTo(Flow.SYSCALL);
    assertThat(x86("f4").flow()).isEqualTo(Flow.HLT);
    assertThat(x86("0f0b").flow()).isEqualTo(Flow.UD);
    assertThat(x64("ff2512345678").absoluteAddress(0)).isEqualTo(0x401000 + 6 + 0x78563412L);
    assertThat(x64("48ff2512345678").size(0)).isEqualTo(8);
  }

  @Test
  void stackEffectsOf32BitCode() {
    effect(x86("55"), StackEffect.PUSH, -4);
    effect(x86("6aff"), StackEffect.PUSH, -4);
    effect(x86("666aff"), StackEffect.PUSH, -2);
    effect(x86("60"), StackEffect.PUSH, -32);
    effect(x86("9c"), StackEffect.PUSH, -4);
    effect(x86("5d"), StackEffect.POP, 4);
    effect(x86("8f4508"), StackEffect.POP, 4);
    effect(x86("61"), StackEffect.POP, 32);
    effect(x86("5c"), StackEffect.ASSIGN, 0);
    effect(x86("e800000000"), StackEffect.CALL, -4);
    effect(x86("ff1d00104000"), StackEffect.CALL, -8);
    effect(x86("c3"), StackEffect.RETURN, 4);
    effect(x86("c20800"), StackEffect.RETURN, 12);
    effect(x86("c20080"), StackEffect.RETURN, 0x8004);
    effect(x86("81c470fdffff"), StackEffect.ADJUST, -656);
    effect(x86("83ec80"), StackEffect.ADJUST, 128);
    effect(x86("8d642408"), StackEffect.ADJUST, 8);
    effect(x86("4c"), StackEffect.ADJUST, -1);
    effect(x86("83e4f8"), StackEffect.ALIGN, 0);
    effect(x86("8be5"), StackEffect.ASSIGN, 0);
    effect(x86("8d65f0"), StackEffect.ASSIGN, 0);
    effect(x86("94"), StackEffect.ASSIGN, 0);
    effect(x86("2be0"), StackEffect.ASSIGN, 0);
    effect(x86("c9"), StackEffect.LEAVE, 0);
    effect(x86("c8100000"), StackEffect.ENTER, -20);
    effect(x86("8bec"), StackEffect.NONE, 0);
    effect(x86("83fc04"), StackEffect.NONE, 0);
  }

  @Test
  void stackEffectsOf64BitCode() {
    effect(x64("4156"), StackEffect.PUSH, -8);
    effect(x64("68ffffffff"), StackEffect.PUSH, -8);
    effect(x64("415e"), StackEffect.POP, 8);
    effect(x64("4883ec28"), StackEffect.ADJUST, -40);
    effect(x64("4881c480000000"), StackEffect.ADJUST, 128);
    effect(x64("488d642408"), StackEffect.ADJUST, 8);
    effect(x64("83ec28"), StackEffect.ASSIGN, 0);
    effect(x64("e800000000"), StackEffect.CALL, -8);
    effect(x64("c3"), StackEffect.RETURN, 8);
  }

  private static void effect(Instruction in, StackEffect effect, int delta) {
    assertThat(in.stackEffect()).as(in.mnemonicText()).isEqualTo(effect);
    assertThat(in.stackDelta()).as(in.mnemonicText()).isEqualTo(delta);
  }

  @Test
  void registersAndMemoryTouched() {
    Instruction in = x86("8b4508"); // mov eax,[ebp+8]
    assertThat(in.registersRead()).isEqualTo(EBP);
    assertThat(in.registersWritten()).isEqualTo(EAX);
    assertThat(in.readsMemory()).isTrue();
    assertThat(in.writesMemory()).isFalse();
    assertThat(in.memoryOperand()).isEqualTo(1);
    assertThat(in.displacement(1)).isEqualTo(8);
    in = x86("894cb8fc"); // mov [eax+edi*4-4],ecx
    assertThat(in.registersRead()).isEqualTo(EAX | ECX | 128);
    assertThat(in.registersWritten()).isZero();
    assertThat(in.displacement(0)).isEqualTo(-4);
    assertThat(in.writesMemory()).isTrue();
    in = x86("f3a5"); // rep movs
    assertThat(in.registersWritten()).isEqualTo(ECX | 64 | 128);
    in = x86("55");
    assertThat(in.registersRead()).isEqualTo(ESP | EBP);
    assertThat(in.registersWritten()).isEqualTo(ESP);
    in = x86("84e4"); // test ah,ah
    assertThat(in.registersRead()).isEqualTo(EAX);
    assertThat(in.writesFlags()).isTrue();
    in = x86("0f44c1"); // cmove eax,ecx
    assertThat(in.readsFlags()).isTrue();
    assertThat(in.registersRead()).isEqualTo(EAX | ECX);
    in = x86("8d0424"); // lea eax,[esp]
    assertThat(in.readsMemory()).isFalse();
    in = x86("91"); // xchg eax,ecx
    assertThat(in.registersWritten()).isEqualTo(EAX | ECX);
    in = x64("0f1f440000");
    assertThat(in.readsMemory()).isFalse();
    in = x64("654c8b2c2588010000"); // mov r13,gs:[188h]
    assertThat(in.memorySegment(1)).isEqualTo(5);
    assertThat(in.registersWritten()).isEqualTo(1 << 13);
    assertThat(in.absoluteAddress(1)).isEqualTo(0x188);
  }

  @Test
  void truncatedAndInvalidBytesAreRefused() {
    byte[] code = HexFormat.of().parseHex("81842478563412efcdab89");
    Instruction in = new Instruction();
    Decoder decoder = new Decoder(Arch.X86);
    for (int end = 0; end < code.length; end++) {
      assertThat(decoder.decode(code, 0, end, 0, in)).isZero();
    }
    assertThat(decoder.decode(code, 0, code.length, 0, in)).isEqualTo(11);
    byte[] long15 = HexFormat.of().parseHex("66".repeat(14) + "90");
    assertThat(decoder.decode(long15, 0, 15, 0, in)).isEqualTo(15);
    byte[] long16 = HexFormat.of().parseHex("66".repeat(15) + "90");
    assertThat(decoder.decode(long16, 0, 16, 0, in)).isZero();
    assertThat(new Decoder(Arch.X64).decode(new byte[] {0x06}, 0, 1, 0, in)).isZero();
  }

  @Test
  void randomBytesNeverCrashAndStayWithinFifteen() {
    Random random = new Random(20261122);
    byte[] code = new byte[1 << 16];
    Instruction in = new Instruction();
    for (Arch arch : new Arch[] {Arch.X86, Arch.X64}) {
      Decoder decoder = new Decoder(arch);
      for (int round = 0; round < 4; round++) {
        random.nextBytes(code);
        for (int i = 0; i < code.length; i++) {
          int end = Math.min(code.length, i + random.nextInt(20));
          int length = decoder.decode(code, i, end, i, in);
          assertThat(length).isBetween(0, Math.min(15, end - i));
          if (length > 0) {
            touchEverything(in);
          }
        }
      }
    }
  }

  private static void touchEverything(Instruction in) {
    for (int i = 0; i < in.operandCount(); i++) {
      switch (in.kind(i)) {
        case REGISTER -> {
          RegisterClass c = in.registerClass(i);
          assertThat(in.register(i)).isBetween(0, 31);
          assertThat(c).isNotNull();
        }
        case MEMORY -> {
          assertThat(in.memoryBase(i)).isBetween(-1, 16);
          assertThat(in.memoryIndex(i)).isBetween(-1, 31);
          assertThat(in.size(i)).isBetween(0, 64);
        }
        case IMMEDIATE -> in.immediateUnsigned(i);
        case RELATIVE -> in.target();
        case FAR_POINTER -> in.farOffset();
      }
    }
    assertThat(in.registersRead() >>> 16).isZero();
    assertThat(in.registersWritten() >>> 16).isZero();
    in.stackDelta();
    in.flow();
  }
}
