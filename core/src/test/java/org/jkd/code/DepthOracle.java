// SPDX-License-Identifier: Apache-2.0
package org.jkd.code;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jkd.cpu.Arch;
import org.jkd.cpu.Register;
import org.jkd.image.Bytes;
import org.jkd.image.Memory;
import org.jkd.image.Unreadable;
import org.jkd.pdb.Pdb;
import org.jkd.pe.PeImage;
import org.jkd.pe.RuntimeFunctions;
import org.jkd.symbols.ModuleSymbols;
import org.jkd.symbols.PdbSymbols;
import org.jkd.symbols.Symbol;
import org.jkd.symbols.UnwindRecords;
import org.jspecify.annotations.Nullable;

/**
 * Compares the stack depth that code says with what the compiler wrote down about it: FPO and
 * FrameData records of PDBs on x86, unwind codes on x64. The records are the judge only: the
 * analysis sees the image and nothing else.
 */
final class DepthOracle {
  /** Memory of which nothing is there. */
  static final class NoMemory implements Memory {
    @Override
    public int read(long address, byte[] target, int at, int length) {
      return 0;
    }

    @Override
    public Unreadable whyUnreadable(long address) {
      return new Unreadable.NoBlock();
    }
  }

  /**
   * One image's figures; {@code complaints} name the places that do not agree. A record of kind
   * .raSearch says from where on the return address is to be searched, so it is a lower bound;
   * {@code above} counts the places where the depth lies above it by other bytes than the arguments
   * that are seen being pushed: arguments of earlier calls that wait to be freed, mostly.
   */
  static final class Score {
    final String name;
    int agree;
    int differ;
    int above;
    int unknown;
    int unjudged;
    final List<String> complaints = new ArrayList<>();

    Score(String name) {
      this.name = name;
    }

    void add(Score other) {
      agree += other.agree;
      differ += other.differ;
      above += other.above;
      unknown += other.unknown;
      unjudged += other.unjudged;
      complaints.addAll(other.complaints);
    }

    int judged() {
      return agree + above + differ + unknown;
    }

    @Override
    public String toString() {
      return "%-28s agree %6d  above %4d  differ %4d  unknown %4d  (%.2f %%)  not judged %d"
          .formatted(
              name, agree, above, differ, unknown, 100.0 * agree / Math.max(1, judged()), unjudged);
    }
  }

  private final CodeImage image;
  private final CodeSpace space;
  private final Score score;

  /** Where the procedure that is judged starts, and where its prologue ends. */
  private long start;

  private long bodyStart;
  private final NavigableMap<Long, UnwindRecords.FrameData> byRva = new TreeMap<>();

  private DepthOracle(Path file) throws IOException {
    PeImage pe = PeImage.ofFile(Bytes.map(file));
    Arch arch = pe.is64() ? Arch.X64 : Arch.X86;
    this.image =
        new CodeImage(
            file.getFileName().toString(),
            arch,
            pe.imageBase(),
            0,
            new NoMemory(),
            Optional.of(pe),
            Optional.empty());
    this.space = new CodeSpace(arch, new NoMemory(), List.of(image));
    this.score = new Score(image.name());
  }

  /** Judges every call of every procedure of an x86 image by its PDB. */
  static Score x86(Path imageFile, Path pdbFile) throws IOException {
    DepthOracle oracle = new DepthOracle(imageFile);
    ModuleSymbols symbols = new PdbSymbols(Pdb.open(Bytes.map(pdbFile)), pdbFile, false);
    for (Symbol s : symbols.matching(n -> true)) {
      long start = oracle.image.base() + s.rva();
      boolean code = s.kind() == Symbol.Kind.PROCEDURE || s.kind() == Symbol.Kind.PUBLIC_CODE;
      if (!code || !oracle.image.isExecutable(start)) {
        continue;
      }
      long size = s.size() != 0 ? s.size() : oracle.sizeByRecords(symbols.unwindRecords(), s.rva());
      long end = start + size;
      long at = start;
      // A straight sweep finds the calls without help of the flow that is judged.
      while (at < end) {
        Op op = oracle.space.op(oracle.image, at);
        if (op == null) {
          break;
        }
        if (op.isCall() && !op.isCallOfNext()) {
          oracle.start = start;
          oracle.judge(s.name(), op, symbols.unwindRecords());
        }
        at = op.next();
      }
    }
    return oracle.score;
  }

  private long sizeByRecords(UnwindRecords records, long rva) {
    long size = 0;
    for (UnwindRecords.FrameData d : records.frameData(rva).stream().toList()) {
      size = d.rva() == rva ? d.size() : 0;
    }
    Optional<UnwindRecords.Fpo> fpo = records.fpo(rva);
    return fpo.isPresent() && fpo.get().rva() == rva ? Math.max(size, fpo.get().size()) : size;
  }

  private void judge(String name, Op call, UnwindRecords records) {
    long rva = call.address - image.base();
    Optional<CallSite> site =
        space.functionAt(call.address).flatMap(f -> f.siteReturningTo(call.next()));
    StackState state = site.map(CallSite::state).orElse(null);
    String where = name + "+" + Long.toHexString(call.address);
    Optional<UnwindRecords.FrameData> data = records.frameData(rva);
    if (data.isPresent() && rva - data.get().rva() < data.get().prolog()) {
      // Inside the prologue, for instance at a call of its helper, the record does not hold yet.
      score.unjudged++;
      return;
    }
    if (data.isPresent()) {
      bodyStart = image.base() + data.get().rva() + data.get().prolog();
      String program = data.get().program();
      long own = data.get().locals() + data.get().savedRegs();
      if (program.contains("@")) {
        judgeFrame(where, state, program.startsWith("$T0 $ebx =") ? Register.RBX : Register.RBP, 0);
      } else if (program.contains(".raSearchStart")) {
        // Funclets of SEH: the dispatcher calls them, and the record gives their parent's sizes.
        score.unjudged++;
      } else if (program.contains(".raSearch")) {
        judgeSearch(where, state, own, call, records);
      } else if (program.contains("$T1 $ebx =")) {
        // ebp is a frame of its own below an aligned stack pointer, ebx leads to the caller.
        judgeFrame(where, state, Register.RBX, 0);
      } else if (program.startsWith("$T0 $ebp ")) {
        judgeFrame(where, state, Register.RBP, frameBias(program));
      } else {
        score.unjudged++;
      }
      return;
    }
    Optional<UnwindRecords.Fpo> fpo = records.fpo(rva);
    bodyStart = fpo.isEmpty() ? start : image.base() + fpo.get().rva() + fpo.get().prolog();
    if (fpo.isEmpty() || rva - fpo.get().rva() < fpo.get().prolog()) {
      score.unjudged++;
    } else if (fpo.get().frame() == 3) {
      judgeFrame(where, state, Register.RBP, 0);
    } else if (fpo.get().frame() == 0) {
      judgeSearch(where, state, fpo.get().locals() + 4L * fpo.get().savedRegs(), call, records);
    } else {
      score.unjudged++;
    }
  }

  /** The number in {@code $T0 $ebp N + =}: frames that ebp points into from below. */
  private static int frameBias(String program) {
    String[] words = program.split(" +", 6);
    boolean biased = words.length > 4 && words[3].equals("+") && words[4].startsWith("=");
    int bias = biased ? Integer.parseInt(words[2]) : 0;
    // Two dialects: $T0 is where ebp was saved, or it is the slot of the return address itself.
    return program.contains("$eip $T0 ^") ? bias - 4 : bias;
  }

  /**
   * The record says that a register, plus some bytes, points to its saved value right below the
   * return address.
   */
  private void judgeFrame(String where, @Nullable StackState state, Register register, int bias) {
    if (state == null) {
      unknown(where + " is in no flow");
      return;
    }
    OptionalInt offset = state.frameOffset(register);
    if (offset.isEmpty()) {
      unknown(where + " knows no frame register");
    } else if (offset.getAsInt() == -4 - bias) {
      score.agree++;
    } else {
      differ(where + " has " + register + " at " + offset.getAsInt());
    }
  }

  /** The record says how many bytes lie between the arguments of the call and the slot. */
  private void judgeSearch(
      String where, @Nullable StackState state, long own, Op call, UnwindRecords records) {
    if (state == null) {
      unknown(where + " is in no flow");
      return;
    }
    if (!(state.depth() instanceof Depth.Exact exact)) {
      unknown(where + " has " + state.depth());
      return;
    }
    long arguments = pushedBefore(call);
    long parameters = parameters(call, records);
    boolean agrees = false;
    // Records follow each other by address, not by flow: a block that was moved behind the epilogue
    // has the frame of one of the other records of its procedure.
    for (UnwindRecords.FrameData d :
        recordsByRva(records)
            .subMap(start - image.base(), call.address - image.base() + 1)
            .values()) {
      agrees |= fits(exact.bytes() - d.locals() - d.savedRegs(), arguments, parameters);
    }
    if (agrees || fits(exact.bytes() - own, arguments, parameters)) {
      score.agree++;
    } else if (exact.bytes() > own) {
      score.above++;
    } else {
      differ(where + " is " + exact.bytes() + ", the record has " + own);
    }
  }

  private static boolean fits(long pushed, long arguments, long parameters) {
    return pushed == 0 || pushed == arguments || pushed == parameters;
  }

  private NavigableMap<Long, UnwindRecords.FrameData> recordsByRva(UnwindRecords records) {
    if (byRva.isEmpty()) {
      records.allFrameData().forEach(d -> byRva.put(d.rva(), d));
    }
    return byRva;
  }

  /** Bytes of parameters that the called function has by its own record. */
  private long parameters(Op call, UnwindRecords records) {
    if (call.kind != Op.Kind.CALL) {
      return -1;
    }
    long rva = call.target - image.base();
    Optional<UnwindRecords.FrameData> data = records.frameData(rva);
    return data.isPresent()
        ? data.get().params()
        : records.fpo(rva).map(f -> (long) f.params()).orElse(-1L);
  }

  /** Bytes pushed since the last jump, return or other change of the stack pointer. */
  private long pushedBefore(Op call) {
    List<Op> before = new ArrayList<>();
    long at = bodyStart;
    while (at < call.address) {
      Op op = space.op(image, at);
      if (op == null) {
        break;
      }
      before.add(op);
      at = op.next();
    }
    long pushed = 0;
    for (Op op : before.reversed()) {
      switch (op.kind) {
        case PUSH, PUSH_IMM, PUSH_MEMORY, PUSH_OTHER -> pushed += op.size;
        case POP, POP_OTHER -> pushed -= op.size;
        case CALL, CALL_MEMORY, CALL_REGISTER, JUMP, BRANCH, RETURN, JUMP_MEMORY, JUMP_REGISTER -> {
          return pushed;
        }
        case ADD -> {
          if (op.dst == Op.SP) {
            return pushed;
          }
        }
        case SUB -> {
          if (op.dst == Op.SP) {
            // Room for an argument that is stored, for instance a floating-point number.
            pushed += op.imm;
          }
        }
        default -> {}
      }
    }
    return pushed;
  }

  private void unknown(String text) {
    score.unknown++;
    score.complaints.add(text);
  }

  private void differ(String text) {
    score.differ++;
    score.complaints.add(text);
  }

  /** Judges the data flow at every call of an x64 image by the unwind codes. */
  static Score x64(Path imageFile) throws IOException {
    DepthOracle oracle = new DepthOracle(imageFile);
    RuntimeFunctions table = oracle.image.headers().orElseThrow().runtimeFunctions();
    for (int i = 0; i < table.count(); i++) {
      RuntimeFunctions.Entry entry = table.entry(i);
      long at = oracle.image.base() + entry.begin();
      long end = oracle.image.base() + entry.end();
      while (at < end) {
        Op op = oracle.space.op(oracle.image, at);
        if (op == null) {
          break;
        }
        if (op.isCall() && !op.isCallOfNext()) {
          oracle.judge(op, table);
        }
        at = op.next();
      }
    }
    return oracle.score;
  }

  private void judge(Op call, RuntimeFunctions table) {
    String where = Long.toHexString(call.address - image.base());
    Optional<UnwindDepth.Frame> frame = UnwindDepth.at(table, call.address - image.base());
    if (frame.isEmpty() || frame.get().depth() < 0) {
      score.unjudged++;
      return;
    }
    State state = space.functionAt(call.address).map(f -> f.rawState(call.address)).orElse(null);
    if (state == null) {
      unknown(where + " is in no flow");
      return;
    }
    if (frame.get().frameRegister() >= 0) {
      long held = state.regs[frame.get().frameRegister()];
      int expected = -frame.get().frameOffset();
      if (!Value.isStack(held)) {
        unknown(where + " does not know its frame register");
      } else if (Value.payload(held) == expected) {
        score.agree++;
      } else {
        differ(where + " has its frame at " + Value.payload(held) + ", not " + expected);
      }
      return;
    }
    if (!state.spKnown()) {
      unknown(where + " does not know its depth");
    } else if (-Value.payload(state.sp()) == frame.get().depth()) {
      score.agree++;
    } else {
      differ(where + " is " + -Value.payload(state.sp()) + ", not " + frame.get().depth());
    }
  }
}
