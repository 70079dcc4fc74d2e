# SPDX-License-Identifier: Apache-2.0
"""Every rule of tidy is shown what it must refuse and what it must let pass."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import rules
from cpp_text import functions

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
LONG_BODY = "  step();\n" * 75


def long_function(head, tail="}"):
    return f"{head} {{\n{LONG_BODY}{tail}\n"


# rule: (files that break it, files that keep it). A file is (path, text).
REFUSED = {
    "include_law": [
        ("src/base/a.hpp", '#include "protocol/reader.hpp"\n'),
        ("src/protocol/a.hpp", '#include "client/core.hpp"\n'),
        ("src/group/a.hpp", '#include "net/connection.hpp"\n'),
        ("src/client/core.hpp", "#include <boost/asio/post.hpp>\n"),
        ("src/client/core.hpp", "#include <boost/asio.hpp>\n"),
        ("src/client/core.cpp", '# include "net/connection.hpp"\n'),
        ("src/client/core.cpp", "#include <kafka/async.hpp>\n"),
        ("src/group/a.cpp", "#include <kafka/consumer.hpp>\n"),
        ("src/net/a.hpp", '#include "client/core.hpp"\n'),
        ("src/fake/cluster.cpp", "#include <boost/asio/io_context.hpp>\n"),
        ("src/fake/cluster.cpp", '#include "net/stream.hpp"\n'),
        ("src/fake/cluster.cpp", "#include <sys/socket.h>\n"),
        ("src/client/core.cpp", "#include <zstd.h>\n"),
        ("src/protocol/a.cpp", "#include <openssl/evp.h>\n"),
        ("src/base/a.cpp", "#include <boost/endian/conversion.hpp>\n"),
        ("include/kafka/producer.hpp", "#include <boost/asio/any_io_executor.hpp>\n"),
        ("include/kafka/types.hpp", '#include "base/shared_bytes.hpp"\n'),
        ("include/kafka/types.hpp", '#include "kafka/error.hpp"\n'),
        ("cli/main.cpp", '#include "protocol/reader.hpp"\n'),
        ("cli/main.cpp", '#include "src/protocol/reader.hpp"\n'),
        ("cli/main.cpp", "#include <zlib.h>\n"),
        ("bench/produce.cpp", '#include "protocol/reader.hpp"\n'),
        ("bench/codec/a.cpp", '#include "client/core.hpp"\n'),
        ("examples/a.cpp", '#include "base/time.hpp"\n'),
        ("src/protocol/a.cpp", '#include "../base/time.hpp"\n'),
    ],
    "file_length": [
        ("src/base/a.cpp", "int a;\n" * 501),
        ("tests/unit/base/a_test.cpp", "int a;\n" * 801),
        ("include/kafka/a.hpp", "int a;\n" * 251),
        ("scripts/a", "#!/bin/sh\n" + "true\n" * 500),
    ],
    "function_length": [
        ("src/a.cpp", long_function("int f(int x)")),
        ("src/a.cpp", "namespace a {\nclass b : public c<int> {\n" + long_function("void f() const noexcept override") + "};\n}\n"),
        ("src/a.cpp", long_function("b::b(int x) : c(x), d_{x}, e_{{x}, 2}")),
        ("src/a.cpp", long_function("template <class T, class = std::enable_if_t<(sizeof(T) > 2)>>\nauto f(T x = {}) -> struct_of<T>")),
        ("src/a.cpp", long_function("inline constexpr auto f = [](auto x)", "};")),
        ("src/a.cpp", "struct s {\n" + long_function("bool operator==(const s& other) const") + "};\n"),
        ("src/a.cpp", "extern \"C\" {\n" + long_function("int main()") + "}\n"),
        ("src/a.cpp", long_function('TEST_CASE("a { brace in a name")')),
        ("src/a.cpp", "int v[] = {1,\n2};\n// a comment's brace {\n" + long_function("int f() requires(true)")),
        ("src/a.cpp", 'auto s = R"(}}})"; char c = \'{\'; int n = 1\'000;\n' + long_function("int f()")),
        ("src/a.cpp", "#if A\nint g() {\n#else\nint h() {\n#endif\n  return 1;\n}\n" + long_function("int f()")),
        ("src/a.cpp", "int f() {\n"),
    ],
    "banned_words": [
        ("tests/unit/a_test.cpp", "std::this_thread::sleep_for(1s);\n"),
        ("tests/sim/a.cpp", "usleep(1);\n"),
        ("src/net/a.cpp", "std::this_thread::sleep_until(t);\n"),
        ("src/base/a.cpp", "auto t = std::chrono::steady_clock::now();\n"),
        ("src/client/core.cpp", "auto t = steady_clock::now();\n"),
        ("src/group/a.cpp", "std::random_device seed;\n"),
        ("src/protocol/a.cpp", "std::thread worker;\n"),
        ("src/fake/cluster.cpp", "std::jthread worker;\n"),
        ("src/net/a.cpp", "auto n = htonl(1);\n"),
        ("cli/a.cpp", "auto n = boost::endian::native_to_big(1);\n"),
        ("src/net/a.cpp", "assert(x);\n"),
        ("src/net/a.cpp", "std::abort();\n"),
        ("src/net/a.cpp", "std::cerr << 1;\n"),
    ],
    "unfinished_work": [
        ("src/a.cpp", "// TO" "DO: later\n"),
        ("scripts/a", "#!/bin/sh\n# FIX" "ME\n"),
        ("cmake/a.cmake", "# XX" "X\n"),
    ],
    "machine_names": [
        ("README.md", "see /ro" "ot/x\n"),
        ("src/a.cpp", '"/wo' 'rk/x"\n'),
        ("scripts/a", "cd /ho" "me/somebody\n"),
        ("docs/a.md", "from repo1.mav" "en.org\n"),
        ("docs/a.md", "https://cra" "tes.io/x\n"),
    ],
    "licence_line": [
        ("src/a.cpp", "#pragma once\n"),
        ("scripts/a", "#!/bin/sh\necho\n"),
        ("src/CMakeLists.txt", "add_library(x)\n"),
        ("src/a.hpp", "// SPDX-License-Identifier: MIT\n"),
    ],
    "header_form": [
        ("src/a.hpp", "int a;\n"),
        ("src/a.hpp", "#pragma once\nusing namespace std;\n"),
        ("src/a.hpp", "// #pragma once\n"),
    ],
    "listed_sources": [
        ("tests/unit/base/forgotten_test.cpp", ""),
        ("src/base/forgotten.cpp", ""),
        ("src/base/gotten.cpp", ""),
    ],
    "test_names": [
        ("tests/unit/a_test.cpp", 'TEST_CASE("lies in [0, 1)") {}\n'),
        ("tests/unit/a_test.cpp", 'TEST_CASE("one; two") {}\n'),
        ("tests/unit/a_test.cpp", 'TEST_CASE("a \\"word\\"") {}\n'),
        ("tests/unit/a_test.cpp", 'TEST_CASE(\n    " spaces") {}\n'),
    ],
    "clang_format": [("src/a.cpp", "int   f( ) {return 1 ;}\n")],
}

ALLOWED = {
    "include_law": [
        ("src/base/a.hpp", '#include <vector>\n#include <kafka/types.hpp>\n#include "base/b.hpp"\n'),
        ("src/protocol/a.hpp", '#include <boost/endian/conversion.hpp>\n#include "base/b.hpp"\n#include <zstd.h>\n'),
        ("src/client/core.hpp", '#include "group/member.hpp"\n// #include "net/connection.hpp"\n'),
        ("src/client/runtime.cpp", '#include <boost/asio.hpp>\n#include "net/a.hpp"\n#include "client/core.hpp"\n'),
        ("src/client/producer.cpp", "#include <kafka/producer.hpp>\n"),
        ("src/client/async.cpp", "#include <boost/asio/post.hpp>\n#include <kafka/async.hpp>\n"),
        ("src/net/a.hpp", "#include <boost/asio/ip/tcp.hpp>\n#include <openssl/ssl.h>\n"),
        ("src/fake/tcp_server.cpp", "#include <boost/asio/ip/tcp.hpp>\n#include <kafka/fake_cluster.hpp>\n"),
        ("include/kafka/async.hpp", "#include <boost/asio/async_result.hpp>\n#include <kafka/consumer.hpp>\n"),
        ("bench/codec/a.cpp", '#include "protocol/reader.hpp"\n#include <CLI/CLI.hpp>\n'),
        ("cli/main.cpp", '#include <kafka/kafka.hpp>\n#include "options.hpp"\n#include "cli/output.hpp"\n#include <boost/json.hpp>\n'),
        ("cli/unpacking_source.cpp", "#include <zlib.h>\n#include <zstd.h>\n"),
        ("tests/unit/a_test.cpp", '#include "fake/cluster.hpp"\n#include <boost/asio.hpp>\n'),
    ],
    "file_length": [
        ("src/base/a.cpp", "int a;\n" * 500),
        ("tests/unit/base/a_test.cpp", "int a;\n" * 800),
        ("include/kafka/a.hpp", "int a;\n" * 250),
        ("README.md", "word\n" * 2000),
    ],
    "function_length": [
        ("src/a.cpp", "int f() {\n" + "  step();\n" * 68 + "}\n"),
        ("src/a.cpp", "namespace a {\n" + "void f() {\n  step();\n}\n" * 50 + "}\n"),
        ("src/a.cpp", "class a {\n public:\n" + "  void f() { step(); }\n" * 100 + "};\n"),
        ("src/a.cpp", "constexpr row table[] = {\n" + "  {f(1), 2},\n" * 100 + "};\n"),
        ("src/a.cpp", "constexpr auto table = make({\n" + "  {f(1), 2},\n" * 100 + "});\n"),
        ("src/a.cpp", "enum class a : int {\n" + "  b,\n" * 100 + "};\n"),
        ("src/a.cpp", "template <class T>\nstruct a<T, f(1)> final : b<T> {\n" + "  int c = f();\n" * 100 + "};\n"),
    ],
    "banned_words": [
        ("tests/unit/a_test.cpp", 'TEST_CASE("nobody calls sleep_for") {}\n'),
        ("tests/integration/a.cpp", "std::this_thread::sleep_for(1s);\n"),
        ("src/client/runtime.cpp", "auto t = std::chrono::steady_clock::now();\n"),
        ("src/client/producer.cpp", "std::thread io;\n"),
        ("src/base/a.cpp", "// std::chrono::steady_clock::now() is not called here\n"),
        ("src/protocol/a.cpp", "boost::endian::big_to_native(x);\n"),
        ("bench/codec.cpp", "boost::endian::big_to_native(x);\n"),
        ("src/net/a.cpp", "static_assert(sizeof(int) == 4);\n"),
        ("cli/main.cpp", "std::cout << 1;\n"),
    ],
    "unfinished_work": [("src/a.cpp", "// a method todo() and FIXED\n")],
    "machine_names": [("README.md", "$HOME/x ~/work/x build/work/ https://kafka.apache.org/\n")],
    "licence_line": [("src/a.cpp", SPDX), ("scripts/a", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"), ("a.md", "# A\n")],
    "header_form": [("src/a.hpp", SPDX + "#pragma once\nvoid f() {\n  using namespace std;\n}\n"), ("src/a.cpp", "using namespace a;\n"),
                    ("tests/unit/a.hpp", "#pragma once\nusing namespace a;\n")],
    "listed_sources": [("src/base/listed.cpp", ""), ("src/deep/er/listed.cpp", ""), ("src/deep/by_foreach.cpp", ""), ("src/x/listed_by_folder.cpp", "")],
    "test_names": [("tests/unit/a_test.cpp", 'TEST_CASE("a sentence, with (that) and -1: fine", "[tag]") {}\n')],
    "clang_format": [("src/a.cpp", "int f() { return 1; }\n")],
}


class EachRule(unittest.TestCase):
    def faults(self, rule, path, text):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for floor in ("base", "protocol", "net", "group", "client", "fake"):
                (root / "src" / floor).mkdir(parents=True)
            (root / ".clang-format").write_text("BasedOnStyle: Google\n")
            (root / "src/base/CMakeLists.txt").write_text("target_sources(x PRIVATE listed.cpp unforgotten.cpp)\n")
            (root / "src/deep").mkdir()
            (root / "src/deep/a.cmake").write_text("target_sources(x ${CMAKE_CURRENT_LIST_DIR}/er/listed.cpp)\nforeach(x a by_foreach)\n")
            (root / "CMakeLists.txt").write_text("add_library(y ${PROJECT_SOURCE_DIR}/src/x/listed_by_folder.cpp)\n")
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
            return [fault for fault in rule(rules.Tree(root)) if fault[0] == path]

    def test_every_rule_is_tested(self):
        self.assertEqual({rule.__name__ for rule in rules.ALL}, set(REFUSED))
        self.assertEqual({rule.__name__ for rule in rules.ALL}, set(ALLOWED))

    def test_every_rule_is_registered(self):
        registered = (Path(__file__).parent / "CMakeLists.txt").read_text().replace(")", " ").split()
        self.assertEqual(set(), {rule.__name__ for rule in rules.ALL} - set(registered))

    def test_what_breaks_a_rule_is_refused(self):
        for rule in self.runnable():
            for path, text in REFUSED[rule.__name__]:
                with self.subTest(rule=rule.__name__, path=path, text=text[:60]):
                    self.assertTrue(self.faults(rule, path, text))

    def test_what_keeps_a_rule_passes(self):
        for rule in self.runnable():
            for path, text in ALLOWED[rule.__name__]:
                with self.subTest(rule=rule.__name__, path=path, text=text[:60]):
                    self.assertEqual([], self.faults(rule, path, text))

    def runnable(self):
        without = set() if rules.shutil.which("clang-format-19") else {"clang_format"}
        return [rule for rule in rules.ALL if rule.__name__ not in without]

    def test_a_function_is_counted_from_its_head_to_its_brace(self):
        text = SPDX + "namespace a {\n\nint f(int x,\n      int y) {\n  return x;\n}\n\n}\n"
        self.assertEqual([(4, 7, "int f(int x, int y)")], functions(text))


class HeadersAlone(unittest.TestCase):
    """The build compiles each public header alone (tests/tidy/CMakeLists.txt); here, that such a compilation can fail."""

    compiler = None

    def compiles(self, text):
        run = [self.compiler, "-std=c++20", "-fsyntax-only", "-x", "c++", "-"]
        return subprocess.run(run, input=text, text=True, capture_output=True).returncode == 0

    def test_a_header_that_forgets_an_include_does_not_compile(self):
        self.assertFalse(self.compiles("#pragma once\ninline std::string name() { return {}; }\n"))
        self.assertTrue(self.compiles("#include <string>\ninline std::string name() { return {}; }\n"))


if __name__ == "__main__":
    HeadersAlone.compiler = sys.argv.pop(1)
    unittest.main()
