// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.isf;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jkd.image.FormatException;
import org.jkd.symbols.Decoration;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.SymbolFormat;
import org.jkd.symbols.Types;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Reads one ISF file in one pass. Unknown members are skipped. */
final class IsfReader {
  private static final int MAX_DEPTH = 64;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH * 4).build())
          .build();

  private final Path file;
  private final List<Symbol> symbols = new ArrayList<>();
  private final Map<String, Base> bases = new HashMap<>();
  private final Map<String, Struct> structs = new LinkedHashMap<>();
  private final Map<String, Types.EnumType> enums = new HashMap<>();
  private String guid = "";
  private String pdbName = "";
  private long age;

  /** A basic type of the file. */
  private record Base(long size, boolean signed, String kind) {}

  /** A structure as the file describes it: types are resolved when all are known. */
  private record Struct(String keyword, long size, List<RawField> fields) {}

  private record RawField(String name, long offset, RawType type) {}

  /** A type as the file describes it. */
  private record RawType(
      String kind, String name, @Nullable RawType of, long count, int position, int length) {}

  IsfReader(Path file) {
    this.file = file;
  }

  private FormatException bad(String what) {
    return new FormatException("ISF file " + file.getFileName(), -1, what);
  }

  SymbolFormat.Opened read(InputStream text) {
    try (JsonParser p = FACTORY.createParser(tools.jackson.core.ObjectReadContext.empty(), text)) {
      if (p.nextToken() != JsonToken.START_OBJECT) {
        throw bad("no JSON object");
      }
      while (p.nextToken() == JsonToken.PROPERTY_NAME) {
        String section = p.currentName();
        p.nextToken();
        switch (section) {
          case "metadata" -> metadata(p);
          case "symbols" -> members(p, this::symbol);
          case "base_types" -> members(p, this::base);
          case "user_types" -> members(p, this::struct);
          case "enums" -> members(p, this::enumeration);
          default -> p.skipChildren();
        }
      }
    }
    if (symbols.isEmpty()) {
      throw bad("no symbols");
    }
    return new SymbolFormat.Opened(
        new IsfSymbols(file, symbols, new IsfTypes(resolved(), enums)),
        guid.toUpperCase(Locale.ROOT),
        age,
        pdbName);
  }

  /** Reads the value of one member; the parser stands at the value's first token. */
  private interface Member {
    void read(String name, JsonParser p);
  }

  private static void members(JsonParser p, Member member) {
    if (p.currentToken() != JsonToken.START_OBJECT) {
      p.skipChildren();
      return;
    }
    while (p.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = p.currentName();
      p.nextToken();
      member.read(name, p);
    }
  }

  private void metadata(JsonParser p) {
    members(
        p,
        (name, q) -> {
          if (name.equals("windows") || name.equals("pdb")) {
            metadata(q);
            return;
          }
          switch (name) {
            case "GUID" -> guid = q.getString();
            case "age" -> age = q.getLongValue();
            case "database" -> pdbName = q.getString();
            default -> q.skipChildren();
          }
        });
  }

  private void symbol(String name, JsonParser p) {
    long[] address = {-1};
    String[] linkage = {name};
    members(
        p,
        (member, q) -> {
          switch (member) {
            case "address" -> address[0] = q.getLongValue();
            case "linkage_name" -> linkage[0] = q.getString();
            default -> q.skipChildren();
          }
        });
    if (address[0] >= 0) {
      // Names of C are stripped of their decoration already, those of C++ are not.
      String shown = name.startsWith("?") ? Decoration.shown(name) : name;
      symbols.add(new Symbol(shown, linkage[0], address[0], 0, Symbol.Kind.PUBLIC));
    }
  }

  private void base(String name, JsonParser p) {
    long[] size = {0};
    boolean[] signed = {false};
    String[] kind = {""};
    members(
        p,
        (member, q) -> {
          switch (member) {
            case "size" -> size[0] = q.getLongValue();
            case "signed" -> signed[0] = q.getBooleanValue();
            case "kind" -> kind[0] = q.getString();
            default -> q.skipChildren();
          }
        });
    bases.put(name, new Base(size[0], signed[0], kind[0]));
  }

  private void enumeration(String name, JsonParser p) {
    long[] size = {0};
    List<Types.EnumValue> values = new ArrayList<>();
    members(
        p,
        (member, q) -> {
          switch (member) {
            case "size" -> size[0] = q.getLongValue();
            case "constants" ->
                members(q, (c, r) -> values.add(new Types.EnumValue(c, r.getLongValue())));
            default -> q.skipChildren();
          }
        });
    values.sort(Comparator.comparingLong(Types.EnumValue::value));
    enums.put(name, new Types.EnumType(name, size[0], List.copyOf(values)));
  }

  private void struct(String name, JsonParser p) {
    long[] size = {0};
    String[] kind = {"struct"};
    List<RawField> fields = new ArrayList<>();
    members(
        p,
        (member, q) -> {
          switch (member) {
            case "size" -> size[0] = q.getLongValue();
            case "kind" -> kind[0] = q.getString();
            case "fields" -> members(q, (f, r) -> fields.add(field(f, r)));
            default -> q.skipChildren();
          }
        });
    structs.put(name, new Struct(kind[0], size[0], fields));
  }

  private static final RawType NO_TYPE = new RawType("void", "", null, 0, 0, 0);

  private RawField field(String name, JsonParser p) {
    long[] offset = {0};
    RawType[] type = {NO_TYPE};
    members(
        p,
        (member, q) -> {
          switch (member) {
            case "offset" -> offset[0] = q.getLongValue();
            case "type" -> type[0] = type(q, 0);
            default -> q.skipChildren();
          }
        });
    return new RawField(name, offset[0], type[0]);
  }

  private RawType type(JsonParser p, int depth) {
    if (depth > MAX_DEPTH) {
      throw bad("types nested more than " + MAX_DEPTH + " deep");
    }
    String[] text = {"void", ""};
    RawType[] of = {null};
    long[] numbers = {0, 0, 0};
    members(
        p,
        (member, q) -> {
          switch (member) {
            case "kind" -> text[0] = q.getString();
            case "name" -> text[1] = q.getString();
            case "subtype", "type" -> of[0] = type(q, depth + 1);
            case "count" -> numbers[0] = q.getLongValue();
            case "bit_position" -> numbers[1] = q.getLongValue();
            case "bit_length" -> numbers[2] = q.getLongValue();
            default -> q.skipChildren();
          }
        });
    return new RawType(text[0], text[1], of[0], numbers[0], (int) numbers[1], (int) numbers[2]);
  }

  private Map<String, Types.StructType> resolved() {
    Map<String, Types.StructType> result = new LinkedHashMap<>();
    structs.forEach((name, s) -> {
      List<Types.Field> fields = new ArrayList<>();
      for (RawField f : s.fields()) {
        fields.add(new Types.Field(f.name(), f.offset(), resolved(f.type())));
      }
      fields.sort(
          Comparator.comparingLong(Types.Field::offset)
              .thenComparingInt(f -> f.type() instanceof Types.Bits b ? b.position() : 0));
      result.put(name, new Types.StructType(name, s.keyword(), s.size(), List.copyOf(fields)));
    });
    return result;
  }

  private Types.Type resolved(@Nullable RawType t) {
    if (t == null) {
      return new Types.VoidType("Void");
    }
    return switch (t.kind()) {
      case "base" -> base(t.name());
      case "pointer" ->
          new Types.Pointer(bases.getOrDefault("pointer", POINTER).size(), resolved(t.of()));
      case "array" -> {
        Types.Type element = resolved(t.of());
        yield new Types.Array(element, t.count(), element.size() * t.count());
      }
      case "bitfield" -> new Types.Bits(resolved(t.of()), t.position(), t.length());
      case "struct", "union", "class" -> {
        Struct s = structs.get(t.name());
        yield new Types.StructRef(
            s == null ? t.kind() : s.keyword(), t.name(), s == null ? 0 : s.size());
      }
      case "enum" -> {
        Types.EnumType e = enums.get(t.name());
        yield e == null ? new Types.VoidType("<unknown enumeration " + t.name() + ">") : e;
      }
      case "function" -> new Types.FunctionType();
      default -> new Types.VoidType("Void");
    };
  }

  private static final Base POINTER = new Base(8, false, "int");

  private Types.Type base(String name) {
    Base b = bases.get(name);
    if (b == null || b.kind().equals("void")) {
      return new Types.VoidType(b == null ? "<unknown type " + name + ">" : "Void");
    }
    String shown =
        switch (b.kind()) {
          case "char" -> b.signed() ? "Char" : "UChar";
          case "bool" -> "Bool";
          case "float" -> b.size() == 4 ? "Float" : "Double";
          default ->
              name.equals("wchar") || name.equals("wchar_t")
                  ? "Wchar"
                  : (b.signed() ? "Int" : "Uint") + b.size() + "B";
        };
    String spelling =
        switch (name) {
          case "long long" -> "int64";
          case "unsigned long long" -> "unsigned int64";
          default -> name;
        };
    return new Types.Base(shown, b.size(), b.signed(), spelling);
  }
}
