// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jkd.image.Cancellation;
import org.jkd.image.CancelledException;
import org.jspecify.annotations.Nullable;

/**
 * Fetches one URL into a file. It follows redirects, never from {@code https} to {@code http} or
 * out of the web; tries again after a pause when the server or the connection fails, going on where
 * it stopped if the server can; and gives up when nothing comes for a while. What a file's
 * validator (ETag) is does not matter here: whether the right file came is seen in the file.
 */
final class Download {
  private static final int MAX_REDIRECTS = 10;
  private static final Duration MAX_PAUSE = Duration.ofSeconds(10);
  private static final Duration TICK = Duration.ofMillis(50);
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> ABSENT = Set.of(401, 403, 404, 410);
  private static final Set<Integer> GONE = Set.of(404, 410);
  private static final Set<Integer> TEMPORARY = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final int RANGE_REFUSED = 416;

  private final HttpClient client;
  private final StoreSettings settings;

  /** How a request ended. */
  sealed interface Outcome {
    /** The file is there. */
    record Got() implements Outcome {}

    /**
     * The server answers, and gives no such file.
     *
     * @param certain false when another user, or another day, might get it
     */
    record Absent(String why, boolean certain) implements Outcome {}

    /**
     * There is no answer, or none that makes sense.
     *
     * @param serverDown true when the next file will fare no better
     */
    record Failed(String why, boolean serverDown) implements Outcome {}
  }

  Download(StoreSettings settings) {
    this.settings = settings;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connect())
            .executor(Executors.newVirtualThreadPerTaskExecutor());
    settings.proxy().ifPresent(p -> builder.proxy(ProxySelector.of(resolved(p))));
    this.client = builder.build();
  }

  private static InetSocketAddress resolved(InetSocketAddress p) {
    return new InetSocketAddress(p.getHostString(), p.getPort());
  }

  /** What one try came to: an end, or a reason to try again. */
  private record Try(@Nullable Outcome outcome, String why, boolean answered, Duration pause) {
    static Try end(Outcome outcome) {
      return new Try(outcome, "", true, Duration.ZERO);
    }

    static Try again(String why, boolean answered) {
      return new Try(null, why, answered, Duration.ZERO);
    }
  }

  /**
   * Fetches.
   *
   * @param name of the file, for those who watch
   * @param channel gets the bytes; what it holds is the beginning of the file from before
   * @throws CancelledException if the thread is interrupted; what has come stays in the file
   */
  Outcome fetch(URI url, String name, FileChannel channel) {
    long deadline = System.nanoTime() + settings.total().toNanos();
    try {
      String why = "";
      boolean answered = false;
      int tries = 0;
      for (int i = 0; i < settings.tries(); i++) {
        if (i > 0) {
          Duration doubled = settings.backOff().multipliedBy(1L << Math.min(i - 1, 10));
          pause(doubled);
        }
        Cancellation.check();
        tries++;
        Try once = once(url, name, channel, deadline);
        if (once.outcome != null) {
          return once.outcome;
        }
        why = once.why;
        answered |= once.answered;
        if (System.nanoTime() - deadline >= 0) {
          break;
        }
        pause(once.pause);
      }
      return new Outcome.Failed(why + (tries == 1 ? "" : ", tried " + tries + " times"), !answered);
    } catch (IOException e) {
      Cancellation.check();
      drop(channel); // a full disk is no place for half a file
      return new Outcome.Failed("cannot be stored: " + StoreText.reason(e), false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      CancelledException cancelled = new CancelledException();
      cancelled.initCause(e);
      throw cancelled;
    } finally {
      settings.progress().at(name, -1, -1);
    }
  }

  private static void drop(FileChannel channel) {
    try {
      channel.truncate(0);
    } catch (IOException e) {
      return; // it could not be written either
    }
  }

  /** Waits, unless interrupted. */
  private static void pause(Duration time) throws InterruptedException {
    new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  private Try once(URI start, String name, FileChannel channel, long deadline)
      throws IOException, InterruptedException {
    URI url = start;
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      long before = channel.size();
      Receiver receiver = new Receiver(channel, settings, name);
      HttpResponse<Long> response;
      try {
        response = send(url, before, receiver, deadline);
      } catch (HttpTimeoutException e) {
        return Try.again(StoreText.reason(e), receiver.answered());
      } catch (IOException e) {
        @Nullable IOException failure = receiver.failure();
        if (failure != null) {
          throw failure;
        }
        return Try.again(StoreText.reason(e), receiver.answered());
      }
      int status = response.statusCode();
      if (!REDIRECTS.contains(status)) {
        return judged(response, receiver, channel, before);
      }
      String target = response.headers().firstValue("location").orElse("");
      URI next;
      try {
        next = url.resolve(target);
      } catch (IllegalArgumentException e) {
        return failed("redirects to '" + StoreText.oneLine(target) + "', which is no address");
      }
      String refusal = redirectRefusal(url, next);
      if (target.isEmpty() || !refusal.isEmpty()) {
        return failed("redirects to " + StoreText.oneLine(next.toString()) + refusal);
      }
      url = next;
    }
    return failed("redirects more than " + MAX_REDIRECTS + " times");
  }

  private static Try failed(String why) {
    return Try.end(new Outcome.Failed(why, false));
  }

  /** Why one may not go from one address to another; empty when one may. */
  static String redirectRefusal(URI from, URI to) {
    String scheme = String.valueOf(to.getScheme());
    boolean secure = scheme.equalsIgnoreCase("https");
    if (!secure && !scheme.equalsIgnoreCase("http") || to.getHost() == null) {
      return ", which is no web address";
    }
    return !secure && "https".equalsIgnoreCase(from.getScheme())
        ? ", which would give up encryption"
        : "";
  }

  private Try judged(
      HttpResponse<Long> response, Receiver receiver, FileChannel channel, long before)
      throws IOException {
    int status = response.statusCode();
    if (status == 200 || status == 206) {
      if (receiver.tooLarge()) {
        channel.truncate(0);
        return failed("sends more than " + settings.maxBytes() + " bytes");
      }
      if (receiver.badRange()) {
        channel.truncate(0);
        return Try.again("sends another part than was asked for", true);
      }
      return Try.end(new Outcome.Got());
    }
    if (status == RANGE_REFUSED && before > 0) {
      channel.truncate(0);
      return Try.again("HTTP 416", true);
    }
    if (ABSENT.contains(status)) {
      return Try.end(new Outcome.Absent("HTTP " + status, GONE.contains(status)));
    }
    if (TEMPORARY.contains(status)) {
      return new Try(null, "HTTP " + status, false, pause(response));
    }
    return failed("HTTP " + status);
  }

  private static Duration pause(HttpResponse<?> response) {
    String after = response.headers().firstValue("retry-after").orElse("");
    boolean seconds = !after.isEmpty() && after.length() < 5;
    for (int i = 0; i < after.length(); i++) {
      seconds &= after.charAt(i) >= '0' && after.charAt(i) <= '9';
    }
    Duration pause = seconds ? Duration.ofSeconds(Integer.parseInt(after)) : Duration.ZERO;
    return pause.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : pause;
  }

  private HttpResponse<Long> send(URI url, long from, Receiver receiver, long deadline)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url).header("User-Agent", "Microsoft-Symbol-Server/10.0.0.0 (jkd)");
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    CompletableFuture<HttpResponse<Long>> future =
        client.sendAsync(request.build(), info -> receiver.expect(info, from));
    while (true) {
      long quiet = System.nanoTime() - receiver.lastHeard();
      boolean late = System.nanoTime() - deadline >= 0;
      if (quiet >= settings.stall().toNanos() || late) {
        future.cancel(true);
        receiver.stop();
        throw new HttpTimeoutException(
            late
                ? "not done within " + StoreText.time(settings.total())
                : "nothing came for " + StoreText.time(settings.stall()));
      }
      try {
        return future.get(TICK.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        continue;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException io) {
          throw io;
        }
        throw new IOException(StoreText.reason(e), e);
      } catch (InterruptedException e) {
        future.cancel(true);
        receiver.stop();
        throw e;
      }
    }
  }

  /** The place at which a Content-Range begins. */
  static OptionalLong rangeStart(String contentRange) {
    String prefix = "bytes ";
    int dash = contentRange.indexOf('-');
    if (!contentRange.startsWith(prefix) || dash < 0) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(contentRange.substring(prefix.length(), dash).strip()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
