// SPDX-License-Identifier: Apache-2.0
package org.jkd.triage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jkd.image.FormatException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Rows as maps from column names to values: what is read back, grouped and converted. */
public final class Rows {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Rows() {}

  /** The values of a row; absent ones are left out. */
  public static Map<String, Object> of(TriageRow row) {
    Map<String, Object> values = new HashMap<>();
    for (Column column : Column.ALL) {
      column.value().apply(row).ifPresent(v -> values.put(column.name(), v));
    }
    return values;
  }

  /**
   * Reads a line that {@link TriageRow#json} wrote. Fields that later versions added are skipped.
   *
   * @throws FormatException if it is no such line
   */
  public static Map<String, Object> parse(String line) {
    Map<String, Object> values = new HashMap<>();
    String schema = "";
    try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new FormatException("row", -1, "expected an object");
      }
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        JsonToken token = json.nextToken();
        if (name.equals("schema")) {
          schema = String.valueOf(json.getString());
        } else if (Column.named(name).isPresent()) {
          values.put(name, value(json, token));
        } else {
          json.skipChildren();
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw new FormatException("row", -1, "expected one object");
      }
    } catch (JacksonException e) {
      throw new FormatException("row", -1, String.valueOf(e.getOriginalMessage()));
    }
    if (!schema.equals(TriageRow.SCHEMA)) {
      throw new FormatException(
          "row", -1, "expected schema " + TriageRow.SCHEMA + ", found '" + schema + "'");
    }
    return values;
  }

  private static Object value(JsonParser json, JsonToken token) {
    return switch (token) {
      case VALUE_NUMBER_INT -> json.getLongValue();
      case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
      case START_ARRAY -> {
        List<String> texts = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          texts.add(String.valueOf(json.getString()));
        }
        yield texts;
      }
      case VALUE_STRING -> String.valueOf(json.getString());
      default -> throw new FormatException("row", -1, "expected a text, number or list");
    };
  }

  /** A field as text; empty where the row does not have it. */
  public static String text(Map<String, Object> row, String column) {
    Object value = row.get(column);
    return switch (value) {
      case null -> "";
      case List<?> list -> String.join(" < ", list.stream().map(String::valueOf).toList());
      default -> value.toString();
    };
  }
}
