// SPDX-License-Identifier: Apache-2.0
// Every kind of decorated name that a compiler for Windows makes, most of them many times. No headers are needed.
// Built with: clang-cl -std:c++20 -EHsc, with -DMORE=1 or 2 for the products of few or many types, with -DANONYMOUS for a namespace
// without a name.
#ifdef ANONYMOUS
#define HIDDEN
#define USING
#else
#define HIDDEN hidden
#define USING using namespace hidden;
#endif
typedef decltype(sizeof(0)) size_t;
void *operator new(size_t, void *p) noexcept { return p; }

// What the linker would take from the run-time library.
extern "C" { __declspec(thread) int _Init_thread_epoch; unsigned _tls_index; }

namespace kinds {
enum Plain { one, two };
enum class Scoped : short { a, b };
union Either { int i; float f; };
struct Struct { int x; double y; };
class Class { int x; };
struct Base1 { virtual ~Base1(); virtual int first(); int b1; };
struct Base2 { virtual ~Base2(); virtual int second(int) const; int b2; };
struct Virtual { virtual ~Virtual(); virtual void third(); int v; };
Base1::~Base1() {} int Base1::first() { return b1; }
Base2::~Base2() {} int Base2::second(int a) const { return b2 + a; }
Virtual::~Virtual() {} void Virtual::third() {}
struct Both : Base1, Base2 { ~Both(); int first() override; int second(int) const override; };
Both::~Both() {} int Both::first() { return 2; } int Both::second(int a) const { return a; }
struct Left : virtual Virtual { Left(); ~Left(); void third() override; virtual void left(); int l; };
struct Right : virtual Virtual { Right(); ~Right(); void third() override; int r; };
Left::Left() {} Left::~Left() {} void Left::third() {} void Left::left() {}
Right::Right() {} Right::~Right() {} void Right::third() {}
struct Bottom : Left, Right, Base2 { Bottom(); Bottom(const Bottom &); ~Bottom(); void third() override; void left() override; };
Bottom::Bottom() {} Bottom::Bottom(const Bottom &o) : Left(o), Right(o) {} Bottom::~Bottom() {} void Bottom::third() {} void Bottom::left() {}
Virtual *made() { return new (new char[sizeof(Bottom)]) Bottom; }
Both *manyMade(int n) { return new Both[n]; }
void thrown(int k) {
  if (k == 1) throw Both();
  if (k == 2) throw 5;
  if (k == 3) throw "text";
  if (k == 4) throw (Struct *)0;
  try { thrown(k - 1); } catch (const Both &b) { thrown(b.b1); } catch (int) { thrown(0); } catch (...) { }
}
}  // namespace kinds

namespace HIDDEN {
int hiddenInt = 3;
struct Inside { int f(); template <class T> T g(T); };
int Inside::f() { return hiddenInt; }
template <class T> T Inside::g(T t) { return t; }
}  // namespace
USING
int useHidden() { Inside i; return i.f() + (int)i.g(2.0) + i.g<int>(1); }

namespace operators {
struct Any {
  Any(); Any(int); Any(const Any &); Any(Any &&); ~Any();
  void *operator new(size_t); void *operator new[](size_t); void operator delete(void *); void operator delete[](void *);
  Any &operator=(const Any &); Any &operator=(Any &&); Any operator>>(int); Any operator<<(int); bool operator!(); bool operator==(const Any &) const;
  bool operator!=(const Any &) const; int operator[](int); Any *operator->(); int operator*(); Any operator*(int); Any &operator++(); Any operator++(int);
  Any &operator--(); Any operator--(int); Any operator-(); Any operator-(int); Any operator+(); Any operator+(int); Any *operator&(); Any operator&(int);
  int operator->*(int); Any operator/(int); Any operator%(int); bool operator<(int); bool operator<=(int); bool operator>(int); bool operator>=(int);
  Any operator,(int); int operator()(int, ...); Any operator~(); Any operator^(int); Any operator|(int); bool operator&&(int); bool operator||(int);
  Any &operator*=(int); Any &operator+=(int); Any &operator-=(int); Any &operator/=(int); Any &operator%=(int); Any &operator>>=(int); Any &operator<<=(int);
  Any &operator&=(int); Any &operator|=(int); Any &operator^=(int);
  operator int() const; operator const char *(); operator kinds::Struct &(); template <class T> operator T *(); template <class T> operator T **() const;
  int n;
};
Any::Any() {} Any::Any(int) {} Any::Any(const Any &) {} Any::Any(Any &&) {} Any::~Any() {}
void *Any::operator new(size_t) { return 0; } void *Any::operator new[](size_t) { return 0; } void Any::operator delete(void *) {} void Any::operator delete[](void *) {}
Any &Any::operator=(const Any &) { return *this; } Any &Any::operator=(Any &&) { return *this; } Any Any::operator>>(int) { return 1; } Any Any::operator<<(int) { return 1; }
bool Any::operator!() { return false; } bool Any::operator==(const Any &) const { return false; } bool Any::operator!=(const Any &) const { return false; }
int Any::operator[](int) { return 1; } Any *Any::operator->() { return this; } int Any::operator*() { return 1; } Any Any::operator*(int) { return 1; }
Any &Any::operator++() { return *this; } Any Any::operator++(int) { return 1; } Any &Any::operator--() { return *this; } Any Any::operator--(int) { return 1; }
Any Any::operator-() { return 1; } Any Any::operator-(int) { return 1; } Any Any::operator+() { return 1; } Any Any::operator+(int) { return 1; }
Any *Any::operator&() { return this; } Any Any::operator&(int) { return 1; } int Any::operator->*(int) { return 1; } Any Any::operator/(int) { return 1; }
Any Any::operator%(int) { return 1; } bool Any::operator<(int) { return true; } bool Any::operator<=(int) { return true; } bool Any::operator>(int) { return true; }
bool Any::operator>=(int) { return true; } Any Any::operator,(int) { return 1; } int Any::operator()(int, ...) { return 1; } Any Any::operator~() { return 1; }
Any Any::operator^(int) { return 1; } Any Any::operator|(int) { return 1; } bool Any::operator&&(int) { return true; } bool Any::operator||(int) { return true; }
Any &Any::operator*=(int) { return *this; } Any &Any::operator+=(int) { return *this; } Any &Any::operator-=(int) { return *this; } Any &Any::operator/=(int) { return *this; }
Any &Any::operator%=(int) { return *this; } Any &Any::operator>>=(int) { return *this; } Any &Any::operator<<=(int) { return *this; } Any &Any::operator&=(int) { return *this; }
Any &Any::operator|=(int) { return *this; } Any &Any::operator^=(int) { return *this; } Any::operator int() const { return 1; } Any::operator const char *() { return ""; }
static kinds::Struct global; Any::operator kinds::Struct &() { return global; } template <class T> Any::operator T *() { return 0; } template <class T> Any::operator T **() const { return 0; }
template Any::operator kinds::Class *(); template Any::operator Any *(); template Any::operator kinds::Class **() const;
long double operator""_size(long double d) { return d; } int operator""_text(const char *s, size_t) { return *s; }
struct Order { int v; }; Order operator<=>(const Any &, const Any &) { return {1}; }
struct Awaited { int operator co_await() { return 1; } }; int awaits(Awaited a) { return a.operator co_await(); }
kinds::Struct operator co_await(kinds::Class) { return {}; }
template <class T> bool operator==(const T &, const kinds::Both &) { return true; } template bool operator==(const int &, const kinds::Both &);
}  // namespace operators

namespace types {
void basic(bool, char, signed char, unsigned char, short, unsigned short, int, unsigned, long, unsigned long, long long, unsigned long long) {}
void other(wchar_t, char8_t, char16_t, char32_t, float, double, long double, decltype(nullptr), ...) {}
void pointers(int *, const int *, volatile int *, const volatile int *, int *const, int **, int *const *, const int *const *const *, void *, const void *) {}
void restricted(int *__restrict, const char *__restrict *, int *__restrict const *) {}
void loose(int __unaligned *, const int __unaligned *, int __unaligned *__unaligned *) {}
void references(int &, const int &, int &&, const int &&, kinds::Class &, const kinds::Class *&, int (&)[3], int (&&)[4], int (&)()) {}
void arrays(int[3], int[3][4], const int (*)[5], int (*(*)[6])[7], char[][2][3]) {}
void functions(int (*)(int), void (*)(), int (*(*)(int))(char), void (*)(...), int (*)(int, ...), void (*)() noexcept, const int *(*)(const char *)) {}
void conventions(int(__stdcall *)(int), int(__fastcall *)(int), int(__vectorcall *)(int), int(__cdecl *)(int)) {}
void members(int kinds::Struct::*, const int kinds::Struct::*, int (kinds::Both::*)(), int (kinds::Both::*)(int) const, void (kinds::Bottom::*)(int) volatile,
             int (kinds::Both::*)(double) const &, int (kinds::Both::*)(double) &&, int *kinds::Struct::*const *) {}
void back(kinds::Class *, kinds::Class *, kinds::Struct &, kinds::Class *, kinds::Struct &, const char *, const char *, int **, int **) {}
void enums(kinds::Plain, kinds::Scoped, kinds::Either, const kinds::Plain *) {}
int __stdcall stdcallFunction(int, char) { return 1; } int __fastcall fastcallFunction(int, char) { return 1; } int __vectorcall vectorcallFunction(int, double *) { return 1; }
int __regcall regcallFunction(int a) { return a; } void noexceptFunction() noexcept {}
const int *volatile constantResult() { return 0; } const kinds::Struct constantStruct() { return {}; } int (*functionResult(int))(char) { return 0; } int (&arrayResult())[5] { static int a[5]; return a; }
int (kinds::Both::*memberResult())(int) const { return &kinds::Both::second; }
auto deduced(int a) { return a * 2.0; } decltype(auto) exactly(int &a) { return (a); } int useDeduced(int a) { return (int)deduced(a) + exactly(a); }
int plain; const int constant = 5; volatile int volatileInt; int *pointer; const int *toConstant; int *const constantPointer = &plain; int array[4]; const int table[3][2] = {{1, 2}};
int (*functionPointer)(int, char); kinds::Class object; const kinds::Struct constantObject = {1, 2}; int kinds::Struct::*dataMember; int (kinds::Both::*functionMember)(); int &reference = plain;
int &&rvalue = 5; char text[] = "abc"; int (*arrayPointer)[3]; int *const *const deepPointer = 0; thread_local int perThread = useDeduced(3); extern "C" int cVariable; int cVariable = 1;
int __unaligned *looseVariable; char *__restrict restrictVariable; const int *const constantAddress[] = {&constant, &table[0][0]}; const int *use() { return constantAddress[constant & 1]; }
class Access {
 public: static int publicVariable; void f() const; void g() volatile; void h() const volatile; void l() &; void r() &&; void cr() const &; static void s(); virtual void v(); void e() noexcept;
 protected: static const int protectedVariable; void pf(); static void ps(int); virtual void pv() const; void __stdcall pstd(int);
 private: static int *privateVariable; void rf(); static void rs(int, int); virtual void rv(); int m() __unaligned;
 public: struct Nested { struct Deeper { int f(Nested *, Deeper &, Access **); }; }; enum E { x }; E enumeration(E, Nested, Nested::Deeper); class Later; Later *later(Later *);
};
int Access::publicVariable; const int Access::protectedVariable = 7; int *Access::privateVariable; void Access::f() const {} void Access::g() volatile {} void Access::h() const volatile {}
void Access::l() & {} void Access::r() && {} void Access::cr() const & {} void Access::s() { rs(1, protectedVariable); } void Access::v() {} void Access::e() noexcept {} void Access::pf() {} void Access::ps(int) {}
void Access::pv() const {} void __stdcall Access::pstd(int) {} void Access::rf() {} void Access::rs(int, int) {} void Access::rv() {} int Access::m() __unaligned { return 1; }
int Access::Nested::Deeper::f(Nested *, Deeper &, Access **) { return 0; } Access::E Access::enumeration(E, Nested, Nested::Deeper) { return x; } Access::Later *Access::later(Later *l) { return l; }
}  // namespace types

namespace templates {
template <class... Ts> struct Pack { template <class... Us> int f(Ts..., Us...); static int count; }; template <class... Ts> template <class... Us> int Pack<Ts...>::f(Ts..., Us...) { return sizeof...(Us); }
template <class... Ts> int Pack<Ts...>::count = sizeof...(Ts);
template <int N> struct Number { int f() { return N; } }; template <unsigned long long N> struct Large { int f() { return (int)N; } }; template <long long N> struct Small { int f() { return (int)N; } };
template <bool B, char C, kinds::Plain E, kinds::Scoped S> struct Values { int f() { return C + E; } }; template <auto V> struct Auto { int f() { return 1; } }; template <auto... V> struct Autos { int f() { return sizeof...(V); } };
template <int *P> struct Address { int f() { return *P; } }; template <int &R> struct Refer { int f() { return R; } }; template <int (*F)(int, char)> struct Call { int f() { return 1; } };
template <class C, int C::*M> struct Member { int f(C *c) { return c->*M; } }; template <class C, int (C::*M)()> struct Method { int f(C *c) { return (c->*M)(); } }; template <class C, void (C::*M)()> struct MethodVoid { int f(C *c) { (c->*M)(); return 1; } };
template <template <class...> class T, class U> struct Outer { int f(T<U> *) { return 1; } }; template <class T> struct Box { T v; T get() const { return v; } Box(T t); ~Box(); operator T(); template <class U> U as(); static T shared; struct In { T t; int f() { return 1; } }; };
template <class T> Box<T>::Box(T t) : v(t) {} template <class T> Box<T>::~Box() {} template <class T> Box<T>::operator T() { return v; } template <class T> template <class U> U Box<T>::as() { return U(); } template <class T> T Box<T>::shared{};
template <class T> constexpr int variable = sizeof(T); template <class T> int counter = sizeof(T); template <class T, class U = T> T function(U u) { static T last; last = (T)u; return last; }
template <class F> int apply(F f) { return f(1); } template <class T> int deep(T *, T &, T **, const T *, Box<T> *, Box<Box<T>> *) { return 1; }
template <class R, class... A> struct Signature {}; template <class R, class... A> struct Signature<R(A...)> { int f(R (*)(A...)) { return 1; } }; template <class T> struct Holder { int f() const { return 1; } }; template <class T> int take(const Holder<T> &h) { return h.f(); }
int object; int other; int target(int, char) { return 1; }
template <class T> int everything(T t) {
  struct Local { T t; int f() { static int calls = sizeof(T); return ++calls; } };
  static Box<T> kept(t); static thread_local Box<T> each(t);
  Local l{t}; auto lambda = [&](auto x, T y) { static int inner = sizeof(x); return inner++ + (int)sizeof(y); };
  return l.f() + lambda(1, t) + lambda(2.0, t) + apply([=](int a) { return a + (int)sizeof(t); }) + (int)sizeof(kept) + (int)sizeof(each);
}
int all() {
  int n = Pack<>().f() + Pack<int>().f(1, 2.0, 'c') + Pack<int, kinds::Class *, const char *>().f(1, 0, 0, &object, &object) + Pack<Pack<>, Pack<int, int>>().f({}, {}) + Pack<>::count + Pack<int>::count + Pack<char, Pack<char>>::count;
  n += Number<0>().f() + Number<1>().f() + Number<9>().f() + Number<10>().f() + Number<11>().f() + Number<-1>().f() + Number<-16>().f() + Number<255>().f() + Number<2147483647>().f() + Number<(-2147483647 - 1)>().f();
  n += Large<18446744073709551615ull>().f() + Large<1ull << 63>().f() + Small<(-9223372036854775807ll - 1)>().f() + Small<9223372036854775807ll>().f() + Values<true, 'x', kinds::two, kinds::Scoped::b>().f() + Values<false, 0, kinds::one, kinds::Scoped::a>().f();
  n += Auto<5>().f() + Auto<'c'>().f() + Auto<true>().f() + Auto<&object>().f() + Auto<&target>().f() + Auto<&kinds::Struct::x>().f() + Auto<nullptr>().f() + Auto<kinds::Scoped::b>().f() + Auto<-3ll>().f() + Autos<1, 'a', 2u, &object, false>().f() + Autos<>().f();
  n += Address<&object>().f() + Address<nullptr>().f() + Refer<object>().f() + Call<target>().f() + Call<nullptr>().f() + Member<kinds::Struct, &kinds::Struct::x>().f(0) + Member<kinds::Struct, nullptr>().f(0) + Member<kinds::Base2, &kinds::Base2::b2>().f(0) + Member<kinds::Left, &kinds::Left::l>().f(0);
  n += Method<kinds::Both, &kinds::Both::first>().f(0) + Method<kinds::Base1, &kinds::Base1::first>().f(0) + Method<kinds::Both, nullptr>().f(0) + MethodVoid<kinds::Bottom, &kinds::Bottom::left>().f(0) + MethodVoid<kinds::Left, &kinds::Left::left>().f(0) + MethodVoid<kinds::Bottom, nullptr>().f(0);
  n += Outer<Pack, int>().f(0) + Outer<Box, kinds::Class>().f(0) + Outer<Holder, Box<int>>().f(0) + variable<int> + counter<kinds::Struct> + counter<Box<int> *> + function<int>(2.0) + function<kinds::Plain, kinds::Plain>(kinds::two);
  n += (int)sizeof(function<const char *>((char *)0)) + deep((int *)0, object, (int **)0, (const int *)0, (Box<int> *)0, (Box<Box<int>> *)0) + Box<Box<Box<int>>>(Box<Box<int>>(Box<int>(1))).as<int>() + Box<int>(1).get() + Box<int>::In().f() + (int)sizeof(Box<const char *>("x").as<const char *const *>());
  n += Signature<void()>().f(0) + Signature<int(int, char)>().f(0) + Signature<kinds::Class *(kinds::Class &, const kinds::Class &)>().f(0) + Signature<void(Signature<void()>)>().f(0) + Box<int>::shared + Box<char>::shared;
  n += take(Holder<int()>()) + take(Holder<int(int, ...)>()) + take(Holder<int[3]>()) + take(Holder<const int[3][4]>()) + take(Holder<int[]>()) + take(Holder<const int>()) + take(Holder<volatile int>()) + take(Holder<int *const>()) + take(Holder<const volatile kinds::Struct>());
  n += take(Holder<int (kinds::Both::*)(int) const>()) + take(Holder<int kinds::Struct::*>()) + take(Holder<void() noexcept>()) + take(Holder<decltype(nullptr)>()) + take(Holder<char8_t>()) + take(Holder<void>());
  n += take(Holder<int() const>()) + take(Holder<void() &>()) + take(Holder<void() const &&>()) + take(Holder<int(int) volatile noexcept>()) + take(Holder<int &>()) + take(Holder<int &&>()) + take(Holder<int (&)[2]>());
  n += everything(1) + everything('c') + everything(kinds::Struct()) + everything((const char *)"s") + everything(Box<int>(1)) + everything(kinds::two) + everything(Inside()) + deep((Inside *)0, *(Inside *)0, (Inside **)0, (const Inside *)0, (Box<Inside> *)0, (Box<Box<Inside>> *)0) + everything([](int a) { return a; });
  return n;
}
}  // namespace templates

namespace locals {
struct Heavy { Heavy(int); ~Heavy(); int v; }; Heavy::Heavy(int a) : v(a) {} Heavy::~Heavy() {}
Heavy first(1); static Heavy second(2); struct S { static Heavy member; static inline Heavy inlined{5}; template <class T> static Heavy each; }; Heavy S::member(3); template <class T> Heavy S::each(sizeof(T)); Heavy *useEach() { return &S::each<int> + S::each<char *>.v; }
inline Heavy &guarded() { static Heavy h(useHidden()); static Heavy g(2); { static Heavy i(3); { static Heavy j(4); } return i; } }
inline int many(int a) { if (a) { static int x = a; struct L { int f(int b) { struct M { int g() { static int z = 3; return z++; } }; static int y = b; return y + M().g(); } }; return L().f(x); } else { static int x = useHidden(); return x; } }
extern "C" int cFunction(int a) { static int kept = useHidden(); struct L { int f() { static int y = 1; return ++y; } }; return kept + L().f() + a; }
extern "C" int __stdcall cStdcall(int a, char) { return a; } extern "C" int __fastcall cFastcall(int a, char) { return a; } extern "C" int __vectorcall cVectorcall(int a) { return a; }
int run() { auto a = [] { return 1; }; auto b = [](auto x) { return x; }; auto c = [&]<class T>(T t) mutable noexcept { return a() + (int)t; }; int (*p)() = a; return guarded().v + many(1) + a() + b(2) + (int)b(3.0) + c(4) + p() + [x = 3](int y) { auto n = [y] { static int d = 4; return d + y; }; return x + n(); }(2); }
auto global = [](int a) { return a + 1; }; int useGlobal = global(2); struct InClass { int a = [](int b) { return b; }(3); int f(int d = [] { return 4; }()) { return d + a; } }; int useInClass() { return InClass().f(); }
const char *strings(int i) { const char *s[] = {"", "a", "plain text", "tab\tline\nquote\"back\\slash'", "\x01\x7f\xff\xc3\xa4", "a string of more than thirty-two characters, which is cut", "exactly thirty-two characters..", "per%cent, comma: colon. dot-dash/slash @at ?mark $dollar"}; return s[i]; }
const wchar_t *wide(int i) { const wchar_t *s[] = {L"", L"w", L"wide text", L"\x1234\xabcd", L"a wide string of more than thirty-two characters is cut, too", L"\t\n"}; return s[i]; }
const char16_t *utf16(int i) { const char16_t *s[] = {u"", u"u", u"utf16 text", u"\x1234", u"a string of more than thirty-two characters of sixteen bits"}; return s[i]; } const char32_t *utf32(int i) { const char32_t *s[] = {U"", U"u", U"utf32 text", U"a string of more than thirty-two characters of thirty-two bits"}; return s[i]; } const char8_t *utf8(int i) { const char8_t *s[] = {u8"utf8 text", u8"\u00e4\u20ac"}; return s[i]; }
const char binary[] = "x"; const char *nulls(int i) { const char *s[] = {"a\0b\0c\0d", "\0\0\0", "0123456789abcde\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"}; return s[i]; }
void (kinds::Base1::*callThrough())() { return (void (kinds::Base1::*)()) & kinds::Base1::first; } int (kinds::Both::*callSecond())(int) const { return &kinds::Both::second; } void (kinds::Bottom::*callLeft())() { return &kinds::Bottom::left; }
}  // namespace locals

namespace verylong {
template <class A, class B, class C, class D> struct QuiteALongNameForATemplateThatIsUsedInItselfManyTimesOver { int f() { return 1; } virtual ~QuiteALongNameForATemplateThatIsUsedInItselfManyTimesOver() {} };
template <class A, class B> using Q = QuiteALongNameForATemplateThatIsUsedInItselfManyTimesOver<A, B, A *, B *>; typedef Q<int, char> Q1; typedef Q<Q1, char> Q2; typedef Q<Q2, Q1> Q3; typedef Q<Q3, Q2> Q4; typedef Q<Q4, Q3> Q5; typedef Q<Q5, Q4> Q6; typedef Q<Q6, Q5> Q7;
int use() { Q1 a; Q2 b; Q3 c; Q4 d; Q5 e; Q6 f; Q7 g; return a.f() + b.f() + c.f() + d.f() + e.f() + f.f() + g.f(); }
template <int N> struct Down { Down<N - 1> *next; template <class T> int f(T *t) { return Down<N - 1>().f((Down<N> *)0) + sizeof(t); } }; template <> struct Down<0> { template <class T> int f(T *) { return 1; } }; int useDown() { return Down<40>().f((int *)0); }
template <class H, class T> struct Cons { int f() { return 1; } }; struct Nil {}; template <int N, class L> struct Build { static int f() { return Build<N - 1, Cons<templates::Number<N>, L>>::f() + Cons<templates::Number<N>, L>().f(); } }; template <class L> struct Build<0, L> { static int f() { return 1; } }; int useBuild() { return Build<30, Nil>::f(); }
}  // namespace verylong

#ifdef MORE
namespace products {
template <class A, class B> struct Pair {
  A *a; B *b; Pair(A *, B *); ~Pair(); A *left(B *) const; const B &right(A &) volatile; static Pair *make(Pair &, const Pair *, B **); template <class C> C *third(A *, B *, C *); typedef int (*Callback)(A *, B &, Pair *); int call(Callback, Callback, A *);
  virtual void virtualOne(A *, const B *); int B2(int A::*, int B::*); void operator()(A &&, Pair &&); operator A *(); operator B **() const; static A *shared; enum Kind { k }; Kind kind(Kind, const Kind &);
};
template <class A, class B> Pair<A, B>::Pair(A *x, B *y) : a(x), b(y) {} template <class A, class B> Pair<A, B>::~Pair() {} template <class A, class B> A *Pair<A, B>::left(B *) const { return a; } template <class A, class B> const B &Pair<A, B>::right(A &) volatile { return *b; }
template <class A, class B> Pair<A, B> *Pair<A, B>::make(Pair &p, const Pair *, B **) { return &p; } template <class A, class B> template <class C> C *Pair<A, B>::third(A *, B *, C *c) { auto f = [c](A *, B *) { static C *kept = c; return kept; }; return f(a, b); } template <class A, class B> int Pair<A, B>::call(Callback c, Callback, A *x) { return c(x, *b, this); }
template <class A, class B> void Pair<A, B>::virtualOne(A *, const B *) {} template <class A, class B> int Pair<A, B>::B2(int A::*, int B::*) { return 1; } template <class A, class B> void Pair<A, B>::operator()(A &&, Pair &&) {} template <class A, class B> Pair<A, B>::operator A *() { return a; } template <class A, class B> Pair<A, B>::operator B **() const { return 0; }
template <class A, class B> A *Pair<A, B>::shared = 0; template <class A, class B> typename Pair<A, B>::Kind Pair<A, B>::kind(Kind k, const Kind &) { return k; }
namespace a { struct One {}; class Two {}; union Three {}; template <class T> struct Four {}; template <int N, class T> struct Five {}; namespace b { struct Six { struct Seven {}; template <class U> class Eight {}; }; } }
namespace HIDDEN { struct Nine {}; }
template <auto F> struct Ten {}; template <class... Ts> struct List {}; template <template <class> class T> struct Eleven {}; template <class R, class... P> struct Fun; template <class R, class... P> struct Fun<R(P...)> {}; extern int anchor; inline int callee(a::One *, int) { return 1; }
struct Field { int m; int g(int) const; };
USING
typedef List<a::One, a::Two, a::Four<a::Four<a::One>>, a::Five<-300, const a::Four<char *>>, Nine, a::Four<Nine>, Ten<&callee>, Ten<&Field::m>, List<List<>, List<List<>>>, Fun<int(a::One &, const a::Two *, a::One &)>, Pair<Nine, List<>>
#if MORE > 1
  , a::Three, a::Four<int>, a::b::Six, a::b::Six::Seven, a::b::Six::Eight<a::One>, a::b::Six::Eight<a::b::Six::Seven *>, a::Five<7, a::Two>, Ten<5>, Ten<&Field::g>, Ten<'x'>, List<>, List<int>, List<a::One, a::One, a::Two>, Eleven<a::Four>,
  Eleven<a::b::Six::Eight>, Fun<void()>, Fun<a::Four<int> *(int (*)(int), char[3])>, Pair<a::One, a::Two>, a::Four<int (Field::*)(int) const>, a::Four<int (*)[3]>, a::Four<void(int, ...)>
#endif
  > All;
template <class A, class B> int both() { Pair<A, B> p((A *)0, (B *)0); p.left(0); p.right(*(A *)0); Pair<A, B>::make(p, &p, 0); p.third((A *)0, (B *)0, (int *)0); p.third((A *)0, (B *)0, &p); p.call(0, 0, Pair<A, B>::shared); p.B2(0, 0); p((A &&) * (A *)0, (Pair<A, B> &&)p); p.operator A *(); p.operator B **(); p.kind(Pair<A, B>::k, Pair<A, B>::k); return 1; }
template <class A, class... B> int row(List<B...>) { return (both<A, B>() + ... + 0); } template <class... A> int square(List<A...> all) { return (row<A>(all) + ... + 0); } int run() { return square(All()); }
}  // namespace products
#endif
