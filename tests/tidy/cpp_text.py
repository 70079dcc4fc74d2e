# SPDX-License-Identifier: Apache-2.0
"""What tidy needs to know of C++ text: the code without comments and literals, and where functions begin and end."""
import re

_LITERAL = re.compile(
    r"""(?P<line>//[^\n]*)
      | (?P<block>/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)")
      | (?P<text>"(?:\\.|[^"\\\n])*")
      | (?P<char>(?<![0-9A-Za-z_])(?:u8|u|U|L)?'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL,
)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    """Comments become spaces; lines stay where they are."""
    return _LITERAL.sub(lambda m: _blank(m[0]) if m["line"] or m["block"] else m[0], text)


def code_only(text):
    """Comments and the insides of literals become spaces; lines stay where they are."""

    def replace(match):
        if match["line"] or match["block"]:
            return _blank(match[0])
        return '"' + _blank(match[0][1:-1]) + '"'

    return _LITERAL.sub(replace, text)


def _without_preprocessor(code):
    """Blanks directives, and all but the first branch of each #if, so that braces balance."""
    lines, skipping = [], []
    continued = False
    for line in code.split("\n"):
        directive = re.match(r"\s*#\s*(\w+)", line)
        hidden = continued or bool(directive) or any(skipping)
        if directive and not continued:
            word = directive[1]
            if word in ("if", "ifdef", "ifndef"):
                skipping.append(False)
            elif word in ("else", "elif") and skipping:
                skipping[-1] = True
            elif word == "endif" and skipping:
                skipping.pop()
        continued = hidden and line.endswith("\\")
        lines.append(_blank(line) if hidden else line)
    return "\n".join(lines)


def _closing(code, start):
    """The index of the bracket that closes the one at `start`; -1 when there is none."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    stack = []
    for index in range(start, len(code)):
        char = code[index]
        if char in pairs:
            stack.append(pairs[char])
        elif char in ")]}":
            if not stack or stack.pop() != char:
                return -1
            if not stack:
                return index
    return -1


def _without_template_heads(head):
    while match := re.search(r"\btemplate\s*<", head):
        depth, index = 0, match.end() - 1
        for index in range(match.end() - 1, len(head)):
            depth += {"<": 1, ">": -1}.get(head[index], 0)
            if depth == 0:
                break
        head = head[: match.start()] + " " * (index + 1 - match.start()) + head[index + 1 :]
    return head


def _kind(head):
    """What a brace after `head` opens at namespace or class scope: scope, function or value."""
    head = _without_template_heads(head)
    bare = re.sub(r"\[\[.*?\]\]|\balignas\s*\([^()]*\)|__attribute__\s*\(\(.*?\)\)", " ", head, flags=re.DOTALL)
    if re.search(r"\bnamespace\b", bare) or re.match(r'\s*extern\s*"[^"]*"\s*$', bare):
        return "scope"
    if re.search(r"\b(class|struct|union)\b[^()=]*$", bare):
        return "scope"
    if re.search(r"\benum\b[^()=]*$", bare):
        return "value"
    if re.search(r"\]\s*(<[^=]*>\s*)?(\(.*\)[^()=]*)?$", bare, re.DOTALL) and "=" in bare:
        return "function"  # a lambda that is given a name
    if re.search(r"(?<!operator)(?<![=!<>])=(?!=)", re.sub(r"\([^()]*\)", "()", bare)) and "operator" not in bare:
        return "value"
    if "(" not in bare:
        return "value"
    # After the parameters, `: name` or `, name` before the brace: it initializes a member, the body comes later.
    if re.search(r"\)[^{]*?(?<!:):(?!:).*[\w>]\s*$", bare, re.DOTALL) and not re.search(r"\)\s*(noexcept)?\s*$", bare):
        return "member"
    return "function"


def functions(text):
    """Yields (first line, last line, head) for each function; raises ValueError where brackets do not balance."""
    code = _without_preprocessor(code_only(text))
    found = []
    _scan(code, 0, len(code), found)
    return found


def _line(code, index):
    return code.count("\n", 0, index) + 1


def _scan(code, start, end, found):
    head = index = start
    while index < end:
        char = code[index]
        if char in "([":
            index = _jump(code, index) + 1
        elif char == "{":
            close = _jump(code, index)
            kind = _kind(code[head:index])
            if kind == "scope":
                _scan(code, index + 1, close, found)
            elif kind == "function":
                first = head + len(code[head:index]) - len(code[head:index].lstrip())
                found.append((_line(code, first), _line(code, close), " ".join(code[head:index].split())))
            if kind in ("scope", "function"):
                head = close + 1
            index = close + 1
        else:
            if char == ";" or (char == ":" and re.search(r"\b(public|private|protected)\s*$", code[head:index])):
                head = index + 1
            elif char in ")]}":
                raise ValueError(f"line {_line(code, index)}: '{char}' closes nothing")
            index += 1


def _jump(code, index):
    close = _closing(code, index)
    if close < 0:
        raise ValueError(f"line {_line(code, index)}: '{code[index]}' is never closed")
    return close
