"""As much understanding of C++ text as the tidy checks need: comments, includes, functions."""

import re

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:[^"\\\n]|\\.)*"|'
    r"(?<![0-9a-zA-Z])'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_TYPE = re.compile(r"^(template\s*<.*>\s*)?(typedef\s+)?(class|struct|union|enum)\b", re.DOTALL)
_ACCESS = re.compile(r"^\s*((public|private|protected)\s*:\s*)+")


def _blank(match):
    """Empty text with the same number of lines."""
    text = match.group(0)
    return ('""' if text[0] in "\"'R" else "") + "\n" * text.count("\n")


def without_comments(text):
    """The code alone: comments gone, literals empty, every line where it was."""
    return _TOKEN.sub(_blank, text)


def includes(text):
    """(line number, included name) of each include."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _INCLUDE.match(line):
            yield number, match[1]


def _kind(head, inside):
    """What an opening brace begins, given the text before it and what it stands in."""
    head = _ACCESS.sub("", head).strip()
    if inside not in ("namespace", "type"):
        return "block"
    if re.search(r"\bnamespace\b", head) or re.fullmatch(r'extern\s*""', head):
        return "namespace"
    if _TYPE.match(head) and not re.search(r"\)\s*(const|noexcept|override)?$", head):
        return "type"
    plain = re.sub(r"\boperator\s*[^\w\s(]+", "operator", head)
    for _ in range(3):  # Default arguments stand in parentheses, an initialiser does not.
        plain = re.sub(r"\([^()]*\)", "", plain)
    if "(" in head and "=" not in plain:
        return "function"
    return "block"


def _name(head):
    match = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
    return match[1] if match else head.strip()[:40]


def functions(text):
    """(name, first line, last line) of each function defined in namespace or class scope."""
    code = _DIRECTIVE.sub(lambda m: "\n" * m.group(0).count("\n"), without_comments(text))
    found, stack, head_start = [], [], 0
    for position, character in enumerate(code):
        if character == "{":
            inside = stack[-1][0] if stack else "namespace"
            head = code[head_start:position]
            first = head_start + len(head) - len(head.lstrip())
            stack.append((_kind(head, inside), _name(head), code.count("\n", 0, first) + 1))
        elif character == "}" and stack:
            kind, name, first_line = stack.pop()
            if kind == "function":
                found.append((name, first_line, code.count("\n", 0, position) + 1))
        if character in "{};":
            head_start = position + 1
    return found


def _balanced(code, start, opening, closing):
    """The position after the bracket that closes the one at `start`; None if nothing does."""
    depth = 0
    for position in range(start, len(code)):
        depth += (code[position] == opening) - (code[position] == closing)
        if depth == 0:
            return position + 1
    return None


def coroutine_parameters(text):
    """(line number, parameter) of every parameter of a function that gives a Task<...>."""
    code = without_comments(text)
    for match in re.finditer(r"\bTask<", code):
        after_type = _balanced(code, match.end() - 1, "<", ">")
        name = after_type and re.compile(r"\s+[\w:]+\s*\(").match(code, after_type)
        end = name and _balanced(code, name.end() - 1, "(", ")")
        if not end:
            continue
        depth, begin = 0, name.end()
        for position in range(begin, end):
            character = code[position]
            if (character == "," and depth == 0) or position == end - 1:
                yield code.count("\n", 0, begin) + 1, " ".join(code[begin:position].split())
                begin = position + 1
            depth += (character in "<({") - (character in ">)}")
