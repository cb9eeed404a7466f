// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class RedirectTest {
  private static String refusal(String from, String to) {
    return Download.redirectRefusal(URI.create(from), URI.create(to));
  }

  @Test
  void encryptionIsNeverGivenUp() {
    assertThat(refusal("https://a/x", "http://a/x")).contains("encryption");
    assertThat(refusal("HTTPS://a/x", "HTTP://a/x")).contains("encryption");
    assertThat(refusal("https://a/x", "https://b/y")).isEmpty();
    assertThat(refusal("http://a/x", "https://a/x")).isEmpty();
    assertThat(refusal("http://a/x", "http://b/x")).isEmpty();
  }

  @Test
  void nothingButTheWebIsFollowed() {
    for (String to : new String[] {"file:///etc/passwd", "ftp://a/x", "x:y", "/x", "http:x"}) {
      assertThat(refusal("http://a/x", to)).as(to).contains("no web address");
    }
  }

  @Test
  void rangesAreUnderstood() {
    assertThat(Download.rangeStart("bytes 5-9/10")).hasValue(5);
    assertThat(Download.rangeStart("bytes 5-9/*")).hasValue(5);
    for (String bad : new String[] {"", "bytes", "bytes */10", "items 5-9/10", "bytes x-9/10"}) {
      assertThat(Download.rangeStart(bad)).as(bad).isEmpty();
    }
  }
}
