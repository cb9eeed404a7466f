// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.render;

import java.io.StringWriter;
import java.io.Writer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One JSON object on one line, in the conventions of {@code jkd/1}: addresses are strings {@code
 * "0x…"}, sizes are numbers of bytes, and what is unknown is left out.
 */
public final class JsonOut {
  private static final JsonFactory FACTORY = new JsonFactory();

  private final JsonGenerator json;

  private final UnaryOperator<String> clean;

  private JsonOut(JsonGenerator json, UnaryOperator<String> clean) {
    this.json = json;
    this.clean = clean;
  }

  /** Writes the fields of one object and gives back its line, without the line's end. */
  public static String object(Consumer<JsonOut> fields) {
    return object(UnaryOperator.identity(), fields);
  }

  /**
   * The same.
   *
   * @param clean what every text goes through before it is written
   */
  public static String object(UnaryOperator<String> clean, Consumer<JsonOut> fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      fields.accept(new JsonOut(json, clean));
      json.writeEndObject();
    }
    return text.toString();
  }

  /**
   * Writes one object and the end of its line. A long one is passed on while it grows; if it cannot
   * be finished then, it is closed where it stands. A short one that cannot be finished is not
   * written at all.
   */
  public static void write(TextOut out, Consumer<JsonOut> fields) {
    write(out, UnaryOperator.identity(), fields);
  }

  /**
   * The same.
   *
   * @param clean what every text goes through before it is written
   */
  public static void write(TextOut out, UnaryOperator<String> clean, Consumer<JsonOut> fields) {
    Spill spill = new Spill(out);
    try {
      try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), spill)) {
        json.writeStartObject();
        fields.accept(new JsonOut(json, clean));
        json.writeEndObject();
      }
      spill.pass();
    } finally {
      spill.end();
    }
  }

  /** Keeps what is written until it is much, then passes it on. */
  private static final class Spill extends Writer {
    private static final int KEPT = 1 << 20;

    private final TextOut out;
    private final StringBuilder kept = new StringBuilder();
    private boolean passed;

    Spill(TextOut out) {
      this.out = out;
    }

    @Override
    public void write(char[] text, int from, int length) {
      kept.append(text, from, length);
      if (kept.length() > KEPT) {
        pass();
      }
    }

    void pass() {
      out.add(kept.toString());
      kept.setLength(0);
      passed = true;
    }

    /** Ends the line of an object of which something was passed on. */
    void end() {
      if (passed) {
        out.add(kept.toString()).add("\n");
      }
    }

    @Override
    public void flush() {
      // what is kept waits for the end of the object
    }

    @Override
    public void close() {
      // the end of the object is not the end of the output
    }
  }

  /** A text. */
  public JsonOut text(String name, String value) {
    json.writeStringProperty(name, clean.apply(value));
    return this;
  }

  /** A text, left out when empty. */
  public JsonOut optional(String name, String value) {
    return value.isEmpty() ? this : text(name, value);
  }

  /** An address or another word of the target: {@code "0x…"} without leading zeros. */
  public JsonOut address(String name, long value) {
    json.writeStringProperty(name, clean.apply("0x" + Long.toHexString(value)));
    return this;
  }

  /** A number; sizes are bytes. */
  public JsonOut number(String name, long value) {
    json.writeNumberProperty(name, value);
    return this;
  }

  /** A fraction. */
  public JsonOut number(String name, double value) {
    json.writeNumberProperty(name, value);
    return this;
  }

  /** A yes or no. */
  public JsonOut flag(String name, boolean value) {
    json.writeBooleanProperty(name, value);
    return this;
  }

  /** An object with fields of its own. */
  public JsonOut object(String name, Consumer<JsonOut> fields) {
    json.writeName(name);
    json.writeStartObject();
    fields.accept(this);
    json.writeEndObject();
    return this;
  }

  /** An array with one object per item. */
  public <T> JsonOut objects(String name, Iterable<T> items, ItemWriter<T> writer) {
    json.writeName(name);
    json.writeStartArray();
    for (T item : items) {
      json.writeStartObject();
      writer.write(this, item);
      json.writeEndObject();
    }
    json.writeEndArray();
    return this;
  }

  /** An array of texts. */
  public JsonOut texts(String name, Iterable<String> values) {
    json.writeName(name);
    json.writeStartArray();
    for (String value : values) {
      json.writeString(clean.apply(value));
    }
    json.writeEndArray();
    return this;
  }

  /** Writes the fields of one item of an array. */
  @FunctionalInterface
  public interface ItemWriter<T> {
    /** Writes the fields of {@code item}. */
    void write(JsonOut out, T item);
  }
}
