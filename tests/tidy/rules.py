# SPDX-License-Identifier: Apache-2.0
"""The house rules. Each takes a Tree and yields (path, line, message)."""
import re
import shutil
import subprocess
from pathlib import Path

from cpp_text import code_only, functions, without_comments

SKIPPED_FOLDERS = {".git", ".cache", ".ccache", "build", "__pycache__"}
CODE = (".cpp", ".hpp")
BUILD = (".cmake", "CMakeLists.txt")


class Tree:
    """The files of a checkout, by path relative to its root."""

    def __init__(self, root):
        self.root = Path(root)
        self._texts = {}

    def files(self, *endings):
        for path in sorted(self.root.rglob("*")):
            relative = path.relative_to(self.root)
            if not SKIPPED_FOLDERS.intersection(relative.parts) and path.is_file() and not path.is_symlink():
                name = relative.as_posix()
                if not endings or name.endswith(endings):
                    yield name

    def text(self, name):
        """The file's text; None when it is no text."""
        if name not in self._texts:
            try:
                self._texts[name] = (self.root / name).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                self._texts[name] = None
        return self._texts[name]

    def is_script(self, name):
        text = self.text(name)
        return text is not None and text.startswith("#!")

    def ours(self):
        """Sources, build files and scripts."""
        for name in self.files():
            if name.endswith(CODE + BUILD + (".py", ".sh")) or self.is_script(name):
                yield name


def _matches(pattern, text):
    for match in re.finditer(pattern, text):
        yield text.count("\n", 0, match.start()) + 1, match


# --- who may include whom ---------------------------------------------------------------------------------------------

# The first pattern that fits a file decides. "ours" are folders under src/, "boost" the Boost libraries and "system" the
# others that the file may name beyond the standard library; None: anything. Public headers: see _PUBLIC_BY_FLOOR.
_LAW = (
    (r"include/kafka/async(_admin|_consumer|_producer)?\.hpp", dict(ours=(), boost=("asio", "system"), system=())),
    (r"include/", dict(ours=(), boost=(), system=())),
    (r"src/base/", dict(ours=("base",), boost=(), system=())),
    (r"src/protocol/", dict(ours=("base", "protocol"), boost=("endian",), system=("zlib", "lz4", "zstd", "snappy", "zdict", "intrin"))),
    (r"src/group/", dict(ours=("base", "protocol", "group"), boost=(), system=())),
    (r"src/client/(runtime|async)", dict(ours=("base", "protocol", "group", "client", "net"), boost=("asio", "system"), system=("posix",))),
    (r"src/client/bell", dict(ours=("base", "client"), boost=(), system=("posix",))),
    (r"src/client/", dict(ours=("base", "protocol", "group", "client"), boost=(), system=())),
    (r"src/net/", dict(ours=("base", "protocol", "net"), boost=("asio", "system"), system=("openssl", "posix"))),
    (r"src/fake/tcp_server", dict(ours=("base", "protocol", "fake"), boost=("asio", "system"), system=("posix",))),
    (r"src/fake/", dict(ours=("base", "protocol", "fake"), boost=(), system=())),
    (r"bench/codec", dict(ours=("base", "protocol"), boost=None, system=("CLI", "posix"))),
    (r"cli/unpacking_source", dict(ours=(), boost=None, system=("CLI", "posix", "zlib", "zstd"))),
    (r"(cli|bench)/", dict(ours=(), boost=None, system=("CLI", "posix"))),
    (r"examples/", dict(ours=(), boost=None, system=())),
)
_FACADES = ("admin", "async", "async_admin", "async_consumer", "async_producer", "consumer", "fake_cluster", "kafka", "producer")
_PUBLIC_BY_FLOOR = (
    (r"src/(base|protocol|group|net)/", ()),
    (r"src/client/(runtime|async)", ("admin", "async", "consumer", "producer")),
    (r"src/client/", ("admin", "consumer", "producer")),
    (r"src/fake/", ("fake_cluster",)),
)
_SYSTEM = (
    ("zlib", r"zlib\.h"), ("lz4", r"lz4\w*\.h"), ("zstd", r"zstd\w*\.h"), ("zdict", r"zdict\.h"), ("snappy", r"snappy[\w-]*\.h"),
    ("intrin", r"\w*intrin\.h|arm_acle\.h|sys/auxv\.h|cpuid\.h"), ("openssl", r"openssl/.*"), ("CLI", r"CLI/.*"),
    ("posix", r"(sys|netinet|arpa|net)/.*|(unistd|netdb|fcntl|poll|signal|pthread|termios|dirent)\.h"),
    ("catch", r"catch2/.*"),
)


def _first(table, name, otherwise=None):
    return next((value for pattern, value in table if re.match(pattern, name)), otherwise)


def _include_fault(tree, name, law, quoted, target):
    if quoted:
        if target.startswith(("kafka/", "..", "./")):
            return "public headers go in <>, private ones by their path below src/"
        folder = target.split("/")[0]
        if "/" in target and (tree.root / "src" / folder).is_dir():
            return None if folder in law["ours"] else f"may not include {folder}/"
        own = name.split("/")[0]
        if own in ("cli", "bench", "examples") and (folder == own or "/" not in target):
            return None
        return "names no folder of src/"
    if target.startswith("kafka/"):
        header = target[6:].removesuffix(".hpp")
        allowed = _first(_PUBLIC_BY_FLOOR, name, _FACADES)
        return f"may not include the facade <{target}>" if header in _FACADES and header not in allowed else None
    if target.startswith("boost/"):
        library = re.split(r"[/.]", target)[1]
        allowed = law["boost"]
        return None if allowed is None or library in allowed else f"may not include Boost ({library})"
    for system, pattern in _SYSTEM:
        if re.fullmatch(pattern, target):
            return None if system in law["system"] else f"may not include <{target}>"
    return None


def include_law(tree):
    """Every floor includes only the floors below it; Asio, Boost, codecs and OpenSSL stay where they belong."""
    for name in tree.files(*CODE):
        law = _first(_LAW, name)
        if law is None:
            continue
        text = without_comments(tree.text(name))
        for line, match in _matches(r'(?m)^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', text):
            fault = _include_fault(tree, name, law, match[1] == '"', match[2])
            if fault:
                yield name, line, f"{fault}: {match[2]}"


# --- sizes --------------------------------------------------------------------------------------------------------------

FUNCTION_LINES = 70


def file_length(tree):
    """Public headers have at most 250 lines, tests 800, everything else 500."""
    for name in tree.ours():
        most = 250 if name.startswith("include/") else 800 if name.startswith("tests/") else 500
        lines = tree.text(name).count("\n")
        if lines > most:
            yield name, most, f"{lines} lines; at most {most}"


def function_length(tree):
    """A function has at most 70 lines."""
    for name in tree.files(*CODE):
        try:
            for first, last, head in functions(tree.text(name)):
                if last - first + 1 > FUNCTION_LINES:
                    yield name, first, f"{last - first + 1} lines in one function; at most {FUNCTION_LINES}: {head[:60]}"
        except ValueError as why:
            yield name, 1, f"cannot tell its functions apart: {why}"


# --- words --------------------------------------------------------------------------------------------------------------

_PURE = r"src/(base|protocol|group|fake|client)/"
# Drivers and facades: they own clocks and threads; everything else under src/ is told the time.
_IMPURE = r"src/client/((admin|async|consumer|producer)(_engine|_group|_loop|_workers)?\.|bell|client_base|runtime|transactional_loop)|src/fake/(tcp_server|fake_cluster)"
_CODE_WORDS = (
    (r"src/|include/|tests/(?!integration/)", None, r"\b(sleep_for|sleep_until|usleep|nanosleep)\b", "time is an argument; nobody sleeps"),
    (_PURE, _IMPURE, r"\b\w*clock\w*::now\s*\(|\bstd::chrono::\w+::now\s*\(", "a pure floor has no clock: time is an argument"),
    (_PURE, _IMPURE, r"\brandom_device\b|\bs?rand\s*\(|\bmt19937", "a pure floor is given its random_source"),
    (_PURE, _IMPURE, r"\bstd::(j?thread|async)\b", "a pure floor has no threads"),
    (r"", r"src/protocol/|bench/codec", r"\b(hton|ntoh)(s|l|ll)\b|\b__builtin_bswap\w+|\bboost::endian\b", "byte order is protocol's business"),
    (r"src/|include/", None, r"(?<!void )(?<!producer::)(?<!->)\b(assert|abort|terminate)\s*\(|\bstd::exit\b|\bexit\s*\(", "the user's process is not ours to end"),
    (r"src/|include/", None, r"\bstd::(cout|cerr|clog)\b|\bf?printf\s*\(", "the library prints nothing: it logs"),
)


def banned_words(tree):
    """Code avoids what the house has banned: sleeping, clocks in pure floors, byte swapping, aborting, printing."""
    for name in tree.files(*CODE):
        code = code_only(tree.text(name))
        for where, but_not, pattern, why in _CODE_WORDS:
            if re.match(where, name) and not (but_not and re.match(but_not, name)):
                for line, match in _matches(pattern, code):
                    yield name, line, f"'{match[0].strip()}': {why}"


def unfinished_work(tree):
    """Nothing says in capitals that work was left to do."""
    for name in tree.ours():
        for line, match in _matches(r"\b(TO" r"DO|FIX" r"ME|X{3})\b", tree.text(name)):
            yield name, line, f"'{match[0]}': finish it or file an issue"


def machine_names(tree):
    """No absolute path of somebody's machine and no registry's host name."""
    paths = r"(?<![\w.$}~/-])/(work|root|home|Users)/"
    hosts = r"\b[\w.-]*(maven|maven\.apache|debian|npmjs|golang|pypi|pythonhosted)\.org\b|\bcrates\.io\b"
    for name in tree.files():
        text = tree.text(name)
        if text is None or name == "LICENSE":
            continue
        for line, match in _matches(f"{paths}|{hosts}", text):
            yield name, line, f"'{match[0]}': true on one machine only"


# --- form ---------------------------------------------------------------------------------------------------------------


def licence_line(tree):
    """Every source, build file and script names its licence in its first line (the second after #!)."""
    for name in tree.ours():
        lines = tree.text(name).split("\n", 2)
        first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
        if not re.fullmatch(r"(//|#) SPDX-License-Identifier: Apache-2\.0", first):
            yield name, 1, "the first line is not the SPDX line"


def header_form(tree):
    """A header is guarded by #pragma once; none but a test's has a using-directive at file scope."""
    for name in tree.files(".hpp"):
        code = code_only(tree.text(name))
        if not re.search(r"(?m)^#pragma once$", code):
            yield name, 1, "no #pragma once"
        for line, _ in () if name.startswith("tests/") else _matches(r"(?m)^using namespace\b", code):
            yield name, line, "a header gives its includers no using-directive"


def listed_sources(tree):
    """Every .cpp is named by a CMake file in its folder or one above: an unlisted test would never run."""
    lists, everything = {}, ""
    for name in tree.files(*BUILD):
        folder = name.rpartition("/")[0]
        lists[folder] = lists.get(folder, "") + tree.text(name)
        everything += tree.text(name)
    for name in tree.files(".cpp"):
        folder = name.rpartition("/")[0]
        while folder:
            below = re.escape(name[len(folder) + 1 : -len(".cpp")])
            # By its name, or without .cpp in a list that a foreach goes through.
            if re.search(rf"(?<![\w.-]){below}\.cpp\b|(?<![^\s\"(]){below}(?![^\s\")])", lists.get(folder, "")):
                break
            folder = folder.rpartition("/")[0]
        else:
            if f"/{name}" not in everything:
                yield name, 1, "no CMake file names it"


def test_names(tree):
    """A test's name is a sentence that CMake and Catch2 can both hand on: no [ ] ; \\ or quote, no space at its ends."""
    for name in tree.files("_test.cpp"):
        for line, match in _matches(r'\bTEST_CASE(?:_METHOD)?\s*\([^"]*"((?:\\.|[^"\\\n])*)"', without_comments(tree.text(name))):
            if re.search(r"[\[\];\\]|^\s|\s$|^[~*]|\*$|^$", match[1]):
                yield name, line, f"not a name that every tool takes: {match[1]}"


def clang_format(tree, program="clang-format-19"):
    """Formatted as .clang-format says, by the version that wrote it."""
    program = shutil.which(program)
    if program is None:
        print("clang-format-19 is not installed: the formatting is unchecked")
        return
    names = list(tree.files(*CODE))
    for start in range(0, len(names), 50):
        run = subprocess.run([program, "--dry-run", *names[start : start + 50]], cwd=tree.root, capture_output=True, text=True)
        lines = re.findall(r"(?m)^(\S+?):(\d+):\d+: (?:warning|error): (.*)$", run.stderr)
        if run.returncode != 0 and not lines:
            yield ".clang-format", 1, run.stderr.strip()
        seen = set()
        for name, line, message in lines:
            if name not in seen:
                seen.add(name)
                yield name, int(line), message


ALL = (
    include_law, file_length, function_length, banned_words, unfinished_work, machine_names, licence_line, header_form,
    listed_sources, test_names, clang_format,
)
