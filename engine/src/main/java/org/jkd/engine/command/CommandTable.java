// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jkd.engine.system.AddressCommand;
import org.jkd.engine.system.ApcCommand;
import org.jkd.engine.system.BlockCommand;
import org.jkd.engine.system.CpuInfoCommand;
import org.jkd.engine.system.DeviceCommand;
import org.jkd.engine.system.DpcsCommand;
import org.jkd.engine.system.DriverCommand;
import org.jkd.engine.system.FileObjectCommand;
import org.jkd.engine.system.FindStackCommand;
import org.jkd.engine.system.HandleCommand;
import org.jkd.engine.system.IdtCommand;
import org.jkd.engine.system.IrpCommand;
import org.jkd.engine.system.LocksCommand;
import org.jkd.engine.system.ObjectCommand;
import org.jkd.engine.system.PoolCommand;
import org.jkd.engine.system.PoolUsedCommand;
import org.jkd.engine.system.ProcessCommand;
import org.jkd.engine.system.ProcessTableCommand;
import org.jkd.engine.system.ProcessorCommand;
import org.jkd.engine.system.QueuedLocksCommand;
import org.jkd.engine.system.ReadyCommand;
import org.jkd.engine.system.RunningCommand;
import org.jkd.engine.system.StacksCommand;
import org.jkd.engine.system.ThreadCommand;
import org.jkd.engine.system.TimerCommand;
import org.jkd.engine.system.VadCommand;
import org.jkd.engine.system.VmCommand;
import org.jspecify.annotations.Nullable;

/**
 * Which family answers to which name. A switch instead of a map of suppliers, so that a one-shot
 * run loads the classes of the commands that it uses and no others.
 */
public final class CommandTable {
  /** The words that run a file; longer ones first where one begins with another. */
  private static final List<String> SCRIPTS = List.of("$$>a<", "$$><", "$$<", "$><", "$<");

  /**
   * Families that were asked for. A script asks a thousand times, and to compile a switch this long
   * takes more memory than all the rest of such a run.
   */
  private static final Map<String, Command> USED = new ConcurrentHashMap<>();

  private CommandTable() {}

  /**
   * What {@code .help} lists.
   *
   * @param name the name, or the names, of a family
   * @param syntax what may follow
   * @param summary one line
   */
  public record Entry(String name, String syntax, String summary) {}

  /**
   * The name of the command that starts at a place: {@code .word}, {@code !word}, a run of letters
   * and digits, or one of the signs {@code ? ?? ~ |}.
   */
  static String nameAt(String line, int start) {
    char first = line.charAt(start);
    int end = start + 1;
    if (first == '.' || first == '!') {
      while (end < line.length() && isExtensionCharacter(line.charAt(end))) {
        end++;
      }
    } else if (first == '?' || first == '|') {
      while (end < line.length() && line.charAt(end) == first) {
        end++;
      }
    } else if (first == '$') {
      for (String script : SCRIPTS) {
        if (line.startsWith(script, start)) {
          return script;
        }
      }
    } else if (Character.isLetterOrDigit(first)) {
      while (end < line.length() && Character.isLetterOrDigit(line.charAt(end))) {
        end++;
      }
    }
    return line.substring(start, end);
  }

  private static boolean isExtensionCharacter(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '+' || c == '.';
  }

  /** The family that answers to a name. Families keep nothing between two runs. */
  public static Optional<Command> find(String name) {
    Command known = USED.get(name);
    if (known == null) {
      known = named(name);
      if (known != null) {
        USED.put(name, known);
      }
    }
    return Optional.ofNullable(known);
  }

  private static @Nullable Command named(String name) {
    return switch (name) {
      case "?" -> new EvaluateCommand();
      case "??" -> new CxxCommand();
      case ".formats" -> new FormatsCommand();
      case "n" -> new RadixCommand();
      case ".kframes" -> new FrameCountCommand();
      case ".echo" -> new EchoCommand();
      case ".echotime" -> new HostTimeCommand();
      case ".printf" -> new PrintfCommand();
      case ".if", ".elsif", ".elseif", ".else", ".for", ".while", ".do", ".break", ".continue" ->
          new ControlWord();
      case ".block", ".catch", ".leave", ".foreach", "j", "z" -> new ControlWord();
      case "$<", "$><", "$$<", "$$><", "$$>a<" -> new ControlWord();
      case "!list", "!for_each_module", "!for_each_frame" -> new ControlWord();
      case "!for_each_local", "!for_each_process", "!for_each_thread" -> new ControlWord();
      case "as" -> new AliasCommand(true);
      case "aS", "al", "ad" -> new AliasCommand(false);
      case ".logopen", ".logappend", ".logclose", ".logfile" -> new LogCommand();
      case ".shell", ".noshell" -> new ShellCommand();
      case ".cls" -> new ClearCommand();
      case ".json" -> new JsonCommand();
      case ".pager" -> new PagerCommand();
      case ".help" -> new HelpCommand();
      case "d", "db", "dw", "dW", "dd", "dc", "dq", "dp", "df", "dD", "da", "du", "dyb", "dyd" ->
          new MemoryCommand();
      case "!db", "!dw", "!dc", "!dd", "!dq", "!dp" -> new MemoryCommand();
      case "dl", "dlb" -> new ListEntriesCommand();
      case "ds", "dS" -> new CountedStringCommand();
      case "s" -> new SearchCommand();
      case "#" -> new CodeSearchCommand();
      case "c" -> new CompareCommand();
      case ".expr" -> new EvaluatorCommand();
      case "dps", "dds", "dqs", "dpS", "ddS", "dqS" -> new PointerCommand();
      case "dpp", "dpa", "dpu", "ddp", "dda", "ddu", "dqp", "dqa", "dqu" -> new PointerCommand();
      case "r", "rM", "rF", "rX" -> new RegistersCommand();
      case "rm" -> new RegisterMaskCommand();
      case "!error" -> new ErrorCommand();
      case ".bugcheck" -> new BugCheckCommand();
      case ".trap", ".tss", ".cxr", ".ecxr" -> new ContextCommand();
      case ".thread", ".process", "~" -> new ThreadContextCommand();
      case "vertarget", "version", ".time" -> new SystemCommand();
      case "|", "||", ".lastevent" -> new StatusCommand();
      case ".load", ".loadby", ".unload", ".unloadall", ".chain", ".setdll", ".extpath" ->
          new ExtensionsCommand();
      case ".prefer_dml", ".enable_unicode", ".enable_long_status", ".force_radix_output" ->
          new SettingCommand();
      case "bl", "bc", "bd", "be", "sx", "sxd", "sxe", "sxi", "sxn", "sxr", "sx-" ->
          new SettingCommand();
      case ".cache", ".wtitle", ".beep", ".noversion" -> new SettingCommand();
      case ".sympath", ".sympath+", ".exepath", ".exepath+", ".symfix", ".symfix+" ->
          new PathCommand();
      case ".symopt", ".symopt+", ".symopt-", "!sym" -> new SymbolOptionsCommand();
      case "!chksym" -> new CheckSymbolsCommand();
      case "!chkimg" -> new CheckImageCommand();
      case ".reload" -> new ReloadCommand();
      case "x" -> new SymbolsCommand();
      case "ln" -> new NearestCommand();
      case "dt" -> new TypeCommand();
      case "dv" -> new LocalsCommand();
      case ".frame" -> new FrameCommand();
      case ".lines" -> new LinesCommand();
      case "lsa", ".srcpath", ".srcpath+" -> new SourceCommand();
      case "!dh" -> new HeaderCommand();
      case ".effmach" -> new MachineCommand();
      case "!lmi" -> new ModuleInfoCommand();
      case ".exr" -> new ExceptionCommand();
      case ".enumtag" -> new TagsCommand();
      case "!pte", "!vtop" -> new PageCommand();
      case "dg", "!gdt" -> new DescriptorCommand();
      case "!pcr", "!prcb", "!irql" -> new ProcessorCommand();
      case "!running" -> new RunningCommand();
      case "!ready" -> new ReadyCommand();
      case "!dpcs" -> new DpcsCommand();
      case "!cpuinfo", "!cpuid", "!sysinfo" -> new CpuInfoCommand();
      case "!stacks" -> new StacksCommand();
      case "!address" -> new AddressCommand();
      case "!findstack" -> new FindStackCommand();
      case "!object" -> new ObjectCommand();
      case "!handle" -> new HandleCommand();
      case "!fileobj" -> new FileObjectCommand();
      case "!vad" -> new VadCommand();
      case "!peb", "!teb" -> new BlockCommand();
      case "!locks" -> new LocksCommand();
      case "!timer" -> new TimerCommand();
      case "!pool", "!poolval" -> new PoolCommand();
      case "!poolused" -> new PoolUsedCommand();
      case "!vm" -> new VmCommand();
      case "!idt" -> new IdtCommand();
      case "!qlocks" -> new QueuedLocksCommand();
      case "!apc" -> new ApcCommand();
      case "!irp" -> new IrpCommand();
      case "!devobj", "!devstack", "!devnode" -> new DeviceCommand();
      case "!drvobj" -> new DriverCommand();
      case "!thread" -> new ThreadCommand();
      case "!process" -> new ProcessCommand();
      case "!dml_proc" -> new ProcessTableCommand();
      case "!analyze" -> new AnalyzeCommand();
      case "!overflow", "!stackusage", "!stages", "!bigframes" -> new DiagnosisCommand();
      case "!stackrecon" -> new StackReconCommand();
      case "u", "ub", "uu", "up" -> new UnassembleCommand();
      case "uf" -> new FunctionCommand();
      case ".fnent" -> new FunctionEntryCommand();
      case "!frameof" -> new FrameOfCommand();
      default -> RefusedCommand.refuses(name) ? new RefusedCommand() : family(name);
    };
  }

  /** Families whose names carry options: {@code kvn}, {@code lmvm}, {@code 2r}. */
  private static @Nullable Command family(String name) {
    int letters = 0;
    while (letters < name.length() && Character.isDigit(name.charAt(letters))) {
      letters++;
    }
    String rest = name.substring(letters);
    if (rest.startsWith("k") && BacktraceOptions.areOptions(rest.substring(1))) {
      return new BacktraceCommand();
    }
    if (rest.startsWith("lm") && letters == 0) {
      return new ModulesCommand();
    }
    if (letters > 0) {
      return rest.equals("r") ? new RegistersCommand() : null;
    }
    return null;
  }

  /** All families, for {@code .help}. */
  public static List<Entry> entries() {
    List<Entry> entries = new ArrayList<>(explained());
    for (RefusedCommand.Refused refused : RefusedCommand.ALL) {
      entries.add(new Entry(String.join(" ", refused.names()), "", refused.summary()));
    }
    return List.copyOf(entries);
  }

  private static List<Entry> explained() {
    return List.of(
        new Entry("?", "Expression", "evaluate an expression"),
        new Entry("??", "Expression", "evaluate a C++ expression over the target's types"),
        new Entry(".formats", "Expression", "show a number in all formats"),
        new Entry("n", "[8 | 10 | 16]", "show or set the default radix"),
        new Entry(".kframes", "[Count]", "show or set how many frames k prints"),
        new Entry("k kb kv kn kf kc", "[= Base Sp Ip] [Count]", "show a stack as kd walks it"),
        new Entry(
            "!stackrecon",
            "[-v] [-why N] [-free] [-compare] [-words] [Thread]",
            "rebuild a stack that cannot be walked"),
        new Entry("!thread", "[-p] [-t] [Thread [Flags]]", "show a thread with its stack"),
        new Entry("!stacks", "[0 | 1 | 2] [Filter]", "show where every thread stands"),
        new Entry(
            "!process",
            "[/s Session] [/m Module] [Process [Flags [Image]]]",
            "show processes and their threads"),
        new Entry("!dml_proc", "[Process]", "list the processes, one on a line"),
        new Entry("r rM rF rX", "[Register[:Type][, ...]] | Mask", "show registers"),
        new Entry("rm", "[? | Mask]", "show or set which groups of registers r shows"),
        new Entry(".trap .cxr", "[Address]", "look at a trap frame or context record"),
        new Entry(".tss", "Selector", "look at a task state segment"),
        new Entry(".ecxr", "", "look at the registers of the crash"),
        new Entry(".thread .process", "[Address]", "look at another thread or process"),
        new Entry("~", "Ns", "look at another processor"),
        new Entry(".bugcheck", "", "show why the system stopped"),
        new Entry("!analyze", "[-v] | -show Code [P1 ...]", "explain the bug check"),
        new Entry("!overflow", "", "say whether the stack ran out, and why"),
        new Entry("!stackusage", "", "sum up a stack by function and module"),
        new Entry("!stages", "", "show how the kernel was entered again and again"),
        new Entry("!bigframes", "", "show the largest frames with their code"),
        new Entry(
            "d db dw dW dd dc dq dp df dD da du dyb dyd",
            "[/c Columns] [/p] [Range]",
            "show memory"),
        new Entry("!db !dw !dc !dd !dq !dp", "[Range]", "show physical memory"),
        new Entry(
            "s",
            "[-[[1 s r l N] b w d q a u sa su v]] Range Pattern",
            "search memory for numbers, texts, strings, objects"),
        new Entry("dl dlb", "Address [Count [Words]]", "show the entries of a list"),
        new Entry("ds dS", "[Address]", "show the text of a STRING, or UNICODE_STRING"),
        new Entry("#", "[Pattern] [Address [L Count]]", "search code for an instruction"),
        new Entry("c", "Range Address", "compare two ranges of memory"),
        new Entry(".expr", "[/s masm | /s c++] [/q]", "show or set the default evaluator"),
        new Entry("dps dds dqs dpS", "[/f] [Range]", "show words and the symbols they point at"),
        new Entry("dpp dpa dpu dda ddu ddp", "[Range]", "show words and what lies there"),
        new Entry(
            "u ub uu up",
            "[Address [L Count]] | [Start End]",
            "disassemble; ub: backwards; up: physical"),
        new Entry("uf", "[/c] [/i] [/o] [Address]", "disassemble a whole function"),
        new Entry(".fnent", "Address", "show the unwind data of a function"),
        new Entry("!frameof", "[Address]", "show where the stack of a function goes"),
        new Entry("vertarget version .time", "", "show the system in the dump"),
        new Entry("| ||", "", "show the process or the dump that is looked at"),
        new Entry(".lastevent", "", "show the exception that the dump tells of"),
        new Entry(".sympath .sympath+", "[Path]", "show, set or extend the symbol path"),
        new Entry(".exepath .exepath+", "[Path]", "show, set or extend the image path"),
        new Entry(".symfix .symfix+", "[Cache]", "take symbols from Microsoft's server"),
        new Entry(".symopt", "[+ | -] [Flags]", "show or set how symbols are loaded"),
        new Entry("!sym", "[noisy | quiet]", "tell where symbols are looked for"),
        new Entry(".reload", "[/f] [/i] [/u] [Module[=Address[,Size]]]", "look for symbols again"),
        new Entry("!chksym", "[Module]", "compare symbol files with images"),
        new Entry("!chkimg", "[-d] Module", "compare a module's code with its image file"),
        new Entry("lm", "[v t f n o l k sm 1m] [m Pattern] [a Address]", "list modules"),
        new Entry("!dh", "[-f] [-s] [-a] Module | Address", "show the headers of an image"),
        new Entry(".effmach", "", "show the processor that commands look at"),
        new Entry("!lmi", "Module", "show a module's image and symbols"),
        new Entry("x", "[/0 /1 /2 /f /d /v /t /s Size] Module!Pattern", "find symbols by name"),
        new Entry("ln", "Address", "show the symbols around an address"),
        new Entry(
            "dt",
            "[-r[N] -b -v -a[N] -c -o -p] Module!Type [[-y] Field] [Address] [-l Field]",
            "show a structure, a list of structures, or names of types"),
        new Entry("dv", "[/i /t /v /V /a /n /z] [Pattern]", "show the variables of a frame"),
        new Entry(".frame", "[/c] [/r] [Number]", "choose the frame that dv looks at"),
        new Entry(".lines", "[-e | -d | -t]", "show source lines or leave them out"),
        new Entry("lsa", "[Address]", "show the source around an address"),
        new Entry(
            ".srcpath .srcpath+", "[Path]", "show, set or extend where sources are looked for"),
        new Entry("!error", "Code", "show what an exception code means"),
        new Entry(".exr", "Address | -1", "show an exception record"),
        new Entry("!pte", "Address", "show the page table entries of an address"),
        new Entry("!vtop", "DirBase Address", "translate an address"),
        new Entry("dg !gdt", "First [Last]", "show segment descriptors; !gdt: all"),
        new Entry("!pcr !prcb", "[Processor]", "show a processor's control region or block"),
        new Entry("!findstack", "Symbol [0 | 1 | 2]", "find threads by a function on their stacks"),
        new Entry("!address", "Address", "show what lies around an address"),
        new Entry("!object", "Address | \\Path", "show an object, or a directory of objects"),
        new Entry("!handle", "[Handle [Flags [Process [Type]]]]", "show handles; 0 for all"),
        new Entry("!fileobj", "Address", "show a file that is open"),
        new Entry("!vad", "[Root]", "show what a process uses its addresses for"),
        new Entry("!peb !teb", "[Address]", "show what user mode knows of a process or thread"),
        new Entry("!locks", "[-v] [Address]", "show resources and the threads that hold them"),
        new Entry("!qlocks", "", "show who holds the kernel's queued spin locks"),
        new Entry("!apc", "[proc Process | thr Thread]", "show asynchronous calls that wait"),
        new Entry("!timer", "", "show the timers that run"),
        new Entry("!pool !poolval", "Address [Flags]", "show, or check, a page of pool"),
        new Entry("!poolused", "[Flags [Tag]]", "show pool by tag; 2, 4: sorted by use"),
        new Entry("!vm", "[1]", "show the use of memory; 1: without processes"),
        new Entry("!idt", "[-a] [Vector]", "show the interrupt descriptor table"),
        new Entry("!irp", "Address [Detail]", "show an I/O request and its stack"),
        new Entry("!devobj !devstack", "Address", "show a device, or the stack it is in"),
        new Entry("!devnode", "Address", "show a node of the device tree"),
        new Entry("!drvobj", "Name | Address [Flags]", "show a driver; flags 2: its routines"),
        new Entry("!irql", "[Processor]", "show the level at which a processor was stopped"),
        new Entry("!running", "[-i] [-t]", "show the threads that run; -i: idle ones too"),
        new Entry("!ready", "", "show the threads that could run"),
        new Entry("!dpcs", "[Processor]", "show deferred calls that wait"),
        new Entry("!cpuinfo !cpuid", "[Processor]", "show make and features of processors"),
        new Entry("!sysinfo", "cpuinfo", "show the processor as the registry has it"),
        new Entry(".enumtag", "", "list what components added to the dump"),
        new Entry(".echo", "Text", "print a text"),
        new Entry(".echotime", "", "print the time of the debugger"),
        new Entry(
            ".printf", "[/D] \"Format\", Argument, ...", "print numbers, symbols and strings"),
        new Entry(
            ".if .elsif .else", "(Condition) { Commands }", "run commands if a condition holds"),
        new Entry(".for", "(Commands; Condition; Commands) { Commands }", "repeat commands"),
        new Entry(".while", "(Condition) { Commands }", "repeat commands while a condition holds"),
        new Entry(".do", "{ Commands } (Condition)", "repeat commands until a condition fails"),
        new Entry(".break .continue", "", "end a loop, or its round"),
        new Entry(".block", "{ Commands }", "run commands with their aliases replaced anew"),
        new Entry(".catch .leave", "{ Commands }", "end at the first error, or at .leave"),
        new Entry(
            ".foreach",
            "[/pS N] [/ps N] [/s | /f] (Name { Commands }) { Commands }",
            "run commands for every word of an answer, a text or a file"),
        new Entry(
            "!list",
            "-t Type.Field [-x \"Commands\"] [-a \"Arguments\"] [-m Max] Address",
            "run commands for every entry of a list"),
        new Entry(
            "!for_each_module !for_each_process !for_each_thread",
            "[\"Commands\"]",
            "run commands for every module, process or thread"),
        new Entry(
            "!for_each_frame !for_each_local",
            "[\"Commands\"]",
            "run commands for every frame, or variable of a frame"),
        new Entry("j", "Condition 'Commands' ; 'Commands'", "run one or the other"),
        new Entry("z", "(Condition)", "repeat what stands before it on the line"),
        new Entry("$< $>< $$< $$><", "File", "run the commands of a file"),
        new Entry("$$>a<", "File Argument ...", "run a file with arguments ${$arg1} ..."),
        new Entry("as aS", "[/e /ma /mu /msa /msu /x /f /c] Name Text", "name a text"),
        new Entry("al", "", "list the named texts"),
        new Entry("ad", "[/q] Name | *", "forget named texts"),
        new Entry(".logopen .logappend", "[/t] [/u] [/d] [File]", "copy all answers to a file"),
        new Entry(".logclose .logfile", "", "end the copy, or show where it goes"),
        new Entry(
            ".shell .noshell",
            "[-ci \"Commands\"] Command",
            "run a command of the host, if jkd was started with --shell; never again"),
        new Entry(
            ".load .loadby .unload .unloadall .chain .setdll .extpath",
            "[Library]",
            "extensions of dbgeng: there are none"),
        new Entry(
            ".prefer_dml .enable_unicode .enable_long_status .force_radix_output .cache .wtitle"
                + " .beep .noversion",
            "[Value]",
            "settings of WinDbg: accepted, nothing to change"),
        new Entry(
            "bl bc bd be sx sxd sxe sxi sxn sxr sx-",
            "[...]",
            "breakpoints and events: none in a dump"),
        new Entry(".cls", "", "clear the screen"),
        new Entry(".json", "[on | off]", "answer with one JSON object per command"),
        new Entry(".pager", "[on | off]", "stop after each screen of an answer"),
        new Entry(".help", "[Command]", "list the commands, or explain one"));
  }
}
