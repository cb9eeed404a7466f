// SPDX-License-Identifier: Apache-2.0
package org.jkd.sample.reference;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jkd.sample.format.TypeTable;

/** The kernel's structures as its public PDB describes them. */
final class KernelTypes {
  private static final String FILE = "kernel-types.txt";
  private static final String UNNAMED = "__unnamed";

  private final TypeTable table = new TypeTable();
  private final Map<String, Integer> defined = new HashMap<>();
  private final Map<String, Integer> sizes = new HashMap<>();
  private final Map<String, Boolean> unions = new HashMap<>();

  private KernelTypes() {}

  /** All of them. */
  static TypeTable table() {
    KernelTypes types = new KernelTypes();
    List<String> definitions = definitions();
    for (String definition : definitions) {
      String[] words = definition.split(" ");
      types.unions.put(words[1], words[0].equals("U"));
    }
    definitions.forEach(types::define);
    return types.table;
  }

  private static List<String> definitions() {
    List<String> definitions = new ArrayList<>();
    for (String line : text().lines().toList()) {
      if (line.startsWith("  ")) {
        definitions.set(definitions.size() - 1, definitions.getLast() + line.substring(1));
      } else if (!line.startsWith("#")) {
        definitions.add(line);
      }
    }
    return definitions;
  }

  private static String text() {
    try (InputStream in = KernelTypes.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException("missing: " + FILE);
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void define(String definition) {
    String[] words = definition.split(" ");
    String name = words[1];
    int size = Integer.parseInt(words[2], 16);
    List<TypeTable.Member> members = new ArrayList<>();
    for (int i = 3; i < words.length; i++) {
      String[] parts = words[i].split(":");
      members.add(
          new TypeTable.Member(parts[0], Integer.parseInt(parts[1], 16), type(parts[2]).index()));
    }
    String shown = name.startsWith("#") ? UNNAMED : name;
    defined.put(name, table.defined(shown, words[0].equals("U"), size, members));
    sizes.put(name, size);
  }

  private record Sized(int index, int size) {}

  private Sized type(String text) {
    int bracket = text.lastIndexOf('[');
    if (bracket > 0) {
      Sized element = type(text.substring(0, bracket));
      int count = Integer.parseInt(text.substring(bracket + 1, text.length() - 1));
      int size = element.size() * count;
      return new Sized(table.array(element.index(), size), size);
    }
    if (text.startsWith("*")) {
      String target = text.substring(1);
      int index =
          !target.matches("[iu][1248]|v|\\*.*") && !defined.containsKey(target)
              ? table.announced(target, unions.getOrDefault(target, false))
              : type(target).index();
      return new Sized(table.pointer(index), 4);
    }
    String[] parts = text.split("\\.");
    if (parts.length == 3) {
      Sized base = type(parts[0]);
      int position = Integer.parseInt(parts[1]);
      return new Sized(table.bits(base.index(), position, Integer.parseInt(parts[2])), base.size());
    }
    if (text.equals("v")) {
      return new Sized(TypeTable.VOID, 0);
    }
    if (text.matches("[iu][1248]")) {
      int size = text.charAt(1) - '0';
      return new Sized(TypeTable.integer(text.charAt(0) == 'i', size), size);
    }
    Integer index = defined.get(text);
    Integer size = sizes.get(text);
    if (index == null || size == null) {
      throw new IllegalStateException("not defined yet: " + text);
    }
    return new Sized(index, size);
  }
}
