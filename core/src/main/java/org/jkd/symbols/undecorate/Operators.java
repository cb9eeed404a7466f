// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The codes of operators and of what compilers make. */
final class Operators {
  private Operators() {}

  /**
   * What a code means.
   *
   * @param llvm in LLVM's words
   * @param microsoft in Microsoft's words
   */
  record Entry(String llvm, String microsoft) {}

  private static Map.Entry<String, Entry> op(String code, String sign) {
    String name = "operator" + sign;
    return Map.entry(code, new Entry(name, name));
  }

  private static Map.Entry<String, Entry> made(String code, String llvm, String microsoft) {
    return Map.entry(code, new Entry("`" + llvm + "'", "`" + microsoft + "'"));
  }

  private static Map.Entry<String, Entry> iterator(String code, String before, String what) {
    return made(
        code,
        before + what + " iterator",
        before
            + what.replaceFirst("^ctor", "constructor").replace("dtor", "destructor")
            + " iterator");
  }

  private static final Map<String, Entry> ALL =
      Map.ofEntries(
          op("2", " new"),
          op("3", " delete"),
          op("4", "="),
          op("5", ">>"),
          op("6", "<<"),
          op("7", "!"),
          op("8", "=="),
          op("9", "!="),
          op("A", "[]"),
          op("C", "->"),
          op("D", "*"),
          op("E", "++"),
          op("F", "--"),
          op("G", "-"),
          op("H", "+"),
          op("I", "&"),
          op("J", "->*"),
          op("K", "/"),
          op("L", "%"),
          op("M", "<"),
          op("N", "<="),
          op("O", ">"),
          op("P", ">="),
          op("Q", ","),
          op("R", "()"),
          op("S", "~"),
          op("T", "^"),
          op("U", "|"),
          op("V", "&&"),
          op("W", "||"),
          op("X", "*="),
          op("Y", "+="),
          op("Z", "-="),
          op("_0", "/="),
          op("_1", "%="),
          op("_2", ">>="),
          op("_3", "<<="),
          op("_4", "&="),
          op("_5", "|="),
          op("_6", "^="),
          made("_D", "vbase dtor", "vbase destructor"),
          made("_E", "vector deleting dtor", "vector deleting destructor"),
          made("_F", "default ctor closure", "default constructor closure"),
          made("_G", "scalar deleting dtor", "scalar deleting destructor"),
          iterator("_H", "vector ", "ctor"),
          iterator("_I", "vector ", "dtor"),
          iterator("_J", "vector vbase ", "ctor"),
          made("_K", "virtual displacement map", "virtual displacement map"),
          iterator("_L", "eh vector ", "ctor"),
          iterator("_M", "eh vector ", "dtor"),
          iterator("_N", "eh vector vbase ", "ctor"),
          made("_O", "copy ctor closure", "copy constructor closure"),
          made("_T", "local vftable ctor closure", "local vftable constructor closure"),
          op("_U", " new[]"),
          op("_V", " delete[]"),
          iterator("__A", "managed vector ", "ctor"),
          iterator("__B", "managed vector ", "dtor"),
          iterator("__C", "EH vector copy ", "ctor"),
          iterator("__D", "EH vector vbase copy ", "ctor"),
          iterator("__G", "vector copy ", "ctor"),
          // LLVM writes these two out.
          iterator("__H", "vector vbase copy ", "constructor"),
          iterator("__I", "managed vector vbase copy ", "constructor"),
          op("__L", " co_await"),
          op("__M", "<=>"));

  /** The meaning of a code, its underscores included; null when it has none. */
  static @Nullable Entry of(String code) {
    return ALL.get(code);
  }
}
