// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecorationTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "_KeBugCheckEx@20, KeBugCheckEx",
        "@IofCallDriver@8, IofCallDriver",
        "__SEH_prolog, _SEH_prolog",
        "KiTrap0E, KiTrap0E",
        "__imp__KeBugCheckEx@20, _imp__KeBugCheckEx",
        "__imp_@IofCallDriver@8, _imp_IofCallDriver",
        "__real@3f800000, _real",
        "_, _",
        "?Create@Device@Quill@@QAEHXZ, Quill::Device::Create",
        "??0Device@Quill@@QAE@XZ, Quill::Device::Device",
        "??1Device@Quill@@QAE@XZ, Quill::Device::~Device",
        "??2@YAPAXI@Z, operator new",
        "??4Device@Quill@@QAEAAV01@ABV01@@Z, Quill::Device::operator=",
        "?enable@?2??VF_ASSERT_IRQL@@YGXXZ@4KA, `VF_ASSERT_IRQL'::`3'::enable",
        "?enable@?2??VF_ASSERT_IRQL@@9@9, `VF_ASSERT_IRQL'::`3'::enable",
        "??_C@_03BLEJJJBH@sin?$AA@, `string'",
        "?f@?$list@H@@QAEXXZ, list<int>::f",
        "?f@?$list@H@@QAE, ?f@?$list@H@@QAE",
        "Sum@@16, Sum",
        "_Sum@12, Sum",
      })
  void namesAreShownAsKdShowsThem(String decorated, String shown) {
    assertThat(Decoration.shown(decorated)).isEqualTo(shown);
  }

  @ParameterizedTest
  @CsvSource({"_KeBugCheckEx@20, 20", "@IofCallDriver@8, 8", "__SEH_prolog, -1", "?f@@YAXXZ, -1"})
  void stdcallNamesTellTheirArguments(String decorated, int bytes) {
    assertThat(Decoration.argumentBytes(decorated)).isEqualTo(bytes);
  }

  @Test
  void literalsOfALinkWithCodeGenerationHaveATag() {
    assertThat(Decoration.shown("??_C@_00CNPNBAHC@?$AA@FNODOBFM@"))
        .isEqualTo(" ?? ::FNODOBFM::`string'");
  }
}
