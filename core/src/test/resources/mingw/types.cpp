// SPDX-License-Identifier: Apache-2.0
// A driver with structures of all shapes: bits, arrays, unions without names, bases, lists, enumerations.
enum LEVEL { kLow = -2, kHigh = 7 };

struct LINK {
  LINK *next, *back;
};

struct EXTENSION;
typedef EXTENSION *PEXTENSION;
typedef int (*CALLBACK)(PEXTENSION, void *);

struct FLAGS {
  unsigned first : 1;
  unsigned level : 5;
  unsigned : 3;
  unsigned rest : 20;
  unsigned long long wide : 33;
  signed char small : 3;
};

union ADDRESS {
  unsigned char bytes[16];
  struct {
    unsigned short port;
    unsigned int host;
  };
  double number;
};

class Base {
 public:
  virtual int go(int by) { return by + kept; }
  int kept;
  static int made;
};

class Derived : public LINK, public Base {
 public:
  int go(int by) override { return by * kept; }
  ADDRESS addresses[2];
  const volatile long long *watched;
};

struct EXTENSION {
  LINK list;
  LEVEL level;
  union {
    int number;
    struct {
      short low, high;
    };
  };
  FLAGS flags;
  CALLBACK callback;
  wchar_t name[8];
  float ratio;
  bool open;
  PEXTENSION parent;
};

int Base::made = 1;
EXTENSION extension;
Derived derived;
short grid[4][3];

extern "C" int __attribute__((stdcall)) DriverEntry(void *object, void *path) {
  extension.parent = &extension;
  extension.flags.level = 3;
  Base *base = &derived;
  return base->go(grid[1][2]) + extension.level;
}
