// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jkd.engine.diagnosis.Buckets;
import org.jkd.engine.redact.Redaction;
import org.jkd.engine.render.JsonOut;

/**
 * What is known of one dump. Empty texts, lists and optionals are what the dump does not tell.
 *
 * @param identity which dump it is
 * @param failure why the rest may be incomplete
 * @param system on which it was written
 * @param stop why it was written
 * @param stack what its stack says
 * @param driver the removable module that used most of the stack
 * @param suspect the module to ask about the crash
 * @param recursion what repeats
 * @param buckets the keys under which crashes of one cause fall together
 * @param timings what it took
 * @param notes what is odd, for people
 */
public record TriageRow(
    Identity identity,
    Failure failure,
    Machine system,
    Stop stop,
    Stack stack,
    Driver driver,
    Suspected suspect,
    Recursion recursion,
    Buckets buckets,
    Timings timings,
    List<String> notes) {

  /** The schema that rows name. */
  public static final String SCHEMA = "jkd-triage/1";

  /**
   * Which dump.
   *
   * @param key names file, member, size and time of change in 32 hexadecimal digits: what a run
   *     that goes on uses to know what is done
   * @param path the file as it was named
   * @param member the member of the archive, or empty
   * @param size bytes of the dump, unpacked
   * @param modified when the file was last changed, ISO 8601 in UTC
   * @param digest SHA-256 in hexadecimal digits
   * @param digestOf {@code all} bytes, or {@code samples} of a large file
   */
  public record Identity(
      String key,
      String path,
      String member,
      long size,
      String modified,
      String digest,
      String digestOf) {}

  /** Why a row is incomplete, and a line that says what was found where. */
  public record Failure(Category category, String text) {
    /** Nothing went wrong. */
    public static final Failure NONE = new Failure(Category.NONE, "");
  }

  /**
   * The system.
   *
   * @param kind what sort of dump, for instance {@code Kernel Bitmap Dump File}
   * @param os the system's name, for instance {@code Windows 10}
   * @param time when it stopped, ISO 8601 in UTC
   * @param upTime seconds
   */
  public record Machine(
      String kind,
      String arch,
      String os,
      OptionalInt build,
      String buildLab,
      String servicePack,
      OptionalInt processors,
      String time,
      OptionalLong upTime) {
    /** Nothing known. */
    public static final Machine NONE =
        new Machine(
            "", "", "", OptionalInt.empty(), "", "", OptionalInt.empty(), "", OptionalLong.empty());
  }

  /**
   * Why the dump was written.
   *
   * @param code bug check or exception code as {@code 0x7f}
   * @param parameters as {@code 0x8}
   * @param process image name
   */
  public record Stop(String code, String name, List<String> parameters, String process) {
    /** Nothing known. */
    public static final Stop NONE = new Stop("", "", List.of(), "");
  }

  /**
   * What the stack says.
   *
   * @param outcome one of the words of {@code !overflow}
   * @param coverage the share of the stack that frames explain, 0 to 1
   * @param size bytes of stack that there are to explain
   * @param stages how the kernel was entered, oldest first
   * @param frames the innermost rows as {@code module!function+0x10}
   * @param trusts how each of them is known
   */
  public record Stack(
      String outcome,
      String cause,
      OptionalDouble coverage,
      OptionalLong size,
      List<String> stages,
      List<String> frames,
      List<String> trusts) {
    /** Nothing known. */
    public static final Stack NONE =
        new Stack(
            "", "", OptionalDouble.empty(), OptionalLong.empty(), List.of(), List.of(), List.of());
  }

  /**
   * The removable module with most bytes on the stack.
   *
   * @param version of its file, for instance {@code 5.1.2600.5512}
   * @param bytes of the stack that it used
   */
  public record Driver(
      String module, String product, String company, String version, OptionalLong bytes) {
    /** None, or not known. */
    public static final Driver NONE = new Driver("", "", "", "", OptionalLong.empty());
  }

  /**
   * The module to ask about the crash, whether or not its stack ran out.
   *
   * @param symbol the place in it that speaks for it
   * @param proof how much it takes to doubt it, in the words of {@code jkd analyze}
   */
  public record Suspected(String module, String symbol, String proof) {
    /** None. */
    public static final Suspected NONE = new Suspected("", "", "");
  }

  /**
   * What repeats on the stack.
   *
   * @param signature the functions of the largest cycle in one word, the same wherever it begins
   */
  public record Recursion(String signature, OptionalInt period, OptionalInt count) {
    /** Nothing repeats. */
    public static final Recursion NONE =
        new Recursion("", OptionalInt.empty(), OptionalInt.empty());
  }

  /**
   * What the row took.
   *
   * @param open milliseconds from the file's name to a target
   * @param total milliseconds in all
   */
  public record Timings(OptionalLong open, OptionalLong total) {
    /** Not measured. */
    public static final Timings NONE = new Timings(OptionalLong.empty(), OptionalLong.empty());
  }

  /** A row that says only that there is no more to say. */
  static TriageRow failed(Identity identity, Category category, String text) {
    return new TriageRow(
        identity,
        new Failure(category, text),
        Machine.NONE,
        Stop.NONE,
        Stack.NONE,
        Driver.NONE,
        Suspected.NONE,
        Recursion.NONE,
        new Buckets("", ""),
        Timings.NONE,
        List.of());
  }

  /** The same with another failure, for instance one that came after the rest was known. */
  TriageRow withFailure(Failure other) {
    return new TriageRow(
        identity, other, system, stop, stack, driver, suspect, recursion, buckets, timings, notes);
  }

  /** The same with what it took; {@link Timings#NONE} makes rows of two runs comparable. */
  public TriageRow withTimings(Timings other) {
    return new TriageRow(
        identity, failure, system, stop, stack, driver, suspect, recursion, buckets, other, notes);
  }

  /** The same without names, paths and strings of the machine that stopped. */
  TriageRow redacted(Redaction by) {
    return new TriageRow(
        new Identity(
            identity.key,
            Redaction.file(identity.path),
            Redaction.file(identity.member),
            identity.size,
            identity.modified,
            identity.digest,
            identity.digestOf),
        new Failure(failure.category, by.apply(failure.text)),
        new Machine(
            by.apply(system.kind),
            system.arch,
            by.apply(system.os),
            system.build,
            by.apply(system.buildLab),
            by.apply(system.servicePack),
            system.processors,
            system.time,
            system.upTime),
        new Stop(stop.code, by.apply(stop.name), by.all(stop.parameters), by.apply(stop.process)),
        new Stack(
            stack.outcome,
            by.apply(stack.cause),
            stack.coverage,
            stack.size,
            by.all(stack.stages),
            by.all(stack.frames),
            stack.trusts),
        new Driver(
            by.apply(driver.module),
            by.apply(driver.product),
            by.apply(driver.company),
            by.apply(driver.version),
            driver.bytes),
        new Suspected(by.apply(suspect.module), by.apply(suspect.symbol), suspect.proof),
        new Recursion(by.apply(recursion.signature), recursion.period, recursion.count),
        new Buckets(by.apply(buckets.failure()), by.apply(buckets.overflow())),
        timings,
        by.all(notes));
  }

  /** The key by which the row is counted: that of the overflow, else that of the failure. */
  public String bucket() {
    return !buckets.overflow().isEmpty()
        ? buckets.overflow()
        : !buckets.failure().isEmpty() ? buckets.failure() : failure.category().text();
  }

  /** The row as one line of JSON, without the line's end. */
  public String json() {
    return JsonOut.object(out -> {
      out.text("schema", SCHEMA);
      for (Column column : Column.ALL) {
        column.write(this, out);
      }
    });
  }
}
