// SPDX-License-Identifier: Apache-2.0
package org.jkd.symbols.store;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * Places that are looked in one after the other; what is found in one is copied into the folders
 * before it. {@code srv*c:\near*\\far\symbols*https://server} has three.
 */
public record StoreChain(List<Place> places) {
  public StoreChain {
    places = List.copyOf(places);
  }

  /** A place. */
  public sealed interface Place {}

  /** A folder in the layout of a symbol store. */
  public record Folder(Path path) implements Place {}

  /** The cache that is used where none is named: {@link StoreSettings#cache()}. */
  public record DefaultCache() implements Place {}

  /** A symbol server. */
  public record Server(URI url) implements Place {}

  /** True when a server may be asked. */
  public boolean hasServer() {
    return places.stream().anyMatch(Server.class::isInstance);
  }
}
