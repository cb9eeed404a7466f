// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A symbol server on this machine, with all the manners that servers have. */
final class SymbolServer implements AutoCloseable {
  /** Answers a request. */
  interface Page {
    void answer(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Page> pages = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile Page otherwise = status(404);

  SymbolServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getRawPath();
          String range = exchange.getRequestHeaders().getFirst("Range");
          requests.add(path + (range == null ? "" : " " + range));
          try {
            pages.getOrDefault(path, otherwise).answer(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            exchange.close();
          }
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/symbols";
  }

  /** Puts a page below the root. */
  SymbolServer at(String path, Page page) {
    pages.put("/symbols/" + path, page);
    return this;
  }

  /** Answers everything else in this way. */
  void otherwise(Page page) {
    otherwise = page;
  }

  /** The paths that were asked for, with the ranges. */
  List<String> requests() {
    return requests;
  }

  static Page bytes(byte[] content) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(content);
      }
    };
  }

  static Page status(int code) {
    return exchange -> exchange.sendResponseHeaders(code, -1);
  }

  static Page redirect(int code, String target) {
    return exchange -> {
      exchange.getResponseHeaders().add("Location", target);
      exchange.sendResponseHeaders(code, -1);
    };
  }

  /** Sends a part of what it promises and falls silent until the test ends. */
  Page stalling(byte[] content, int sent) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, sent);
      exchange.getResponseBody().flush();
      end.await();
    };
  }

  /** Says nothing at all until the test ends. */
  Page silent() {
    return exchange -> end.await();
  }

  /**
   * Breaks off after some bytes each time; understands ranges.
   *
   * @param sent bytes per answer
   */
  static Page breaking(byte[] content, int sent) {
    return exchange -> {
      String range = exchange.getRequestHeaders().getFirst("Range");
      int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
      int left = content.length - from;
      if (range != null) {
        exchange
            .getResponseHeaders()
            .add("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/*");
      }
      exchange.sendResponseHeaders(range == null ? 200 : 206, left);
      exchange.getResponseBody().write(content, from, Math.min(left, sent));
      exchange.getResponseBody().flush();
      if (left > sent) {
        throw new IOException("breaks off");
      }
    };
  }

  @Override
  public void close() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
