// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.isf;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jkd.image.FormatException;
import org.jkd.symbols.SymbolFormat;
import org.tukaani.xz.XZInputStream;
import tools.jackson.core.JacksonException;

/** Opens {@code .json} and {@code .json.xz} files of Volatility 3. */
public final class IsfFormat implements SymbolFormat {
  /** What the decoder of xz may take; files made with the highest preset need 65 MB. */
  private static final int MAX_DECODER_KB = 160 * 1024;

  /** The largest symbol tables of kernels have some 20 MB. */
  private static final long MAX_TEXT = 256L << 20;

  @Override
  public String name() {
    return "ISF";
  }

  @Override
  public String fileName(String guid, long age) {
    return guid + "-" + age + ".json.xz";
  }

  @Override
  public boolean accepts(String fileName) {
    String f = fileName.toLowerCase(Locale.ROOT);
    return f.endsWith(".json.xz") || f.endsWith(".json");
  }

  @Override
  public Opened open(Path file) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        InputStream text =
            new LimitedStream(
                file.toString().toLowerCase(Locale.ROOT).endsWith(".xz")
                    ? new XZInputStream(raw, MAX_DECODER_KB)
                    : raw,
                MAX_TEXT)) {
      return new IsfReader(file).read(text);
    } catch (JacksonException e) {
      throw new FormatException("ISF file " + file.getFileName(), -1, e.getOriginalMessage());
    }
  }

  /** Ends with an error instead of unpacking without end. */
  private static final class LimitedStream extends InputStream {
    private final InputStream from;
    private long left;

    LimitedStream(InputStream from, long limit) {
      this.from = from;
      this.left = limit;
    }

    private int counted(int n) throws IOException {
      left -= Math.max(0, n);
      if (left < 0) {
        throw new IOException("more than " + MAX_TEXT + " bytes of text");
      }
      return n;
    }

    @Override
    public int read() throws IOException {
      int b = from.read();
      counted(b < 0 ? 0 : 1);
      return b;
    }

    @Override
    public int read(byte[] target, int at, int length) throws IOException {
      return counted(from.read(target, at, length));
    }

    @Override
    public void close() throws IOException {
      from.close();
    }
  }
}
