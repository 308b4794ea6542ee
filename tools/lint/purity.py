#!/usr/bin/env python3
"""The pure rooms can do nothing but compute: their archives' undefined symbols are those of base,
of each other, and of an allow-list. So no clock, randomness, file, thread, environment or locale.

    tools/lint/purity.py [BUILD-FOLDER]
"""

import re
import sys
from pathlib import Path

import symbols
import tree

PURE_ROOMS = ("json", "expr", "asl", "graph", "engine")

# strcpy and stpcpy: gcc makes them of snprintf; banned.h keeps them out of the source.
ALLOWED = set("""
    strcpy stpcpy strdup strndup
    memcpy memmove memset memcmp memchr memrchr memmem mempcpy
    strlen strnlen strcmp strncmp strchr strrchr strstr strspn strcspn strpbrk strcasecmp strncasecmp
    malloc calloc realloc reallocarray free aligned_alloc posix_memalign
    qsort bsearch abs labs llabs div ldiv lldiv
    snprintf vsnprintf strtod strtol strtoul strtoll strtoull
    abort __assert_fail setjmp _setjmp longjmp __errno_location
    fmod pow sqrt cbrt exp exp2 expm1 log log10 log2 log1p floor ceil round trunc rint nearbyint
    lround llround lrint llrint fabs fmin fmax modf frexp ldexp scalbn scalbln hypot copysign
    sin cos tan asin acos atan atan2 sinh cosh tanh nextafter remainder fma
    isnan isinf finite __isnan __isinf __finite __fpclassify __signbit
    """.split())
ALLOWED_PATTERNS = re.compile(
    r"^(?:pcre2_\w+"             # regular expressions: memory only
    r"|__\w+_chk"                # the bounded forms of FORTIFY_SOURCE, checked by their plain name
    r"|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__gcov_\w+"
    r"|__(?:mul|div|mod|udiv|umod|pop|ash|lsh|float|fix|clz|ctz|u?div)\w*[dt]i\d?)$")
FORTIFIED = re.compile(r"^__(\w+)_chk$")


def is_allowed(symbol):
    match = FORTIFIED.match(symbol)
    if match and match.group(1) != "stack":
        return match.group(1) in ALLOWED
    return symbol in ALLOWED or bool(ALLOWED_PATTERNS.match(symbol))


def check(archives):
    """archives: {room: (defined, undefined as {symbol: object})}; base's too."""
    known = set()
    for room, (defined, _) in archives.items():
        if room in PURE_ROOMS or room == "base":
            known |= set(defined)
    problems = []
    for room in PURE_ROOMS:
        if room in archives:
            for symbol, source in sorted(archives[room][1].items()):
                if symbol not in known and not is_allowed(symbol):
                    problems.append(f"src/{room}: {source} uses '{symbol}', which is not pure")
    return problems


def main():
    build = Path(sys.argv[1]) if len(sys.argv) > 1 else tree.ROOT / "build"
    archives = symbols.of_rooms(build)
    present = [room for room in PURE_ROOMS if room in archives]
    if not present:
        print(f"{build} holds no archive of {', '.join(PURE_ROOMS)}: build first")
        sys.exit(1)
    tree.finish(check(archives), ", ".join(present))


if __name__ == "__main__":
    main()
