// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Writes the body of an answer into a file while it comes, and knows when something came last. The
 * bodies of answers that are no file are dropped, and cut off when they are long.
 */
final class Receiver implements HttpResponse.BodySubscriber<Long> {
  private static final long MAX_DROPPED = 1 << 16;

  private final FileChannel channel;
  private final StoreSettings settings;
  private final String name;
  private final CompletableFuture<Long> body = new CompletableFuture<>();
  private volatile boolean keeps;
  private boolean badRange;
  private boolean tooLarge;
  private long total = -1;
  private long limit = MAX_DROPPED;
  private long received;
  private long at;
  private volatile long lastHeard = System.nanoTime();
  private volatile @Nullable IOException failure;
  private volatile Flow.@Nullable Subscription subscription;
  private boolean stopped;

  Receiver(FileChannel channel, StoreSettings settings, String name) {
    this.channel = channel;
    this.settings = settings;
    this.name = name;
  }

  /** Looks at the head of the answer, which decides what is done with its body. */
  HttpResponse.BodySubscriber<Long> expect(HttpResponse.ResponseInfo info, long from) {
    lastHeard = System.nanoTime();
    long length = info.headers().firstValueAsLong("content-length").orElse(-1);
    keeps = info.statusCode() == 200 || info.statusCode() == 206;
    if (info.statusCode() == 206) {
      String range = info.headers().firstValue("content-range").orElse("");
      badRange = Download.rangeStart(range).orElse(-1) != from;
      at = from;
    }
    if (keeps && !badRange) {
      limit = settings.maxBytes() - at;
      total = length < 0 ? -1 : at + length;
    } else {
      keeps = false;
    }
    return this;
  }

  /** True when the server has begun to send the file. */
  boolean answered() {
    return keeps;
  }

  long lastHeard() {
    return lastHeard;
  }

  /** What went wrong in writing to the file; null when nothing did. */
  @Nullable IOException failure() {
    return failure;
  }

  boolean badRange() {
    return badRange;
  }

  boolean tooLarge() {
    return tooLarge;
  }

  @Override
  public CompletionStage<Long> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    subscription = s;
    if (keeps) {
      try {
        synchronized (this) {
          if (!stopped) {
            channel.truncate(at);
          }
        }
      } catch (IOException e) {
        fail(s, e);
        return;
      }
    }
    s.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    lastHeard = System.nanoTime();
    Flow.Subscription s = subscription;
    if (s == null) {
      return;
    }
    for (ByteBuffer b : buffers) {
      received += b.remaining();
      if (received > limit) {
        tooLarge = keeps;
        s.cancel();
        body.complete(received);
        return;
      }
      try {
        write(b);
      } catch (IOException e) {
        fail(s, e);
        return;
      }
    }
    if (keeps) {
      settings.progress().at(name, at, total);
    }
    s.request(1);
  }

  /** Not after {@link #stop}: the file may belong to the next try by then. */
  private synchronized void write(ByteBuffer b) throws IOException {
    while (keeps && !stopped && b.hasRemaining()) {
      at += channel.write(b, at);
    }
  }

  /** Writes nothing any more. */
  synchronized void stop() {
    stopped = true;
    Flow.Subscription s = subscription;
    if (s != null) {
      s.cancel();
    }
  }

  private void fail(Flow.Subscription s, IOException e) {
    failure = e;
    s.cancel();
    body.completeExceptionally(e);
  }

  @Override
  public void onError(Throwable e) {
    body.completeExceptionally(e);
  }

  @Override
  public void onComplete() {
    body.complete(received);
  }
}
