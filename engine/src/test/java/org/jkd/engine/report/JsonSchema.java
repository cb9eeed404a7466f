// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jkd.sample.Json;

/**
 * Checks a JSON value against a schema of docs/schema. It knows the part of JSON Schema (2020-12)
 * that those files use and refuses any other keyword, so that no rule is passed over in silence.
 * Fields that a schema does not name are errors here: readers must bear them, writers must document
 * them.
 */
final class JsonSchema {
  private static final Set<String> KNOWN =
      Set.of(
          "$schema",
          "$id",
          "title",
          "description",
          "$defs",
          "$ref",
          "type",
          "properties",
          "required",
          "items",
          "enum",
          "const",
          "pattern",
          "minimum");

  private final Path folder;
  private final Map<String, Json> files = new HashMap<>();
  private final List<String> errors = new ArrayList<>();

  private JsonSchema(Path folder) {
    this.folder = folder;
  }

  /** What is wrong with a value, empty if nothing is. */
  static List<String> errors(Path folder, String name, Json value) {
    JsonSchema check = new JsonSchema(folder);
    check.check(check.file(name), name, value, "$");
    return check.errors;
  }

  private Json file(String name) {
    return files.computeIfAbsent(
        name,
        n -> {
          try {
            return Json.of(folder.resolve(n));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private void check(Json schema, String file, Json value, String at) {
    for (String keyword : schema.names()) {
      if (!KNOWN.contains(keyword)) {
        throw new IllegalArgumentException(file + ": unknown keyword " + keyword);
      }
    }
    if (!schema.get("$ref").isNull()) {
      reference(schema.get("$ref").text(), file, value, at);
      return;
    }
    if (!schema.get("const").isNull() && !same(schema.get("const"), value)) {
      errors.add(at + ": not the constant");
    }
    List<Json> allowed = schema.get("enum").list();
    if (!allowed.isEmpty() && allowed.stream().noneMatch(a -> same(a, value))) {
      errors.add(at + ": none of the allowed values");
    }
    if (!schema.get("type").isNull()) {
      type(schema, file, value, at);
    }
  }

  private void reference(String reference, String file, Json value, String at) {
    String[] parts = reference.split("#/\\$defs/");
    String target = parts[0].isEmpty() ? file : parts[0];
    Json definition = file(target).get("$defs").get(parts[1]);
    if (definition.names().isEmpty()) {
      throw new IllegalArgumentException(reference + " leads nowhere");
    }
    check(definition, target, value, at);
  }

  private void type(Json schema, String file, Json value, String at) {
    switch (schema.get("type").text()) {
      case "object" -> object(schema, file, value, at);
      case "array" -> {
        if (!value.isArray()) {
          errors.add(at + ": no array");
        }
        int i = 0;
        for (Json element : value.list()) {
          check(schema.get("items"), file, element, at + "[" + i++ + "]");
        }
      }
      case "string" -> {
        if (!value.isString()) {
          errors.add(at + ": no string");
        } else if (!schema.get("pattern").isNull()
            && !Pattern.compile(schema.get("pattern").text()).matcher(value.text()).find()) {
          errors.add(at + ": " + value.text() + " does not match");
        }
      }
      case "integer", "number" -> number(schema, value, at);
      default -> throw new IllegalArgumentException("type " + schema.get("type").text());
    }
  }

  private void number(Json schema, Json value, String at) {
    String literal = value.isObject() || value.isArray() || value.isNull() ? "" : value.text();
    boolean whole = schema.get("type").text().equals("integer");
    if (value.isString()
        || !literal.matches(whole ? "-?\\d+" : "-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?")) {
      errors.add(at + ": no " + schema.get("type").text() + ": " + literal);
    } else if (!schema.get("minimum").isNull()
        && Double.parseDouble(literal) < schema.get("minimum").number()) {
      errors.add(at + ": " + literal + " is too small");
    }
  }

  private void object(Json schema, String file, Json value, String at) {
    if (!value.isObject()) {
      errors.add(at + ": no object");
      return;
    }
    List<String> names = value.names();
    for (Json required : schema.get("required").list()) {
      if (!names.contains(required.text())) {
        errors.add(at + ": " + required.text() + " is missing");
      }
    }
    Json properties = schema.get("properties");
    for (String name : names) {
      if (!properties.names().contains(name)) {
        errors.add(at + ": " + name + " is not documented");
      } else {
        check(properties.get(name), file, value.get(name), at + "." + name);
      }
    }
  }

  private static boolean same(Json a, Json b) {
    boolean scalar = !b.isObject() && !b.isArray() && !b.isNull();
    return scalar && a.isString() == b.isString() && a.text().equals(b.text());
  }
}
