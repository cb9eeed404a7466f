// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.system;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jkd.engine.command.Arguments;
import org.jkd.engine.command.CommandException;
import org.jkd.engine.command.Result;
import org.jkd.engine.render.Hex;
import org.jkd.engine.render.Text;
import org.jkd.image.Cancellation;
import org.jkd.objects.Structure;
import org.jkd.target.KernelProcess;

/**
 * {@code !vad [Root]}: what the addresses of a process are used for. The tree has had three forms:
 * nodes that are descriptors (Windows XP), the same below a table (to Windows 7), and balanced
 * nodes within descriptors (from Windows 8 on).
 */
public final class VadCommand extends SystemCommand {
  private static final int MAX = 1 << 18;
  private static final int MAX_DEPTH = 128;

  private static final String[] PROTECTION = {
    "NO_ACCESS",
    "READONLY",
    "EXECUTE",
    "EXECUTE_READ",
    "READWRITE",
    "WRITECOPY",
    "EXECUTE_READWRITE",
    "EXECUTE_WRITECOPY"
  };

  /** VadType of images that are mapped as such (MI_VAD_TYPE). */
  private static final int IMAGE = 2;

  @Override
  Result run(Arguments arguments, Nt nt) {
    long root;
    if (arguments.atEnd()) {
      root = root(nt);
    } else {
      root = nt.arch().address(arguments.expression());
      if (!arguments.atEnd()) {
        arguments.expression(); // flags: whether it is the root; the walk starts there anyway
      }
      arguments.end();
      root = root == 0 ? root(nt) : root;
    }
    Tree tree = new Tree(nt);
    tree.walk(root);
    List<String> lines = new ArrayList<>();
    int width = nt.pointerSize() * 2;
    lines.add(Text.left("VAD", width) + "level      start      end    commit");
    long levels = 0;
    int deepest = 0;
    for (Vad vad : tree.vads) {
      lines.add(vad.line(nt));
      levels += vad.level();
      deepest = Math.max(deepest, vad.level());
    }
    tree.problem.ifPresent(lines::add);
    lines.add("");
    lines.add(
        "Total VADs: "
            + tree.vads.size()
            + ", average level: "
            + (tree.vads.isEmpty() ? 0 : levels / tree.vads.size())
            + ", maximum depth: "
            + deepest);
    return new Answer(
        lines,
        o ->
            o.objects(
                "vads",
                tree.vads,
                (j, v) -> {
                  j.address("vad", v.address()).address("start", v.start() << 12);
                  j.address("end", (v.end() << 12) + 0xfff).flag("private", v.isPrivate());
                  j.text("protection", v.protection()).optional("file", v.file());
                }));
  }

  private static long root(Nt nt) {
    KernelProcess process =
        nt.session()
            .process()
            .orElseThrow(() -> new CommandException("Unable to get current process"));
    return nt.at("_EPROCESS", process.address())
        .number("VadRoot.BalancedRoot.RightChild", "VadRoot.Root", "VadRoot")
        .orElseThrow(() ->
            new CommandException(
                "Unable to read the root of the tree of process " + nt.hex(process.address())));
  }

  /**
   * A range of addresses.
   *
   * @param start number of the first page
   * @param end number of the last page
   * @param commit pages that are charged
   */
  record Vad(
      long address,
      int level,
      long start,
      long end,
      OptionalLong commit,
      boolean isPrivate,
      boolean isImage,
      String protection,
      String file) {
    String line(Nt nt) {
      return (nt.hex(address)
              + " ("
              + Text.right(Integer.toString(level), 2)
              + ") "
              + Hex.right(start, 10)
              + " "
              + Hex.right(end, 8)
              + " "
              + Text.right(Nt.decimal(commit), 9)
              + (isPrivate ? " Private      " : isImage ? " Mapped  Exe  " : " Mapped       ")
              + Text.left(protection, 18)
              + file)
          .stripTrailing();
    }
  }

  private static final class Tree {
    private final Nt nt;
    private final String type;
    private final boolean isNewest;
    private final List<Vad> vads = new ArrayList<>();
    private final Set<Long> seen = new HashSet<>();
    private Optional<String> problem = Optional.empty();

    Tree(Nt nt) {
      this.nt = nt;
      this.isNewest = nt.structures().offset("_MMVAD_SHORT", "VadNode").isPresent();
      this.type = isNewest ? "_MMVAD_SHORT" : "_MMVAD";
      nt.structures().needed(type, "StartingVpn");
    }

    private record Step(long address, int level, boolean expanded) {}

    /** In the order of addresses, without recursion: the depth comes from the dump. */
    void walk(long root) {
      Deque<Step> open = new ArrayDeque<>();
      push(open, root, 0);
      while (!open.isEmpty() && vads.size() < MAX) {
        Cancellation.check();
        Step step = open.pop();
        Structure vad = nt.at(type, step.address());
        if (step.expanded()) {
          add(vad, step.level());
          continue;
        }
        push(open, child(vad, "RightChild", "VadNode.Right"), step.level() + 1);
        open.push(new Step(step.address(), step.level(), true));
        push(open, child(vad, "LeftChild", "VadNode.Left"), step.level() + 1);
      }
    }

    private long child(Structure vad, String... paths) {
      OptionalLong child = vad.number(paths[0], paths[1]);
      if (child.isEmpty()) {
        note(
            "the node at "
                + nt.hex(vad.address())
                + " cannot be read: "
                + nt.memory().memory().whyUnreadable(vad.address()).text());
      }
      return child.orElse(0) & (isNewest ? ~7L : -1);
    }

    private void push(Deque<Step> open, long address, int level) {
      if (address == 0) {
        return;
      }
      if (!nt.isSystem(address)) {
        note(nt.hex(address) + " is no address of a node");
      } else if (!seen.add(address)) {
        note(nt.hex(address) + " is reached twice (a cycle)");
      } else if (level > MAX_DEPTH) {
        note("it is deeper than " + MAX_DEPTH + " levels at " + nt.hex(address));
      } else {
        open.push(new Step(address, level, false));
      }
    }

    private void note(String what) {
      if (problem.isEmpty()) {
        problem = Optional.of("*** The tree is damaged: " + what);
      }
    }

    private void add(Structure vad, int level) {
      OptionalLong start = vad.number("StartingVpn");
      OptionalLong end = vad.number("EndingVpn");
      if (start.isEmpty() || end.isEmpty()) {
        return;
      }
      long high = vad.number("StartingVpnHigh").orElse(0) << 32;
      long endHigh = vad.number("EndingVpnHigh").orElse(0) << 32;
      boolean isPrivate = vad.number("u.VadFlags.PrivateMemory").orElse(0) == 1;
      long type = vad.number("u.VadFlags.VadType").orElse(0);
      boolean oldImage = vad.number("u.VadFlags.ImageMap").orElse(0) == 1;
      int protection = (int) vad.number("u.VadFlags.Protection").orElse(0) & 7;
      vads.add(
          new Vad(
              vad.address(),
              level,
              start.getAsLong() | high,
              end.getAsLong() | endHigh,
              vad.number("u.VadFlags.CommitCharge", "u1.VadFlags1.CommitCharge"),
              isPrivate,
              !isPrivate && (type == IMAGE || oldImage),
              PROTECTION[protection],
              isPrivate ? "" : file(vad.address())));
    }

    /** The file behind a mapping: by its control area, directly or over the subsection. */
    private String file(long address) {
      if (!nt.knows("_MMVAD") || !nt.knows("_FILE_OBJECT") || !nt.knows("_CONTROL_AREA")) {
        return "";
      }
      Structure vad = nt.at("_MMVAD", address);
      OptionalLong area = vad.number("ControlArea");
      OptionalLong subsection = vad.number("Subsection");
      if (area.isEmpty() && subsection.orElse(0) != 0 && nt.knows("_SUBSECTION")) {
        area = nt.at("_SUBSECTION", subsection.getAsLong()).number("ControlArea");
      }
      if (!nt.isSystem(area.orElse(0))) {
        return "";
      }
      long pointer = nt.at("_CONTROL_AREA", area.getAsLong()).number("FilePointer").orElse(0);
      long file = pointer & (nt.isX86() ? ~7L : ~15L);
      return nt.isSystem(file) ? nt.at("_FILE_OBJECT", file).text("FileName") : "";
    }
  }
}
