// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.jkd.symbols.SymbolServer.bytes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several processes with one cache, one of which may die at any time. */
@Timeout(120)
class SharedCacheTest {
  private static final String PLACE = "driver.pdb/33221100554477668899AABBCCDDEEFF3/driver.pdb";

  @TempDir Path cache;
  private SymbolServer server;

  @BeforeEach
  void start() throws IOException {
    server = new SymbolServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Process client() throws IOException {
    String classes =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            classes,
            SymbolClient.class.getName(),
            "srv*" + cache + "*" + server.url())
        .redirectErrorStream(true)
        .start();
  }

  private static String output(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private void assertCacheIsGood() throws IOException {
    assertThat(cache.resolve(PLACE)).hasBinaryContent(SymbolServerTest.pdb(3));
    try (Stream<Path> files = Files.walk(cache)) {
      assertThat(files.filter(Files::isRegularFile)).containsExactly(cache.resolve(PLACE));
    }
  }

  @Test
  void twoProcessesFetchTheSameFileAtOnce() throws IOException {
    CyclicBarrier both = new CyclicBarrier(2);
    server.at(
        PLACE,
        exchange -> {
          try {
            both.await(); // neither has the file before both have asked for it
          } catch (BrokenBarrierException e) {
            throw new IOException(e);
          }
          bytes(SymbolServerTest.pdb(3)).answer(exchange);
        });
    Process one = client();
    Process other = client();
    assertThat(List.of(output(one), output(other))).containsExactly("at 11010", "at 11010");
    assertCacheIsGood();
  }

  @Test
  void aProcessIsKilledInTheMiddleOfADownload() throws Exception {
    byte[] pdb = SymbolServerTest.pdb(3);
    CountDownLatch half = new CountDownLatch(1);
    CountDownLatch killed = new CountDownLatch(1);
    server.at(
        PLACE,
        exchange -> {
          exchange.sendResponseHeaders(200, pdb.length);
          exchange.getResponseBody().write(pdb, 0, pdb.length / 2);
          exchange.getResponseBody().flush();
          while (begun() < pdb.length / 2) {
            Thread.onSpinWait();
          }
          half.countDown();
          killed.await();
        });
    Process victim = client();
    half.await();
    victim.destroyForcibly().waitFor();
    killed.countDown();
    assertThat(cache.resolve(PLACE)).doesNotExist();
    server.at(PLACE, SymbolServer.breaking(pdb, pdb.length));
    assertThat(output(client())).isEqualTo("at 11010");
    assertThat(server.requests()).contains("/symbols/" + PLACE + " bytes=" + pdb.length / 2 + "-");
    assertCacheIsGood();
  }

  /** Bytes of the download that is going on. */
  private long begun() throws IOException {
    try (DirectoryStream<Path> parts =
        Files.newDirectoryStream(cache.resolve("000jkd"), "*.part")) {
      long size = 0;
      for (Path part : parts) {
        size += Files.size(part);
      }
      return size;
    }
  }
}
