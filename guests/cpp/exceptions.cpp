// C++ with exceptions as a compiler of today makes them (WebAssembly's, with references to exceptions): a parser that
// fails in the middle of its recursion, cleanups on the way out, base classes that catch, exceptions that are kept and
// thrown again later. Exports answer with digests.
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#define EXPORT(name) extern "C" __attribute__((export_name(#name), noinline))

using u32 = unsigned;

static u32 mix(u32 digest, u32 value) {
    digest ^= value;
    digest *= 0x01000193u;
    return digest ^ (digest >> 15);
}

static u32 mix(u32 digest, const char *text) {
    while (*text) digest = mix(digest, static_cast<unsigned char>(*text++));
    return digest;
}

namespace {

struct Error : std::runtime_error {
    Error(const std::string &what, u32 where) : std::runtime_error(what), where(where) {}
    u32 where;
};
struct SyntaxError : Error { using Error::Error; };
struct ValueError : Error { using Error::Error; };

// Counts what is alive: unwinding that forgets a cleanup shows.
struct Tracked {
    static inline int alive = 0;
    Tracked() { ++alive; }
    Tracked(const Tracked &) { ++alive; }
    ~Tracked() { --alive; }
};

struct Node {
    virtual ~Node() = default;
    virtual int value(const std::map<char, int> &variables) const = 0;
    Tracked tracked;
};
using Tree = std::unique_ptr<Node>;

struct Number : Node {
    explicit Number(int number) : number(number) {}
    int value(const std::map<char, int> &) const override { return number; }
    int number;
};

struct Variable : Node {
    Variable(char name, u32 where) : name(name), where(where) {}
    int value(const std::map<char, int> &variables) const override {
        auto found = variables.find(name);
        if (found == variables.end()) throw ValueError(std::string("no variable ") + name, where);
        return found->second;
    }
    char name;
    u32 where;
};

struct Operation : Node {
    Operation(char op, Tree left, Tree right, u32 where)
        : op(op), left(std::move(left)), right(std::move(right)), where(where) {}
    int value(const std::map<char, int> &variables) const override {
        u32 a = left->value(variables), b = right->value(variables);
        switch (op) {
        case '+': return a + b;
        case '-': return a - b;
        case '*': return a * b;
        default:
            if (b == 0) throw ValueError("division by zero", where);
            return static_cast<int>(a) / (static_cast<int>(b) | 1);
        }
    }
    char op;
    Tree left, right;
    u32 where;
};

struct Parser {
    std::string text;
    u32 at = 0;
    u32 depth = 0;

    char peek() const { return at < text.size() ? text[at] : '\0'; }
    [[noreturn]] void fail(const char *what) const { throw SyntaxError(what, at); }

    Tree factor() {
        Tracked here;
        if (++depth > 40) fail("too deep");
        Tree tree;
        if (peek() == '(') {
            ++at;
            tree = sum();
            if (peek() != ')') fail("no closing parenthesis");
            ++at;
        } else if (peek() >= '0' && peek() <= '9') {
            int number = 0;
            while (peek() >= '0' && peek() <= '9') number = number * 10 + (text[at++] - '0');
            tree = std::make_unique<Number>(number);
        } else if (peek() >= 'a' && peek() <= 'z') {
            tree = std::make_unique<Variable>(peek(), at);
            ++at;
        } else {
            fail(peek() ? "unexpected character" : "unexpected end");
        }
        --depth;
        return tree;
    }
    Tree chain(Tree (Parser::*part)(), char one, char other) {
        Tree tree = (this->*part)();
        while (peek() == one || peek() == other) {
            u32 where = at;
            char op = text[at++];
            tree = std::make_unique<Operation>(op, std::move(tree), (this->*part)(), where);
        }
        return tree;
    }
    Tree product() { return chain(&Parser::factor, '*', '/'); }
    Tree sum() { return chain(&Parser::product, '+', '-'); }
    Tree all() {
        Tree tree = sum();
        if (at != text.size()) fail("something behind the end");
        return tree;
    }
};

u32 evaluate(const std::string &text, const std::map<char, int> &variables) {
    u32 digest = 17;
    try {
        Parser parser{text};
        digest = mix(digest, parser.all()->value(variables));
    } catch (const SyntaxError &error) {
        digest = mix(mix(digest, error.what()), error.where);
    } catch (const Error &error) {
        digest = mix(mix(digest, error.what()), error.where + 1000);
    } catch (const std::exception &error) {
        digest = mix(digest, error.what());
    }
    return mix(digest, Tracked::alive);
}

u32 random_state;
u32 next_random() {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    return random_state ^= random_state << 5;
}

int down(int levels, int kind) {
    Tracked here;
    if (levels > 0) return down(levels - 1, kind) + 1;
    switch (kind) {
    case 0: throw 42;
    case 1: throw std::string("a string long enough to be on the heap");
    case 2: throw ValueError("value", 7);
    case 3: throw std::bad_alloc();
    case 4: throw "text";
    case 5: return std::vector<int>(3).at(5);
    case 6: throw Tracked();
    default: return kind;
    }
}

} // namespace

// Expressions from random characters, most of them wrong somewhere.
EXPORT(parse) u32 parse(u32 seed, u32 rounds) {
    static const char alphabet[] = "0123abz()()+-*/+*/12x%";
    random_state = seed | 1;
    u32 digest = 0;
    std::map<char, int> variables{{'a', 3}, {'b', -8}, {'z', 0}};
    while (rounds--) {
        std::string text;
        for (u32 length = next_random() % 24; length; --length) text += alphabet[next_random() % (sizeof alphabet - 1)];
        digest = mix(digest, evaluate(text, variables));
        digest = mix(digest, evaluate("(" + text + ")*a/(z-b)", variables));
    }
    return digest;
}

// Throws from `levels` calls below and says what was caught, and by which clause.
EXPORT(thrown) u32 thrown(u32 levels, u32 kind) {
    u32 digest = 1;
    try {
        try {
            digest = mix(digest, down(levels, kind));
        } catch (int number) {
            digest = mix(digest, number);
        } catch (const std::logic_error &) {
            digest = mix(digest, 2);
            throw;
        } catch (const Error &error) {
            digest = mix(digest, error.where);
            throw std::runtime_error(std::string("again: ") + error.what());
        }
    } catch (const std::string &text) {
        digest = mix(digest, text.c_str());
    } catch (const char *text) {
        digest = mix(digest, text);
    } catch (const std::runtime_error &error) {
        digest = mix(digest, error.what());
    } catch (const std::exception &) {
        digest = mix(digest, 5);
    } catch (...) {
        digest = mix(digest, 6);
    }
    return mix(digest, Tracked::alive);
}

// Keeps exceptions, and throws them again when the frames that they came from are long gone.
EXPORT(kept) u32 kept(u32 count) {
    std::vector<std::exception_ptr> all;
    for (u32 i = 0; i < count; ++i) {
        try {
            down(i % 5, i % 8);
        } catch (...) {
            all.push_back(std::current_exception());
        }
    }
    u32 digest = mix(3, all.size());
    while (!all.empty()) {
        try {
            std::exception_ptr last = all.back();
            all.pop_back();
            std::rethrow_exception(last);
        } catch (const std::exception &error) {
            digest = mix(digest, 1);
        } catch (int number) {
            digest = mix(digest, number);
        } catch (...) {
            digest = mix(digest, 3);
        }
    }
    return mix(digest, Tracked::alive);
}

// A throw in each turn of a loop.
EXPORT(loop) u32 loop(u32 turns) {
    u32 digest = 0;
    for (u32 i = 0; i < turns; ++i) {
        try {
            if (i % 3 != 0) throw i;
            digest = mix(digest, i);
        } catch (u32 thrown) {
            digest = mix(digest, ~thrown);
        }
    }
    return digest;
}

// Nobody catches it: the program ends.
EXPORT(uncaught) u32 uncaught() { return down(3, 1); }
EXPORT(never_out) u32 never_out() noexcept { return down(3, 0); }

// Without an operating system there is nowhere to write: what would print a message ends the program at once.
extern "C" void __abort_message(const char *, ...) { __builtin_trap(); }
extern "C" char *__cxa_demangle(const char *, char *, unsigned long *, int *status) {
    if (status) *status = -1;
    return nullptr;
}
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char *, ...) noexcept { __builtin_trap(); }
_LIBCPP_END_NAMESPACE_STD
