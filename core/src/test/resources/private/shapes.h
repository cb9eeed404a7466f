// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace shapes {

struct Point {
  int x;
  int y;
  unsigned visible : 1;
  unsigned layer : 4;
};

enum Kind { kNone, kLine = 3, kArea = 7 };

inline int square(int v) {
  return v * v;
}

__forceinline int distance(const Point &a, const Point &b) {
  int dx = square(a.x - b.x);
  int dy = square(a.y - b.y);
  return dx +
         dy;
}

class Figure {
 public:
  virtual int area(int scale);
  int twice(int by) { return by + area(by); }
  static int count;

 protected:
  Point corners[4];
  Kind kind;
  Figure *next;
};

class Box : public Figure {
 public:
  int area(int scale) override;

 private:
  long long weight;
};

template <class T> __forceinline T larger(T a, T b) {
  if (a < b)
    return b;
  return a;
}

}  // namespace shapes
