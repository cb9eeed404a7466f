// SPDX-License-Identifier: Apache-2.0
package org.jkd.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jkd.engine.command.CommandTable;
import org.jkd.image.MemoryReader;
import org.jkd.sample.ReferenceCase;
import org.jkd.target.KernelTarget;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets that are planted in a dump are in no output of any kind once {@code --redact} is given.
 */
class RedactTest {
  private static final String USER = "jsmith42";
  private static final String HOST = "finance-pc7";
  private static final String MAIL = "eve@corp.org";
  private static final String FOLDER = "merger-plan";
  private static final List<String> SECRETS = List.of(USER, HOST, MAIL, FOLDER);

  /** What the dump's own file is called tells of somebody, though nothing in the dump marks it. */
  private static final String CUSTOMER = "contoso";

  private static final String UNMARKED = CUSTOMER + "-laptop.dmp";

  /** The stack of the sample's thread; what lies below it, and its pool, are found as they are. */
  private static final int STACK = 0xb8ae6000;

  private static final int STACK_SIZE = 0x3000;

  private static final String COMMANDS =
      """
      vertarget
      .bugcheck
      lm
      lmvm BossHog01
      lmf
      !lmi BossHog01
      !dh BossHog01
      !chksym BossHog01
      .reload
      kv 200
      r
      !thread
      !thread @$thread 6
      !process 0 1
      !process 0 7
      !peb
      !teb
      !vm
      !handle 0 3
      !drvobj \\Driver\\BossHog01 7
      !object \\Driver
      !stacks 2
      !analyze -v
      !overflow
      !stackusage
      !stages
      !bigframes
      !stackrecon
      !stackrecon -v
      !stackrecon -words
      dps b8ae6000 b8ae8ffc
      dps /f b8ae6000 b8ae8ffc
      dpa b8ae6000 b8ae8ffc
      dpp b8ae6000 b8ae8ffc
      db b8ae6000 L3000
      dc b8ae6000 L3000
      dd b8ae6000 L3000
      dW b8ae6000 L3000
      dyb b8ae6000 L300
      s -sa b8ae6000 L3000
      s -su b8ae6000 L3000
      dt nt!_EPROCESS @$proc
      dt nt!_EPROCESS @$proc -r1
      ?? @$proc
      ?? (char *)@@(b8ae6000)
      .printf "%ma", b8ae6000
      as /ma X b8ae6000
      .foreach (w { lmf }) { .echo w }
      .foreach (w { !process 0 7 }) { .echo w }
      u b8ae6000 L40
      .enumtag
      .sympath
      .echo C:\\Users\\jsmith42\\a b\\merger-plan.txt for eve@corp.org at \\\\finance-pc7\\x
      """;

  @TempDir static Path folder;

  private static Path dump;

  /** What a run said. */
  private record Run(int code, String out, String err) {}

  @BeforeAll
  static void plant() throws IOException {
    ReferenceCase.writeTo(folder);
    Path sample = folder.resolve(ReferenceCase.COMPLETE);
    byte[] file = Files.readAllBytes(sample);
    // Records of modules: the path of the symbol file, a module's path, modules that were unloaded.
    plantSymbolFile(file);
    Path image;
    try (Stream<Path> files = Files.walk(folder.resolve(ReferenceCase.IMAGES))) {
      image =
          files
              .filter(p -> p.endsWith("BossHog01.sys") && Files.isRegularFile(p))
              .findFirst()
              .orElseThrow();
    }
    byte[] driver = Files.readAllBytes(image);
    plantSymbolFile(driver);
    Files.write(image, driver);
    int changed = 0;
    changed +=
        replace(
            file,
            wide("\\SystemRoot\\system32\\drivers\\BossHog.sys"),
            wide("\\??\\C:\\Users\\jsmith42\\merger\\BossHog.sys"));
    changed += replace(file, wide("sfloppy.sys"), wide(HOST));
    changed +=
        replace(
            file,
            wide("C:\\Program Files\\StackHog\\StackHog.exe"),
            wide("C:\\Users\\jsmith42\\merger-plan\\aHog.exe"));
    changed +=
        replace(
            file,
            wide("\\Program Files\\StackHog\\policy.dat"),
            wide("\\Users\\jsmith42\\merger-plan\\ab.dat"));
    changed +=
        replace(
            file,
            wide("ComSpec=C:\\WINDOWS\\system32\\cmd.exe"),
            wide("COMPUTERNAME=finance-pc7\0A=jsmith42"));
    changed += replace(file, ascii("StackHog.exe"), ascii(USER + ".exe"));
    assertThat(changed).as("places").isGreaterThanOrEqualTo(7);
    fillStack(file, KernelTarget.open(sample).reader());
    dump = Files.write(folder.resolve("PLANTED.DMP"), file);
  }

  /**
   * Gives the driver's debug record a symbol file with a path, and the length that goes with it.
   */
  private static void plantSymbolFile(byte[] file) {
    String path = "C:\\Users\\" + USER + "\\" + FOLDER + "\\BossHog01.pdb";
    int at = find(file, ascii("BossHog01.pdb\0"), 0);
    // PE format, "Debug Directory": the size of the data is 12 bytes before the end of an entry,
    // which the record follows; the path is 24 bytes into the record.
    file[at - 36] = (byte) (24 + path.length() + 1);
    System.arraycopy(ascii(path + "\0"), 0, file, at, path.length() + 1);
  }

  /** Writes secrets where the stack holds nothing, aligned and not, in ASCII and in UTF-16. */
  private static void fillStack(byte[] file, MemoryReader memory) {
    List<byte[]> texts = new ArrayList<>();
    for (String secret : SECRETS) {
      texts.add(ascii(secret + "\0"));
      texts.add(wide(secret + "\0"));
    }
    int next = 0;
    for (int page = 0; page < STACK_SIZE; page += 0x1000) {
      byte[] before = memory.bytes(STACK + page & 0xffffffffL, 0x1000).orElseThrow();
      int at = find(file, before, 0);
      for (int i = 0; i + 64 <= before.length; i += 4) {
        boolean free = true;
        for (int k = 0; k < 32; k++) {
          free &= file[at + i + k] == 0;
        }
        if (free) {
          byte[] text = texts.get(next++ % texts.size());
          System.arraycopy(text, 0, file, at + i, text.length);
        }
      }
    }
    assertThat(next).as("texts on the stack").isGreaterThanOrEqualTo(texts.size());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] wide(String text) {
    return text.getBytes(StandardCharsets.UTF_16LE);
  }

  private static int replace(byte[] file, byte[] old, byte[] now) {
    assertThat(now).hasSameSizeAs(old);
    int count = 0;
    for (int at = find(file, old, 0); at >= 0; at = find(file, old, at + 1)) {
      System.arraycopy(now, 0, file, at, now.length);
      count++;
    }
    assertThat(count).as(new String(now, StandardCharsets.US_ASCII)).isPositive();
    return count;
  }

  private static int find(byte[] file, byte[] part, int from) {
    for (int at = from; at + part.length <= file.length; at++) {
      if (file[at] == part[0] && Arrays.equals(file, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    return -1;
  }

  private static Run jkd(String input, String... args) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Console console = new Console(out, err, new BufferedReader(new StringReader(input)), false);
    int code = new Main(console, Map.of()).run(args);
    return new Run(code, out.toString(), err.toString());
  }

  private static List<String> session(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "-z",
                dump.toString(),
                "-y",
                folder.resolve(ReferenceCase.SYMBOLS).toString(),
                "-i",
                folder.resolve(ReferenceCase.IMAGES).toString()));
    args.addAll(List.of(more));
    return args;
  }

  /** The secrets that a text holds: as they are, and in digits as memory is shown. */
  private static List<String> found(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    List<String> found = new ArrayList<>();
    if (lower.contains(CUSTOMER)) {
      found.add(CUSTOMER);
    }
    for (String secret : SECRETS) {
      if (lower.contains(secret)) {
        found.add(secret);
      }
      for (Charset set : List.of(StandardCharsets.US_ASCII, StandardCharsets.UTF_16LE)) {
        byte[] bytes = secret.getBytes(set);
        String word = String.format("%02x%02x%02x%02x", bytes[3], bytes[2], bytes[1], bytes[0]);
        if (lower.contains(word)) {
          found.add(secret + " as " + word);
        }
        StringBuilder run = new StringBuilder();
        for (int i = 0; i < 6; i++) {
          run.append(String.format("%02x", bytes[i]));
        }
        if (lower.contains(run) || lower.contains(run.toString().replaceAll("(..)(?!$)", "$1 "))) {
          found.add(secret + " as " + run);
        }
      }
    }
    return found;
  }

  private static void assertClean(String text) {
    for (String line : text.split("\n", -1)) {
      assertThat(found(line)).as(line).isEmpty();
    }
    assertThat(text).doesNotContain(folder.toString());
  }

  @Test
  void without_it_every_secret_is_shown() throws IOException {
    Run run = jkd(COMMANDS, session().toArray(String[]::new));

    assertThat(found(run.out())).contains(USER, HOST, MAIL, FOLDER).hasSizeGreaterThan(8);
  }

  @Test
  void no_answer_of_a_session_has_any() throws IOException {
    Run run = jkd(COMMANDS, session("--redact").toArray(String[]::new));

    assertThat(run.out())
        .contains("<user-", "<host-", "<path-", "<mail-", "\\BossHog01.pdb", "<redacted>")
        .contains("Memory contents are not shown with --redact");
    assertClean(run.out());
    assertClean(run.err());
  }

  /** Commands that come later are in this test without anybody thinking of it. */
  @Test
  void no_command_of_the_table_shows_any() throws IOException {
    List<String> lines = new ArrayList<>();
    for (CommandTable.Entry entry : CommandTable.entries()) {
      for (String name : entry.name().split(" ", -1)) {
        if (!name.matches("q.*|\\.log.*|\\$.*|\\.shell|.*path.*|\\.symfix|z|\\.cls|\\.redact")) {
          for (String what : List.of("", " b8ae6000 L30")) {
            lines.add(name + what);
          }
        }
      }
    }
    Run run = jkd(String.join("\n", lines), session("--redact").toArray(String[]::new));

    assertThat(run.out().lines()).hasSizeGreaterThan(lines.size());
    assertClean(run.out());
    assertClean(run.err());
  }

  @Test
  void no_answer_in_json_has_any() throws IOException {
    Run run = jkd(COMMANDS, session("--redact", "--json").toArray(String[]::new));

    assertThat(run.out()).contains("<user-", "<path-", "<redacted>");
    assertThat(run.out().lines()).allMatch(l -> l.startsWith("{") && l.endsWith("}"));
    assertClean(run.out());
  }

  @Test
  void no_report_has_any() throws IOException {
    Path page = folder.resolve("page.html");
    String symbols = folder.resolve(ReferenceCase.SYMBOLS).toString();
    String images = folder.resolve(ReferenceCase.IMAGES).toString();
    Run text =
        jkd(
            "",
            "analyze",
            dump.toString(),
            "-y",
            symbols,
            "-i",
            images,
            "--redact",
            "--html",
            page.toString());
    Run json = jkd("", "analyze", dump.toString(), "--redact", "--json");

    assertThat(text.code()).isZero();
    assertThat(text.out()).contains("BossHog01");
    assertClean(text.out());
    assertClean(text.err());
    assertClean(json.out());
    assertClean(Files.readString(page));
  }

  @Test
  void no_row_has_any() throws IOException {
    Path dumps = Files.createDirectories(folder.resolve(USER));
    Path cut = dumps.resolve(HOST + ".dmp");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(dump), 0x2000));
    for (String format : List.of("jsonl", "csv", "parquet")) {
      Path rows = folder.resolve("rows." + format);
      Run run =
          jkd(
              "",
              "triage",
              dump.toString(),
              cut.toString(),
              "--redact",
              "--out",
              rows.toString(),
              "--group-by",
              "process,path");

      assertThat(run.code()).isZero();
      assertClean(run.out());
      assertClean(Files.readString(rows, StandardCharsets.ISO_8859_1));
    }
    assertThat(Files.readString(folder.resolve("rows.csv"))).contains("<user-", "<path-");
  }

  @Test
  void no_overview_and_no_page_has_any() throws IOException {
    Path dumps = Files.createDirectories(folder.resolve("fleet").resolve(USER));
    Path other = Files.copy(dump, dumps.resolve(UNMARKED), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(dumps.resolve(FOLDER + ".dmp"), "no dump");
    Files.write(dumps.resolve(HOST + ".zip"), new byte[] {'P', 'K', 3, 4, 5});
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(dumps.resolve(MAIL + ".zip")))) {
      zip.putNextEntry(new ZipEntry(FOLDER + "/" + UNMARKED));
      Files.copy(dump, zip);
      zip.putNextEntry(new ZipEntry(HOST + ".dmp"));
      zip.write(ascii("no dump either"));
    }
    Path html = folder.resolve("overview-of-" + USER);
    Path rows = folder.resolve("overview-rows.jsonl");
    Run run =
        jkd(
            "",
            "triage",
            dumps.toString(),
            "-y",
            folder.resolve(ReferenceCase.SYMBOLS).toString(),
            "--redact",
            "--html",
            html.toString(),
            "--out",
            rows.toString(),
            "--group-by",
            "path,member,failure");

    assertThat(other).exists();
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readAllLines(rows)).hasSize(5);
    assertClean(run.out());
    assertClean(run.err());
    assertClean(Files.readString(rows));
    String index = Files.readString(html.resolve("index.html"));
    try (Stream<Path> written = Files.walk(html)) {
      List<Path> pages = written.filter(Files::isRegularFile).toList();
      List<Path> reports =
          pages.stream()
              .filter(p -> p.toString().endsWith(".html"))
              .filter(p -> !p.endsWith("index.html"))
              .toList();
      assertThat(reports).hasSize(2);
      for (Path report : reports) {
        assertThat(index).contains("href=\"dumps/" + report.getFileName() + "\"");
        assertThat(Files.readString(report)).contains("BossHog01", "user-", "path-");
      }
      for (Path page : pages) {
        assertClean(html.relativize(page).toString());
        assertClean(Files.readString(page));
      }
    }
  }

  @Test
  void rows_that_were_not_redacted_are_not_gone_on_with() throws IOException {
    String rows = folder.resolve("plain.jsonl").toString();
    assertThat(jkd("", "triage", dump.toString(), "--out", rows).code()).isZero();

    Run run = jkd("", "triage", dump.toString(), "--out", rows, "--resume", "--redact");

    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("without --redact");
    assertClean(run.err());
  }

  @Test
  void no_name_of_a_page_has_any() throws IOException {
    Path pages = Files.createDirectories(folder.resolve("pages"));
    Path copy = Files.copy(dump, folder.resolve(UNMARKED), StandardCopyOption.REPLACE_EXISTING);
    Run run =
        jkd(
            "",
            "analyze",
            dump.toString(),
            copy.toString(),
            "--redact",
            "--html",
            pages.resolve("out.html").toString());

    assertThat(run.code()).isZero();
    try (Stream<Path> written = Files.list(pages)) {
      List<Path> names = written.toList();
      assertThat(names).hasSize(2);
      for (Path page : names) {
        assertClean(pages.relativize(page).toString());
        assertClean(Files.readString(page));
      }
    }
    assertClean(run.out());
    assertClean(run.err());
  }

  @Test
  void no_log_has_any() throws IOException {
    Path log = folder.resolve("session.log");
    Path opened = folder.resolve("opened.log");
    String typed = ".logopen " + opened + "\n" + COMMANDS + ".logclose\n";
    jkd(typed, session("--redact", "-logo", log.toString()).toArray(String[]::new));

    assertThat(Files.readString(log)).contains(".echo", "<user-");
    assertThat(Files.readString(opened)).contains("<user-");
    assertClean(Files.readString(log));
    assertClean(Files.readString(opened));
  }

  @Test
  void no_line_about_the_command_line_has_any() throws IOException {
    for (String[] args :
        new String[][] {
          {"analyze", UNMARKED, "--redact"},
          {"-z", UNMARKED, "--redact"},
          {"triage", UNMARKED, "--redact"},
          {"triage", dump.toString(), "--redact", "--out", UNMARKED},
          {"analyze", dump.toString(), "--redact", "--html", folder + "/none/" + UNMARKED},
        }) {
      Run run = jkd("", args);

      assertThat(run.code()).as(String.join(" ", args)).isNotZero();
      assertThat(run.err()).contains("<path-");
      assertClean(run.err());
    }
  }

  @Test
  void what_is_said_of_a_file_that_is_not_there_has_none() throws IOException {
    Run run = jkd("", "-z", "/home/" + USER + "/" + FOLDER + "/x.dmp", "--redact");

    assertThat(run.err()).contains("<path-");
    assertClean(run.err());
  }

  @Test
  void tokens_are_the_same_in_every_run() throws IOException {
    String line = ".echo by " + USER + " on " + HOST;
    Run one = jkd(line, session("--redact").toArray(String[]::new));
    Run two = jkd(line, session("--redact").toArray(String[]::new));

    assertThat(one.out())
        .matches("by <user-[0-9a-f]{8}> on <host-[0-9a-f]{8}>\n")
        .isEqualTo(two.out());
  }
}
