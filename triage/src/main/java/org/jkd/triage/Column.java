// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jkd.engine.render.JsonOut;

/**
 * A field of a row. The list {@link #ALL} is the schema: names are not changed and do not change
 * their meaning within {@link TriageRow#SCHEMA}; new ones may be added behind the others.
 *
 * @param name in JSON, CSV and Parquet
 * @param type of its values
 * @param value {@link String}, {@link Long}, {@link Double} or a list of strings; empty when the
 *     dump does not tell
 */
public record Column(String name, Type type, Function<TriageRow, Optional<Object>> value) {
  /** What a field holds. */
  public enum Type {
    TEXT,
    NUMBER,
    FRACTION,
    TEXTS
  }

  /** All fields in order. */
  public static final List<Column> ALL =
      List.of(
          text("key", r -> r.identity().key()),
          text("path", r -> r.identity().path()),
          text("member", r -> r.identity().member()),
          number("size", r -> OptionalLong.of(r.identity().size())),
          text("modified", r -> r.identity().modified()),
          text("sha256", r -> r.identity().digest()),
          text("sha256Of", r -> r.identity().digestOf()),
          text("category", r -> r.failure().category().text()),
          text("failure", r -> r.failure().text()),
          text("kind", r -> r.system().kind()),
          text("arch", r -> r.system().arch()),
          text("os", r -> r.system().os()),
          number("build", r -> widen(r.system().build())),
          text("buildLab", r -> r.system().buildLab()),
          text("servicePack", r -> r.system().servicePack()),
          number("processors", r -> widen(r.system().processors())),
          text("time", r -> r.system().time()),
          text("day", r -> day(r.system().time())),
          number("upTime", r -> r.system().upTime()),
          text("code", r -> r.stop().code()),
          text("codeName", r -> r.stop().name()),
          texts("parameters", r -> r.stop().parameters()),
          text("process", r -> r.stop().process()),
          text("outcome", r -> r.stack().outcome()),
          text("cause", r -> r.stack().cause()),
          fraction("coverage", r -> r.stack().coverage()),
          number("stackSize", r -> r.stack().size()),
          texts("stages", r -> r.stack().stages()),
          text("driver", r -> r.driver().module()),
          text("driverProduct", r -> r.driver().product()),
          text("driverCompany", r -> r.driver().company()),
          text("driverVersion", r -> r.driver().version()),
          number("driverBytes", r -> r.driver().bytes()),
          text("suspect", r -> r.suspect().module()),
          text("suspectSymbol", r -> r.suspect().symbol()),
          text("suspectProof", r -> r.suspect().proof()),
          text("recursion", r -> r.recursion().signature()),
          number("recursionPeriod", r -> widen(r.recursion().period())),
          number("recursionCount", r -> widen(r.recursion().count())),
          texts("frames", r -> r.stack().frames()),
          texts("trusts", r -> r.stack().trusts()),
          text("failureBucket", r -> r.buckets().failure()),
          text("overflowBucket", r -> r.buckets().overflow()),
          text("bucket", TriageRow::bucket),
          texts("notes", TriageRow::notes),
          number("openMillis", r -> r.timings().open()),
          number("totalMillis", r -> r.timings().total()));

  private static final int DAY = "2026-01-31".length();

  private static String day(String time) {
    return time.substring(0, Math.min(DAY, time.length()));
  }

  private static OptionalLong widen(OptionalInt value) {
    return value.isPresent() ? OptionalLong.of(value.getAsInt()) : OptionalLong.empty();
  }

  private static Column text(String name, Function<TriageRow, String> value) {
    return new Column(
        name, Type.TEXT, r -> Optional.<Object>of(value.apply(r)).filter(v -> !v.equals("")));
  }

  private static Column texts(String name, Function<TriageRow, List<String>> value) {
    return new Column(
        name,
        Type.TEXTS,
        r -> Optional.<Object>of(value.apply(r)).filter(v -> !v.equals(List.of())));
  }

  private static Column number(String name, Function<TriageRow, OptionalLong> value) {
    return new Column(
        name,
        Type.NUMBER,
        r -> {
          OptionalLong v = value.apply(r);
          return v.isPresent() ? Optional.of(v.getAsLong()) : Optional.empty();
        });
  }

  private static Column fraction(String name, Function<TriageRow, OptionalDouble> value) {
    return new Column(
        name,
        Type.FRACTION,
        r -> {
          OptionalDouble v = value.apply(r);
          return v.isPresent() ? Optional.of(v.getAsDouble()) : Optional.empty();
        });
  }

  /** The column of a name. */
  public static Optional<Column> named(String name) {
    return ALL.stream().filter(c -> c.name().equalsIgnoreCase(name)).findFirst();
  }

  /** Writes the field, unless it is empty. */
  void write(TriageRow row, JsonOut out) {
    Object v = value.apply(row).orElse("");
    switch (v) {
      case Long n -> out.number(name, n.longValue());
      case Double d -> out.number(name, d.doubleValue());
      case Collection<?> list -> out.texts(name, list.stream().map(String::valueOf).toList());
      default -> out.optional(name, v.toString());
    }
  }
}
