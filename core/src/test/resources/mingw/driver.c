// SPDX-License-Identifier: Apache-2.0
// A driver that GNU tools build: static, stdcall, fastcall and inlined functions, data, names of more than eight letters.
struct list { struct list *next, *back; int kind; };
typedef int (*callback)(struct list *, int);
int counter = 3; static int hidden = 5; struct list head; const char banner[] = "banner";
static int __attribute__((noinline)) sum(struct list *l, int n) { int s = hidden; while (l && n--) { s += l->kind; l = l->next; } return s; }
static inline int __attribute__((always_inline)) twice(int a) { int b = a * 2; counter += b; return b; }
int __attribute__((stdcall, noinline)) HogFarm(struct list *l, int n) { int x = twice(n); return sum(l, n) + x; }
int __attribute__((fastcall, noinline)) Fast(int a, int b) { return twice(a) + b; }
int a_function_with_a_name_longer_than_eight(callback c, int n) { static int calls; calls++; return c(&head, n) + Fast(n, calls); }
int __attribute__((stdcall)) DriverEntry(void *object, void *path) { counter++; return a_function_with_a_name_longer_than_eight(sum, 3) + HogFarm(&head, 2); }
