// SPDX-License-Identifier: Apache-2.0
// Compiled by tests: an inlined function whose unlikely branches lie behind the caller's code.
volatile int sink, other;

__declspec(noinline) void slow(int v) {
  sink = v * 3;
  other = sink;
}

__forceinline int checked(int v) {
  if (__builtin_expect(v == 77, 0)) {
    slow(v);
    sink = 5;
    v += sink;
  }
  int w = v * other;
  if (__builtin_expect(w == 99, 0)) {
    slow(w);
    other = 7;
    w ^= sink;
  }
  return w + 1;
}

extern "C" int entry(int n) {
  int a = checked(sink);
  sink = a;
  int b = checked(a + n);
  return a + b;
}
