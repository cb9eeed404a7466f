// SPDX-License-Identifier: Apache-2.0
package org.jkd.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings the texts of GNU objdump (Intel syntax) and of kd to one common form, so that only
 * differences of meaning remain: {@code mov dword ptr [ebp-10],eax}, all numbers bare hexadecimal.
 */
final class ObjdumpDialect {
  /** Words that objdump prints for prefixes without effect, or that kd does not show. */
  private static final Set<String> IDLE_WORDS =
      Set.of(
          "data16",
          "data32",
          "addr16",
          "addr32",
          "cs",
          "ds",
          "es",
          "ss",
          "fs",
          "gs",
          "notrack",
          "bnd",
          "xacquire",
          "xrelease");

  private static final Set<String> STRING_MNEMONICS =
      Set.of("movs", "cmps", "stos", "lods", "scas", "ins", "outs");

  private static final Map<String, String> SYNONYMS =
      Map.ofEntries(
          Map.entry("movabs", "mov"),
          Map.entry("fwait", "wait"),
          Map.entry("sal", "shl"),
          Map.entry("pusha", "pushad"),
          Map.entry("pushaw", "pusha"),
          Map.entry("popa", "popad"),
          Map.entry("popaw", "popa"),
          Map.entry("pushfw", "pushf"),
          Map.entry("popfw", "popf"),
          Map.entry("iretw", "iret"),
          Map.entry("pushw", "push"),
          Map.entry("popw", "pop"),
          Map.entry("callw", "call"),
          Map.entry("jmpw", "jmp"),
          Map.entry("retw", "ret"),
          Map.entry("retfw", "retf"),
          Map.entry("enterw", "enter"),
          Map.entry("leavew", "leave"),
          Map.entry("sysexitd", "sysexit"),
          Map.entry("sgdtd", "sgdt"),
          Map.entry("sidtd", "sidt"),
          Map.entry("lgdtd", "lgdt"),
          Map.entry("lidtd", "lidt"),
          Map.entry("xlatb", "xlat"),
          Map.entry("fcom2", "fcom"),
          Map.entry("fcomp3", "fcomp"),
          Map.entry("fcomp5", "fcomp"),
          Map.entry("fxch4", "fxch"),
          Map.entry("fxch7", "fxch"),
          Map.entry("fstp1", "fstp"),
          Map.entry("fstp8", "fstp"),
          Map.entry("fstp9", "fstp"),
          Map.entry("fneni(8087 only)", "fneni"),
          Map.entry("fndisi(8087 only)", "fndisi"),
          Map.entry("fnsetpm(287 only)", "fnsetpm"),
          Map.entry("frstpm(287 only)", "frstpm"));

  private static final String[] PREDICATES = {
    "eq",
    "lt",
    "le",
    "unord",
    "neq",
    "nlt",
    "nle",
    "ord",
    "eq_uq",
    "nge",
    "ngt",
    "false",
    "neq_oq",
    "ge",
    "gt",
    "true",
    "eq_os",
    "lt_oq",
    "le_oq",
    "unord_s",
    "neq_us",
    "nlt_uq",
    "nle_uq",
    "ord_s",
    "eq_us",
    "nge_uq",
    "ngt_uq",
    "false_os",
    "neq_os",
    "ge_oq",
    "gt_oq",
    "true_us"
  };
  private static final String[] INTEGER_PREDICATES = {
    "eq", "lt", "le", "", "neq", "nlt", "nle", ""
  };
  private static final Pattern COMPARE = Pattern.compile("(v?)cmp(.+)([ps][sdh])");
  private static final Pattern INTEGER_COMPARE =
      Pattern.compile("vp(cmp|com)(eq|lt|le|neq|nlt|nle|gt|ge|false|true)(u?[bwdq])");
  private static final Pattern CARRYLESS = Pattern.compile("(v?)pclmul([lh])q([lh])qdq");
  private static final Pattern NUMBER_WITH_PREFIX = Pattern.compile("0x([0-9a-f]+)");
  private static final Pattern KD_NUMBER = Pattern.compile("(?<![\\w(*])([0-9][0-9a-f]*)h?(?!\\w)");
  private static final Pattern RIP_COMMENT = Pattern.compile("#\\s+(?:0x)?([0-9a-f]+)");
  private static final Pattern RIP = Pattern.compile("\\[[er]ip[^\\]]*\\]");
  private static final Pattern BARE_ABSOLUTE = Pattern.compile("([cdefgs]s):([0-9a-f]+)");
  private static final Pattern IGNORED_SEGMENT = Pattern.compile("\\b[cdes]s:");
  private static final Pattern TARGET = Pattern.compile("(?:0x)?([0-9a-f`]+)");

  private static final Pattern NO_INDEX = Pattern.compile("\\+?\\b[er]iz\\*[1248]");
  private static final Pattern FLAT_ABSOLUTE = Pattern.compile("\\bds:(\\[[0-9][0-9a-f]*\\])");
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern HINT = Pattern.compile(",p[nt]$");

  private ObjdumpDialect() {}

  /** Normalises objdump's text after the bytes. */
  static String fromObjdump(String line, boolean is64) {
    String text = line.toLowerCase(Locale.ROOT).replace("{vex} ", "");
    Matcher comment = RIP_COMMENT.matcher(text);
    String ripTarget = text.indexOf('#') >= 0 && comment.find() ? comment.group(1) : null;
    text = cut(cut(text, " #"), "<").trim();
    List<String> words = new ArrayList<>(List.of(BLANKS.split(text)));
    StringBuilder prefix = new StringBuilder();
    while (words.size() > 1) {
      String word = unhinted(words.getFirst());
      if (word.startsWith("rex") || IDLE_WORDS.contains(word)) {
        words.removeFirst();
      } else if (word.equals("lock")) {
        prefix.append("lock ");
        words.removeFirst();
      } else if (word.startsWith("rep")) {
        prefix.append(word.startsWith("repn") ? "repne " : "rep ");
        words.removeFirst();
      } else {
        break;
      }
    }
    String mnemonic = unhinted(words.removeFirst());
    String operands = String.join(" ", words);
    mnemonic = SYNONYMS.getOrDefault(mnemonic, mnemonic);
    if (mnemonic.equals("int3")) {
      return "int 3";
    }
    if (mnemonic.equals("pushf") && !prefix.toString().contains("data16")) {
      mnemonic = line.startsWith("pushfw") ? "pushf" : is64 ? "pushfq" : "pushfd";
    } else if (mnemonic.equals("popf")) {
      mnemonic = line.startsWith("popfw") ? "popf" : is64 ? "popfq" : "popfd";
    } else if (mnemonic.equals("iret")) {
      mnemonic = line.startsWith("iretw") ? "iret" : "iretd";
    }
    if (ripTarget != null) {
      operands = RIP.matcher(operands).replaceAll("[" + strip(ripTarget) + "]");
    }
    Matcher compare = COMPARE.matcher(mnemonic);
    if (mnemonic.contains("cmp") && compare.matches()) {
      int predicate = List.of(PREDICATES).indexOf(compare.group(2));
      if (predicate >= 0) {
        mnemonic = compare.group(1) + "cmp" + compare.group(3);
        operands = operands + ",0x" + Integer.toHexString(predicate);
      }
    }
    Matcher integer = INTEGER_COMPARE.matcher(mnemonic);
    int ip =
        mnemonic.startsWith("vp") && integer.matches()
            ? List.of(INTEGER_PREDICATES).indexOf(integer.group(2))
            : -1;
    if (ip >= 0
        && !integer.group(2).equals("gt")
        && operands.startsWith("k")
        && !isPlainCompare(mnemonic)) {
      mnemonic = "vp" + integer.group(1) + integer.group(3);
      operands = operands + ",0x" + Integer.toHexString(ip);
    }
    Matcher carryless = CARRYLESS.matcher(mnemonic);
    if (mnemonic.contains("clmul") && carryless.matches()) {
      int i = (carryless.group(2).equals("h") ? 1 : 0) + (carryless.group(3).equals("h") ? 16 : 0);
      mnemonic = carryless.group(1) + "pclmulqdq";
      operands = operands + ",0x" + Integer.toHexString(i);
    }
    if (isBranch(mnemonic) && TARGET.matcher(operands).matches()) {
      Matcher m = TARGET.matcher(operands);
      m.matches();
      operands = strip(m.group(1));
    } else {
      operands = NUMBER_WITH_PREFIX.matcher(operands).replaceAll(m -> strip(m.group(1)));
      operands = BARE_ABSOLUTE.matcher(operands).replaceAll("$1:[$2]");
    }
    return finish(prefix.toString(), mnemonic, operands, is64);
  }

  /** {@code vpcmpeqd} and the like exist as instructions of their own, without an immediate. */
  private static boolean isPlainCompare(String mnemonic) {
    return mnemonic.matches("vpcmp(eq|gt)[bwdq]");
  }

  /** Normalises the text of {@link KdFormatter} without symbols. */
  static String fromKd(String line, boolean is64) {
    String text = line.toLowerCase(Locale.ROOT).trim();
    StringBuilder prefix = new StringBuilder();
    while (true) {
      int space = text.indexOf(' ');
      String word = space < 0 ? "" : text.substring(0, space);
      if (word.equals("lock")) {
        prefix.append("lock ");
      } else if (word.equals("rep") || word.equals("repe")) {
        prefix.append("rep ");
      } else if (word.equals("repne")) {
        prefix.append("repne ");
      } else if (!word.equals("bnd")) {
        break;
      }
      text = text.substring(space + 1).trim();
    }
    int space = text.indexOf(' ');
    String mnemonic = space < 0 ? text : text.substring(0, space);
    String operands = space < 0 ? "" : text.substring(space).trim().replace("`", "");
    mnemonic = mnemonic.equals("sal") ? "shl" : mnemonic;
    if (mnemonic.equals("int") && operands.equals("3")) {
      return "int 3";
    }
    if (isBranch(mnemonic) && TARGET.matcher(operands).matches()) {
      operands = strip(operands);
    } else {
      operands = KD_NUMBER.matcher(operands).replaceAll(m -> strip(m.group(1)));
    }
    if (operands.startsWith("mmword") || operands.contains(",mmword")) {
      operands = operands.replace("mmword", "qword");
    }
    return finish(prefix.toString(), mnemonic, operands, is64);
  }

  private static String finish(String prefix, String mnemonic, String text, boolean is64) {
    String operands = text.replace(", ", ",");
    if (operands.indexOf('[') >= 0) {
      if (operands.contains("iz*")) {
        operands = NO_INDEX.matcher(operands).replaceAll("").replace("[+", "[");
      }
      operands = operands.replace("*1+", "+").replace("*1-", "-").replace("*1]", "]");
      operands = operands.replace("+0]", "]").replace("-0]", "]");
      if (operands.contains("ds:[")) {
        operands = FLAT_ABSOLUTE.matcher(operands).replaceAll("$1");
      }
    }
    boolean string = STRING_MNEMONICS.contains(mnemonic);
    if (string) {
      operands = operands.replace("ds:[", "[");
      operands =
          switch (mnemonic) {
            case "stos" -> cut(operands, ",");
            case "lods", "scas" -> operands.substring(operands.indexOf(',') + 1);
            default -> operands;
          };
    }
    if (mnemonic.endsWith("dt") && mnemonic.length() == 4) {
      operands = operands.replace("fword ptr ", ""); // sgdt, lidt: objdump leaves the size out
    }
    if (mnemonic.endsWith("lddqu")) {
      operands = operands.replace("xmmword ptr ", "").replace("ymmword ptr ", "");
    }
    if (operands.contains("oword")) {
      operands = operands.replace("oword ptr", "xmmword ptr"); // cmpxchg16b, invept
    }
    if (mnemonic.equals("xlat")) {
      operands = operands.replace("ds:", "");
    }
    if (is64 && operands.indexOf(':') >= 0) {
      operands = IGNORED_SEGMENT.matcher(operands).replaceAll("");
    }
    String shown = string || prefix.isEmpty() ? prefix : prefix.startsWith("lock") ? "lock " : "";
    return (shown + mnemonic + " " + operands).trim();
  }

  private static String unhinted(String word) {
    return word.indexOf(',') < 0 ? word : HINT.matcher(word).replaceAll("");
  }

  private static boolean isBranch(String mnemonic) {
    return mnemonic.startsWith("j")
        || mnemonic.startsWith("call")
        || mnemonic.startsWith("loop")
        || mnemonic.equals("xbegin");
  }

  private static String cut(String text, String mark) {
    int at = text.indexOf(mark);
    return at < 0 ? text : text.substring(0, at);
  }

  private static String strip(String number) {
    String digits = number.replace("`", "");
    int i = 0;
    while (i < digits.length() - 1 && digits.charAt(i) == '0') {
      i++;
    }
    return digits.substring(i);
  }
}
