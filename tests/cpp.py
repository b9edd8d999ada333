"""Understands as much C++ text as the tidy checks need: comments, includes, functions."""

import re

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"|"(?:[^"\\\n]|\\.)*"|'
    r"(?<![0-9a-zA-Z])'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_TYPE = re.compile(r"^(template\s*<.*>\s*)?(typedef\s+)?(class|struct|union|enum)\b", re.DOTALL)
_ACCESS = re.compile(r"^\s*((public|private|protected)\s*:\s*)+")


def _blank(match):
    """Returns empty text with the same number of lines."""
    text = match.group(0)
    return ('""' if text[0] in "\"'R" else "") + "\n" * text.count("\n")


def without_remarks(text):
    """Returns code and literals without comments, every line where it was."""
    return _TOKEN.sub(lambda found: _blank(found) if found[0][0] == "/" else found[0], text)


def without_comments(text):
    """Returns the code alone: no comments, empty literals, every line where it was."""
    return _TOKEN.sub(_blank, text)


def includes(text):
    """Yields (line number, included name) of each include."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _INCLUDE.match(line):
            yield number, match[1]


def _kind(head, inside):
    """Returns what an opening brace begins, given the text before it and what it is inside of."""
    head = _ACCESS.sub("", head).strip()
    if inside not in ("namespace", "type"):
        return "block"
    if re.search(r"\bnamespace\b", head) or re.fullmatch(r'extern\s*""', head):
        return "namespace"
    if _TYPE.match(head) and not re.search(r"\)\s*(const|noexcept|override)?$", head):
        return "type"
    plain = re.sub(r"\boperator\s*[^\w\s(]+", "operator", head)
    for _ in range(3):  # Default arguments are in parentheses, an initialiser is not.
        plain = re.sub(r"\([^()]*\)", "", plain)
    if "(" in head and "=" not in plain:
        return "function"
    return "block"


def _name(head):
    match = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
    return match[1] if match else head.strip()[:40]


def functions(text):
    """Returns (name, first line, last line) of each function in namespace or class scope."""
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
    """Returns the position after the bracket that closes the one at `start`, or None."""
    depth = 0
    for position in range(start, len(code)):
        depth += (code[position] == opening) - (code[position] == closing)
        if depth == 0:
            return position + 1
    return None


def coroutine_parameters(text):
    """Yields (line number, parameter) for each parameter of functions that return a Task<...>."""
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


def comments(text):
    """Yields (line number, text) of each comment."""
    for match in _TOKEN.finditer(text):
        if match[0][:2] in ("//", "/*"):
            yield text.count("\n", 0, match.start()) + 1, match[0]


# --- what a text declares ------------------------------------------------------------------------

_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
_TYPE_NAME = re.compile(
    r"\b(?:class|struct|union|enum)\s+(?:class\s+|struct\s+)?(?:\[\[[^\]]*\]\]\s*)?(\w+)\b")
_ALIAS = re.compile(r"^(?:template\s*<.*>\s*)?using\s+(\w+)\s*=", re.DOTALL)
_CONSTANT = re.compile(r"\b(k[A-Z]\w*)\s*(?:\[[^\]]*\]\s*)*(?==|$)")


def _without_brackets(head):
    """Returns the head without template arguments, attributes and anything in parentheses."""
    plain = re.sub(r"\[\[.*?\]\]", "", head, flags=re.DOTALL)
    plain = plain.replace("->", "  ")
    for pattern, by in ((r"<[^<>]*>", ""), (r"\([^()]*\)", "()")):
        before = None
        while plain != before:
            before, plain = plain, re.sub(pattern, by, plain.replace("()", "\0"))
            plain = plain.replace("\0", "()")
    return plain


def _declared_by(head, end):
    """Returns (kind, names) that a head in namespace or class scope declares; `end` ends it."""
    head = _ACCESS.sub("", head).strip()
    if not head or "operator" in head or head.count("(") != head.count(")") or re.match(
            r"(namespace|friend|extern)\b", head):
        return None
    if alias := _ALIAS.match(head):
        return "type", [alias[1]]
    if _TYPE.match(head) and "(" not in head:
        name = _TYPE_NAME.search(re.sub(r"^template\s*<.*?>\s*(?=class|struct)", "", head))
        return ("type", [name[1]]) if name else None
    plain = re.sub(r"=\s*(0|default|delete)$", "", _without_brackets(head)).strip()
    call = re.search(r"([\w:~]+)\s*\(\)", plain)
    if call and "=" not in plain[:call.start()] and not plain[call.end():].lstrip().startswith("="):
        # Without a type before the name it is a constructor, or a macro.
        typed = plain[:call.start()].strip() not in ("", "explicit", "constexpr")
        kind = "function" if typed else "other"
        names = [name for name in call[1].split("::") if name and "~" not in name]
        return (kind, names) if names else None
    constant = _CONSTANT.search(plain)
    if constant and ("=" in plain or end == "{"):
        return "constant", [constant[1]]
    return None


def declarations(text):
    """Yields (line number, kind, names, head) of each function, type, constant and macro.

    The kinds are function, type, constant, macro and other (constructors). Each part of a name such
    as Class::Method is in `names`. The inside of functions is not looked at.
    """
    code = without_comments(text)
    for match in _DEFINE.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, "macro", [match[1]], match[0]
    code = _DIRECTIVE.sub(lambda m: "\n" * m.group(0).count("\n"), code)
    stack, head_start = [], 0
    for position, character in enumerate(code):
        inside = stack[-1] if stack else "namespace"
        if character in "{;" and inside in ("namespace", "type"):
            head = code[head_start:position]
            if found := _declared_by(head, character):
                first = head_start + len(head) - len(head.lstrip())
                yield code.count("\n", 0, first) + 1, *found, head
        if character == "{":
            stack.append(_kind(code[head_start:position], inside))
        elif character == "}" and stack:
            stack.pop()
        if character in "{};":
            head_start = position + 1
