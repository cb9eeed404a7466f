// SPDX-License-Identifier: Apache-2.0
// A driver in C++: namespaces, classes, templates, inlined calls in inlined calls, static members and locals.
namespace shapes {
struct Point {
  int x, y;
  static int made;
  int sum() const;
  inline int twice() const {
    int s = x + y;
    return s * 2 + made;
  }
};

int Point::made = 3;

int __attribute__((noinline)) Point::sum() const {
  int result = 0;
  for (int i = 0; i < x; i++) {
    result += y * i + twice();
  }
  return result;
}

template <class T, int N>
struct Box {
  T items[N];
  inline T first() const { return items[0]; }
  T __attribute__((noinline)) last() const {
    static int calls = 7;
    calls++;
    return items[N - 1] + calls;
  }
  template <class U>
  U __attribute__((noinline)) as(U add) const {
    return first() + add;
  }
};

namespace deep {
volatile int state = 1;
static inline int step(int by) {
  state += by;
  return state;
}
static inline int steps(int by) {
  int a = step(by);
  int b = step(a);
  return a * b;
}
}  // namespace deep

namespace {
int hidden = 9;
int __attribute__((noinline)) secret(int a) {
  hidden += deep::steps(a);
  if (a > 100) {
    hidden -= deep::step(1);
  }
  return hidden;
}
}  // namespace

int entry(int n) {
  Point p{n, 2};
  Box<int, 4> b{{1, 2, 3, n}};
  return p.sum() + b.last() + (int)b.as<long long>(4) + secret(n) + deep::steps(n);
}
}  // namespace shapes

extern "C" int __attribute__((stdcall)) DriverEntry(void *object, void *path) {
  int r = shapes::entry((int)(__UINTPTR_TYPE__)object);
  if (path == 0) {
    r++;
  }
  return r + shapes::Point{1, 2}.twice();
}
