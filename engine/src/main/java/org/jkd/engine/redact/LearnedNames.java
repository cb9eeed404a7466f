// SPDX-License-Identifier: Apache-2.0
package org.jkd.engine.redact;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jkd.image.Bytes;
import org.jkd.image.Cancellation;

/**
 * The names of users and machines that a dump gives away: behind {@code \Users\} in paths and
 * behind {@code USERNAME=} in environments, in ASCII or UTF-16. They are then found where nothing
 * around them says what they are.
 */
final class LearnedNames {
  /** More names than any machine has; a forged dump could hold millions. */
  static final int MAX_NAMES = 1000;

  private static final int SHORTEST = 3;
  private static final int LONGEST = 64;
  private static final int CHUNK = 1 << 20;
  private static final int OVERLAP = 512;

  /** What stands before a name, in lower case. The last character says where to look. */
  private record Marker(String text, String kind) {}

  private static final List<Marker> MARKERS =
      List.of(
          new Marker("users\\", "user"),
          new Marker("documents and settings\\", "user"),
          new Marker("/home/", "user"),
          new Marker("username=", "user"),
          new Marker("computername=", "host"),
          new Marker("userdomain=", "host"),
          new Marker("userdnsdomain=", "host"),
          new Marker("logonserver=\\\\", "host"));

  /** Folders that every system has, and words that are nobody's name. */
  private static final Set<String> COMMON =
      Set.of(
          "public",
          "default",
          "default user",
          "all users",
          "system",
          "localservice",
          "networkservice",
          "workgroup",
          "local",
          "desktop.ini");

  private LearnedNames() {}

  /** Lower-case names with {@code user} or {@code host}. Reads all of the file. */
  static Map<String, String> of(Bytes file) {
    Map<String, String> names = new TreeMap<>();
    byte[] chunk = new byte[CHUNK + OVERLAP];
    for (long at = 0; at < file.size() && names.size() < MAX_NAMES; at += CHUNK) {
      Cancellation.check();
      int length = (int) Math.min(chunk.length, file.size() - at);
      file.copy(at, chunk, 0, length);
      for (int i = 0; i < length; i++) {
        byte b = chunk[i];
        if (b == '\\' || b == '/' || b == '=') {
          learn(chunk, length, i, 1, names);
          learn(chunk, length, i, 2, names);
        }
      }
    }
    return names;
  }

  private static void learn(byte[] chunk, int length, int last, int width, Map<String, String> to) {
    for (Marker marker : MARKERS) {
      if (endsWith(chunk, last, width, marker.text())) {
        String name = name(chunk, length, last + width, width);
        if (name.length() >= SHORTEST && !COMMON.contains(name) && to.size() < MAX_NAMES) {
          to.putIfAbsent(name, marker.kind());
        }
      }
    }
  }

  private static boolean endsWith(byte[] chunk, int last, int width, String marker) {
    int first = last - width * (marker.length() - 1);
    if (first < 0 || last + width > chunk.length) {
      return false;
    }
    for (int k = marker.length() - 1; k >= 0; k--) {
      if (Character.toLowerCase(at(chunk, first + width * k, width)) != marker.charAt(k)) {
        return false;
      }
    }
    return true;
  }

  private static char at(byte[] chunk, int i, int width) {
    return (char) (chunk[i] & 0xff | (width == 2 ? (chunk[i + 1] & 0xff) << 8 : 0));
  }

  private static String name(byte[] chunk, int length, int from, int width) {
    StringBuilder name = new StringBuilder();
    for (int i = from; i + width <= length && name.length() < LONGEST; i += width) {
      char c = at(chunk, i, width);
      if (!Character.isLetterOrDigit(c) && "._-$ ".indexOf(c) < 0) {
        break;
      }
      name.append(c);
    }
    return name.toString().strip().toLowerCase(Locale.ROOT);
  }
}
