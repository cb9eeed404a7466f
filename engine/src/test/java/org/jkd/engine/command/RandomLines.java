// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jkd.cpu.Arch;

/** Command lines out of a seed: mostly such as users type, some bent, some rubbish. */
final class RandomLines {
  /** Commands that would look for files or servers elsewhere, or that others wait for. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          ".sympath",
          ".sympath+",
          ".symfix",
          ".symfix+",
          ".exepath",
          ".exepath+",
          ".srcpath",
          ".srcpath+",
          ".dump",
          ".pager",
          ".json",
          "q");

  private static final List<String> MODULES =
      List.of("nt", "hal", "Ntfs", "fltmgr", "BabyHog", "nosuch", "*", "n*");
  private static final List<String> SYMBOLS =
      List.of(
          "IofCallDriver",
          "KeBugCheckEx",
          "PsActiveProcessHead",
          "HogFarm",
          "*",
          "Ki*",
          "*Trap??",
          "nosuch",
          "a::b");
  private static final List<String> TYPES =
      List.of(
          "nt!_KPCR",
          "nt!_EPROCESS",
          "_LIST_ENTRY",
          "nt!_KTHREAD",
          "nt!_K*",
          "nosuch",
          "nt!_KTRAP_FRAME",
          "_DRIVER_OBJECT",
          "_DEVICE_OBJECT");
  private static final List<String> FIELDS =
      List.of("Header", "ActiveProcessLinks", "Prcb", "Flink", "nosuch", "Pcb.", "*List*", "a.b");
  private static final List<String> FLAGS = List.of("", "0", "1", "7", "f", "0 System");
  private static final String SIGNS =
      "abcdefxyzKLNR0123456789 ;;  \"'`$@!?.,:*/\\+-=<>(){}[]|&^%~#_\tß€\u0000";

  private final Random random;
  private final Arch arch;
  private final List<String> names;

  RandomLines(long seed, Arch arch) {
    this.random = new Random(seed);
    this.arch = arch;
    this.names =
        CommandTable.entries().stream()
            .flatMap(e -> List.of(e.name().split(" ", -1)).stream())
            .filter(n -> !LEFT_OUT.contains(n))
            .filter(n -> n.length() < 3 ? !RefusedCommand.refuses(n) : !n.equals("rdmsr"))
            .toList();
  }

  String next() {
    return switch (random.nextInt(12)) {
      case 0 -> chance(2) ? rubbish(1 + random.nextInt(60)) : script(0);
      case 1 -> bent(line());
      case 3 -> script(0);
      case 4 -> line() + "; " + line();
      default -> line();
    };
  }

  private <T> T one(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private String rubbish(int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(SIGNS.charAt(random.nextInt(SIGNS.length())));
    }
    return text.toString();
  }

  /** A line with characters lost, doubled, swapped or put in. */
  private String bent(String line) {
    StringBuilder text = new StringBuilder(line);
    for (int i = 1 + random.nextInt(4); i > 0 && !text.isEmpty(); i--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(5)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.insert(at, text.charAt(at));
        case 2 -> text.insert(at, rubbish(1));
        case 3 -> text.setLength(at);
        default -> text.append(text.substring(at));
      }
    }
    return text.toString();
  }

  private String line() {
    String name = one(names);
    String letters = name.startsWith("k") ? name + one(List.of("", "n", "v", "f", "L", "P")) : name;
    return switch (name) {
      case "s" ->
          "s -"
              + one(List.of("b", "w", "d", "q", "a", "u", "sa", "su", "[1]b", "[l9]sa", "v"))
              + " "
              + range()
              + " "
              + one(List.of("41 42", "\"MZ\"", address(), "'x'", ""));
      case "c", "m", "f" -> name + " " + range() + " " + address();
      case "dt" ->
          "dt "
              + one(List.of("", "-v ", "-r ", "-r9 ", "-b ", "-a ", "-c ", "-l Flink "))
              + one(TYPES)
              + one(List.of("", " " + one(FIELDS), " " + address(), " -y F " + address()));
      case "x" ->
          "x " + one(List.of("", "/0 ", "/2 ", "/v ", "/t ")) + one(MODULES) + "!" + one(SYMBOLS);
      case "??" -> "?? " + cxx(0);
      case ".printf" ->
          ".printf \""
              + one(List.of("%d", "%p %y", "%ma", "%I64x\\n", "%*.*s", "%", "%-99999x"))
              + "\", "
              + expression(0)
              + ", "
              + expression(0);
      case "as", "aS" ->
          name
              + one(List.of(" ", " /x ", " /ma ", " /c "))
              + one(List.of("v", "w", "lm", "k"))
              + " "
              + one(List.of("x", "1+1", "${v}${w}", "v", ".echo hi", "0n10"));
      case "#" -> "# " + one(List.of("mov", "\"call *\"", "[", "*", "nt!")) + " " + range();
      case "rM" -> "rM " + Integer.toHexString(random.nextInt(0x400));
      case "r" ->
          "r "
              + one(
                  List.of("", ".", "st0", "xmm1:ud", "mm7", "cr3", "gdtr", "fpsw", "xmm15:2d,al"));
      case ".frame" ->
          ".frame "
              + one(List.of("", "/r ", "/c /r "))
              + one(List.of("", "= " + address() + " " + address() + " " + address(), "1", "7f"));
      case "!list" ->
          "!list -t "
              + one(TYPES)
              + "."
              + one(List.of("Flink", "ActiveProcessLinks", "Blink", "nosuch"))
              + one(List.of("", " -x \"" + line().replace("\"", "\\\"") + "\"", " -a \"L1\""))
              + one(List.of("", " -m 9"))
              + " "
              + address();
      case "!for_each_module",
          "!for_each_process",
          "!for_each_thread",
          "!for_each_frame",
          "!for_each_local" ->
          name + " " + one(List.of("", ".echo @#ModuleName @#Process @#Local", line()));
      case "!process" ->
          "!process " + one(List.of("", "/s 0 ", "/m ntdll ")) + address() + " " + one(FLAGS);
      case ".if", ".while", ".for", ".do", ".foreach", ".block", ".catch", "j", "z" -> script(0);
      default -> letters + arguments();
    };
  }

  private String arguments() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      text.append(' ')
          .append(
              switch (random.nextInt(9)) {
                case 0 ->
                    one(List.of("-v", "-r", "/c", "/p", "-free", "m", "v", "a", "=", "/i", "-why"));
                case 1 -> one(MODULES);
                case 2 -> one(MODULES) + "!" + one(SYMBOLS);
                case 3 -> one(TYPES);
                case 4, 5 -> range();
                case 6 -> "L" + one(List.of("1", "20", "?100", "-8", "0", "ffffffff", "?7fffffff"));
                default -> expression(0);
              });
    }
    return text.toString();
  }

  private String address() {
    return switch (random.nextInt(8)) {
      case 0 -> arch == Arch.X86 ? "b8ae60ec" : "@rsp";
      case 1 -> arch == Arch.X86 ? "@esp" : "@rsp-20";
      case 2 -> "nt";
      case 3 -> one(List.of("@$thread", "@$proc", "@$pcr", "@$ip", "@$teb", "."));
      case 4 -> chance(3) ? Long.toHexString(random.nextLong()) : "nt+" + random.nextInt(0x2000);
      case 5 ->
          chance(3) ? Integer.toHexString(random.nextInt()) : "@$thread+" + random.nextInt(200);
      case 6 -> one(List.of("0", "1", "-1", "ffffffff", "fffff800`00000000", "80800000"));
      default -> chance(4) ? one(MODULES) + "!" + one(SYMBOLS) : "nt!KeBugCheckEx";
    };
  }

  private String range() {
    return switch (random.nextInt(5)) {
      case 0 -> address();
      case 1 -> address() + " " + address();
      case 2 -> address() + " L?" + expression(2);
      case 3 -> address() + " L-" + random.nextInt(100);
      default -> address() + " L" + Integer.toHexString(random.nextInt(0x400));
    };
  }

  private String expression(int depth) {
    if (depth > 3) {
      return Integer.toHexString(random.nextInt(0x1000));
    }
    return switch (random.nextInt(8)) {
      case 0 ->
          expression(depth + 1)
              + one(List.of("+", "-", "*", "/", "%", "<<", ">>", "&", "|", "==", " and ", " mod "))
              + expression(depth + 1);
      case 1 ->
          one(List.of("poi", "by", "dwo", "hi", "low", "not", "$ppoi"))
              + "("
              + expression(depth + 1)
              + ")";
      case 2 -> "(" + expression(depth + 1) + ")";
      case 3 -> "@@c++(" + cxx(depth + 1) + ")";
      case 4 ->
          one(List.of("0n99", "0y101", "0t17", "10h", "1`00000000", "zz", "$vvalid(0,4)", "@$t0"));
      default -> address();
    };
  }

  private String cxx(int depth) {
    if (depth > 3) {
      return Integer.toString(random.nextInt(1000));
    }
    return switch (random.nextInt(9)) {
      case 0 ->
          cxx(depth + 1)
              + one(List.of("+", "-", "*", "/", "%", "<<", "&&", "||", "==", "?1:"))
              + cxx(depth + 1);
      case 1 -> "((" + one(TYPES) + "*)" + cxx(depth + 1) + ")->" + one(FIELDS);
      case 2 -> "sizeof(" + one(TYPES) + ")";
      case 3 -> one(List.of("*", "&", "!", "~", "-", "(int)", "(char*)")) + cxx(depth + 1);
      case 4 -> "@@masm(" + expression(depth + 1) + ")";
      case 5 ->
          "#CONTAINING_RECORD(" + cxx(depth + 1) + ", " + one(TYPES) + ", " + one(FIELDS) + ")";
      case 6 ->
          one(List.of("@$proc", "@$thread", "@$t0", "'a'", "1.5", "0x7fffffffffffffff", "nt!x"));
      default -> Integer.toString(random.nextInt(100_000));
    };
  }

  private String script(int depth) {
    String body = depth > 3 ? ".echo x" : chance(2) ? line() : script(depth + 1);
    return switch (random.nextInt(10)) {
      case 0 -> ".if (" + expression(1) + ") { " + body + " } .else { " + body + " }";
      case 1 -> "r $t1=0; .while (@$t1 < 3) { r $t1=@$t1+1; " + body + " }";
      case 2 -> ".for (r $t0=0; @$t0 < " + random.nextInt(9) + "; r $t0=@$t0+1) { " + body + " }";
      case 3 ->
          ".foreach "
              + one(List.of("", "/pS 1 ", "/ps 2 "))
              + "(v { "
              + body
              + " }) { .echo v; ? ${v} }";
      case 4 -> ".catch { " + body + "; .leave; .echo never }";
      case 5 -> ".block { " + body + " }";
      case 6 -> "j (" + expression(1) + ") '" + body + "' ; '.echo no'";
      case 7 -> ".do { " + body + "; .break } (1)";
      case 8 -> body + "; z(0)";
      default -> one(List.of("$$>a<", "$$><", "$<", "$$<")) + "script.txt " + body;
    };
  }
}
