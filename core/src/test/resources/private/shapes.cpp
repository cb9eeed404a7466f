// SPDX-License-Identifier: Apache-2.0
// Compiled by tests for x86 and x64, optimized: inlined calls within inlined calls, in two files.
#include "shapes.h"

volatile int sink;
shapes::Point origin = {1, 2, 1, 5};
int shapes::Figure::count = 3;
extern "C" int _fltused = 1;

using namespace shapes;

int Figure::area(int scale) {
  return scale + count;
}

int Box::area(int scale) {
  int sum = distance(corners[0], corners[1]);
  for (int i = 0; i < scale; i++) {
    sum += larger(square(i), sink);
    if (sum > 1000) {
      char text[24];
      for (int k = 0; k < 24; k++)
        text[k] = (char)(sum + k);
      sink = text[sum % 24];
    }
  }
  weight = sum;
  return sum;
}

static __declspec(noinline) int leaf(int n, const Point *p, Kind kind) {
  int local = distance(*p, origin);
  sink = local + n;
  switch (kind) {
    case kLine:
      return larger(local, n);
    case kArea:
      return square(local);
    default:
      return sink;
  }
}

extern "C" __declspec(noinline) int middle(int depth, Point *p) {
  Point copy = *p;
  copy.x += depth;
  if (depth <= 0)
    return leaf(depth, &copy, kArea);
  int below = middle(depth - 1, &copy);
  return below + leaf(depth, p, (Kind)(sink & 7));
}

extern "C" int entry() {
  Box box;
  Point start = {sink, 4, 0, 2};
  int result = middle(sink, &start);
  return result + box.twice(result);
}
