// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.undecorate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a tree. Because trees share parts, every step and every character is counted. */
final class Printer {
  /** Characters; the longest name that a symbol file can hold has 65535. */
  private static final int MAX_LENGTH = 1 << 17;

  private static final int MAX_STEPS = 1 << 18;

  private final Style style;
  private final StringBuilder out = new StringBuilder();
  private int steps;

  Printer(Style style) {
    this.style = style;
  }

  String print(Declared declared) throws Unreadable {
    declared(declared);
    return out.toString();
  }

  private boolean full() {
    return style == Style.DECLARATION;
  }

  private void put(String s) throws Unreadable {
    if (++steps > MAX_STEPS || out.length() + s.length() > MAX_LENGTH) {
      throw new Unreadable("a name of too many characters");
    }
    out.append(s);
  }

  private void blankAfterWord() throws Unreadable {
    if (!out.isEmpty()) {
      char last = out.charAt(out.length() - 1);
      if (last >= '0' && last <= '9'
          || last >= 'A' && last <= 'Z'
          || last >= 'a' && last <= 'z'
          || last == '>') {
        put(" ");
      }
    }
  }

  private void blank() throws Unreadable {
    if (!out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
      put(" ");
    }
  }

  private void declared(Declared declared) throws Unreadable {
    switch (declared) {
      case Declared.Function f -> function(f);
      case Declared.Variable v -> variable(v);
      case Declared.Table t -> {
        if (full()) {
          qualifiers(t.qualifiers(), false);
          if (t.qualifiers() != 0) {
            put(" ");
          }
        }
        name(t.name());
        if (full() && t.target() != null) {
          put("{for `");
          name(t.target());
          put("'}");
        }
      }
      case Declared.OfType t -> {
        pre(t.type());
        if (full()) {
          blankAfterWord();
        } else {
          blank();
        }
        put(t.what());
        post(t.type());
      }
      case Declared.Text t -> text(t);
      case Declared.Md5 m -> put(m.text());
    }
  }

  private void text(Declared.Text t) throws Unreadable {
    if (full()) {
      put(t.prefix() + '"' + t.text() + '"' + (t.truncated() ? "..." : ""));
    } else {
      // kd shows the tag of the compiland as in "nt! ?? ::FNODOBFM::`string'".
      put(t.tag().isEmpty() ? "`string'" : " ?? ::" + t.tag() + "::`string'");
    }
  }

  private void variable(Declared.Variable v) throws Unreadable {
    Type type = full() ? v.type() : null;
    if (full() && !v.access().isEmpty()) {
      put(v.access() + ": static ");
    }
    if (type != null) {
      pre(type);
      blankAfterWord();
    }
    name(v.name());
    if (type != null) {
      post(type);
    }
  }

  private void function(Declared.Function f) throws Unreadable {
    Declared.Thunk thunk = f.thunk();
    if (thunk != null) {
      put(full() ? "[thunk]: " : "[thunk]:");
    }
    if (full()) {
      put(f.access().isEmpty() ? "" : f.access() + ": ");
      put(f.isStatic() ? "static " : "");
      put(f.isVirtual() ? "virtual " : "");
      put(f.externC() ? "extern \"C\" " : "");
      if (f.type() != null) {
        beforeName(f.type(), true);
      } else if (thunk != null) {
        put(thunk.convention());
      }
      blankAfterWord();
    }
    name(f.name());
    if (thunk != null && !thunk.kind().isEmpty()) {
      put("`" + thunk.kind() + "{");
      for (int i = 0; i < thunk.offsets().size(); i++) {
        put((i == 0 ? "" : comma()) + thunk.offsets().get(i));
      }
      put("}'");
    }
    if (full() && f.type() != null) {
      behindName(f.type());
    }
  }

  private String comma() {
    return full() ? ", " : ",";
  }

  private void name(Qualified q) throws Unreadable {
    Name scope = null;
    for (Name n : q.scopes()) {
      part(n, scope);
      put("::");
      scope = n;
    }
    part(q.own(), scope);
  }

  private void part(Name name, @Nullable Name scope) throws Unreadable {
    switch (name) {
      case Name.Simple s -> put(s.text());
      case Name.Operator o -> put(full() ? o.entry().llvm() : o.entry().microsoft());
      case Name.Structor s -> {
        put(s.destructor() ? "~" : "");
        // One constructor directly in another is no name; it would lead nowhere.
        if (scope != null && !(scope instanceof Name.Structor)) {
          part(scope, null);
        }
      }
      case Name.Conversion ignored -> put("operator");
      case Name.Literal l -> put("operator \"\"" + l.suffix());
      case Name.Anonymous ignored -> put("`anonymous namespace'");
      case Name.Local l -> {
        put("`");
        declared(l.function());
        put("'::`" + Long.toUnsignedString(l.number()) + "'");
      }
      case Name.Guard g -> {
        put(g.thread() ? "`local static thread guard'" : "`local static guard'");
        put(g.index() == 0 ? "" : "{" + Long.toUnsignedString(g.index()) + "}");
      }
      case Name.VirtualCall v ->
          put("`vcall'{" + Long.toUnsignedString(v.offset()) + comma() + "{flat}}");
      case Name.BaseClass b ->
          put(
              "`RTTI Base Class Descriptor at ("
                  + Long.toUnsignedString(b.offset())
                  + comma()
                  + b.tablePointer()
                  + comma()
                  + Long.toUnsignedString(b.inTable())
                  + comma()
                  + Long.toUnsignedString(b.flags())
                  + ")'");
      case Name.Initializer i -> initializer(i);
    }
    List<Argument> arguments = name.arguments();
    if (arguments != null) {
      arguments(arguments);
    }
    if (name instanceof Name.Conversion c && c.target() != null) {
      put(" ");
      type(c.target());
    }
  }

  private void initializer(Name.Initializer i) throws Unreadable {
    put(i.destructor() ? "`dynamic atexit destructor for " : "`dynamic initializer for ");
    switch (i.of()) {
      case Declared.Function f -> {
        put("'");
        name(f.name());
      }
      case Declared d -> {
        put(full() ? "`" : "'");
        declared(d);
      }
    }
    put("''");
  }

  private void arguments(List<Argument> arguments) throws Unreadable {
    put("<");
    for (int i = 0; i < arguments.size(); i++) {
      put(i == 0 ? "" : comma());
      switch (arguments.get(i)) {
        case Type t -> type(t);
        case Argument.Template t -> name(t.name());
        case Argument.Number n ->
            put((n.negative() ? "-" : "") + Long.toUnsignedString(n.magnitude()));
        case Argument.Reference r -> reference(r);
      }
    }
    if (!full() && out.charAt(out.length() - 1) == '>') {
      put(" ");
    }
    put(">");
  }

  private void reference(Argument.Reference r) throws Unreadable {
    boolean braces = !r.offsets().isEmpty();
    put(braces ? "{" : r.address() ? "&" : "");
    if (r.symbol() != null) {
      declared(r.symbol());
      put(braces ? comma() : "");
    }
    for (int i = 0; i < r.offsets().size(); i++) {
      put((i == 0 ? "" : comma()) + r.offsets().get(i));
    }
    put(braces ? "}" : "");
  }

  private void type(Type t) throws Unreadable {
    pre(t);
    post(t);
  }

  /** What of a type stands before the name that it is the type of. */
  private void pre(Type type) throws Unreadable {
    switch (type) {
      case Type.Primitive p -> {
        put(p.word());
        qualifiers(p.qualifiers(), true);
      }
      case Type.Tag t -> {
        put(full() ? t.keyword() + " " : "");
        name(t.name());
        qualifiers(t.qualifiers(), true);
      }
      case Type.Custom c -> part(c.name(), null);
      case Type.Array a -> {
        pre(a.element());
        qualifiers(a.qualifiers(), true);
      }
      case Type.Function f -> beforeName(f, true);
      case Type.Pointer p -> pointer(p);
    }
  }

  private void pointer(Type.Pointer p) throws Unreadable {
    boolean parenthesis = true;
    switch (p.pointee()) {
      case Type.Function f -> beforeName(f, false);
      case Type.Array a -> pre(a);
      case Type t -> {
        pre(t);
        parenthesis = false;
      }
    }
    if (full()) {
      blankAfterWord();
    } else {
      blank();
    }
    put((p.qualifiers() & Qualifiers.UNALIGNED) != 0 ? "__unaligned " : "");
    put(parenthesis ? "(" : "");
    if (p.pointee() instanceof Type.Function f) {
      put(f.convention());
      put(full() || p.member() != null ? " " : "");
    }
    if (p.member() != null) {
      name(p.member());
      put("::");
    }
    put(p.sign());
    qualifiers(p.qualifiers(), !full());
  }

  /** The result and the calling convention of a function. */
  private void beforeName(Type.Function f, boolean convention) throws Unreadable {
    if (f.result() != null) {
      pre(f.result());
      put(" ");
    }
    if (convention) {
      blankAfterWord();
      put(f.convention());
    }
  }

  /** What of a type stands behind the name that it is the type of. */
  private void post(Type type) throws Unreadable {
    switch (type) {
      case Type.Array a -> {
        for (long d : a.dimensions()) {
          put("[" + (d == 0 ? "" : Long.toUnsignedString(d)) + "]");
        }
        post(a.element());
      }
      case Type.Function f -> behindName(f);
      case Type.Pointer p -> {
        put(p.pointee() instanceof Type.Function || p.pointee() instanceof Type.Array ? ")" : "");
        post(p.pointee());
      }
      case Type.Primitive ignored -> {}
      case Type.Tag ignored -> {}
      case Type.Custom ignored -> {}
    }
  }

  private void behindName(Type.Function f) throws Unreadable {
    put("(");
    if (f.parameters().isEmpty()) {
      put(f.variadic() ? "" : "void");
    }
    for (int i = 0; i < f.parameters().size(); i++) {
      put(i == 0 ? "" : comma());
      type(f.parameters().get(i));
    }
    if (f.variadic()) {
      put(f.parameters().isEmpty() ? "..." : comma() + "...");
    }
    put(")");
    qualifiers(f.qualifiers(), true);
    put((f.qualifiers() & Qualifiers.UNALIGNED) != 0 ? " __unaligned" : "");
    put(f.noexcept() ? " noexcept" : "");
    put(f.reference().isEmpty() ? "" : " " + f.reference());
    if (f.result() != null) {
      post(f.result());
    }
  }

  private void qualifiers(int qualifiers, boolean blankBefore) throws Unreadable {
    String blank = blankBefore ? " " : "";
    if ((qualifiers & Qualifiers.CONST) != 0) {
      put(blank + "const");
      blank = " ";
    }
    if ((qualifiers & Qualifiers.VOLATILE) != 0) {
      put(blank + "volatile");
      blank = " ";
    }
    if ((qualifiers & Qualifiers.RESTRICT) != 0) {
      put(blank + "__restrict");
    }
  }
}
