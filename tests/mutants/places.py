"""Finds the places of a source file where a small slip can be made, with libclang.

A slip replaces the text of one span by another: an expression by a similar one, a statement by
nothing, the beginning of a function by a return. weave.py writes it so that both stay in the
program and a switch decides.
"""

import collections
import concurrent.futures
import dataclasses
import hashlib
import json
import os
import pathlib
import re

from clang import cindex
from clang.cindex import CursorKind, TypeKind

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = "libclang-19.so.1"

COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ARITHMETIC = {"+": "-", "-": "+", "*": "+", "+=": "-=", "-=": "+="}
# A call of one of these with a literal is a span of time: one unit more would change nothing that
# anybody could see, the wrong unit would.
SPANS = {"Nanoseconds", "Microseconds", "Milliseconds", "Seconds", "Minutes", "Hours"}
# Calls that only save time.
FOR_SPEED = {"reserve"}
COMMUTATIVE = {"min", "max", "minmax"}
# Macros whose use is a check that can be forgotten.
CHECKING_MACROS = {"RETURN_IF_ERROR", "CO_RETURN_IF_ERROR"}
# What a function that returns at once can answer, by the canonical type of its result.
EARLY = {"void": "", "bool": "true", "int": "0", "long": "0", "absl::Status": "absl::OkStatus()"}
FUNCTIONS = {CursorKind.FUNCTION_DECL, CursorKind.CXX_METHOD, CursorKind.CONSTRUCTOR,
             CursorKind.DESTRUCTOR, CursorKind.CONVERSION_FUNCTION, CursorKind.FUNCTION_TEMPLATE}
LOOPS = {CursorKind.FOR_STMT, CursorKind.WHILE_STMT, CursorKind.CXX_FOR_RANGE_STMT,
         CursorKind.DO_STMT}
BLOCKS = {CursorKind.COMPOUND_STMT, CursorKind.IF_STMT, CursorKind.CASE_STMT,
          CursorKind.DEFAULT_STMT} | LOOPS


@dataclasses.dataclass(frozen=True, order=True)
class Place:
    """One slip: `before` at the bytes [begin, end) of `file` becomes `after`."""
    file: str
    begin: int
    end: int
    line: int
    kind: str
    shape: str  # value, statement or early
    before: str
    after: str
    function: str
    # Which of the same slips in that function this is, from 1.
    nth: int = 1

    def __str__(self):
        return (f"{self.file}:{self.line}: {self.kind}: "
                f"{_one_line(self.before) or 'at the beginning'} => "
                f"{_one_line(self.after) or 'nothing'}")

    def key(self):
        """Names the slip as long as its text and its function stay."""
        where = self.function if self.nth == 1 else f"{self.function}#{self.nth}"
        return "\t".join((self.file, where, self.kind, _one_line(self.before),
                          _one_line(self.after)))


def _one_line(text):
    return " ".join(text.split())


def is_mutated(path):
    """The code of the product: no tests and nothing that only tests use."""
    return (path.startswith(("services/", "policy/")) and path.endswith((".cc", ".h"))
            and not path.endswith("_test.cc") and "/testing/" not in path)


class Finder:
    """Walks one translation unit and collects the places in the files that are wanted."""

    def __init__(self, root, wanted):
        self._root = str(root) + "/"
        self._wanted = wanted
        self._texts = {}
        self._macros = {}
        self._function = ""
        self.places = set()

    def find(self, source, arguments):
        index = cindex.Index.create()
        unit = index.parse(source, args=arguments,
                           options=cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD)
        errors = [d for d in unit.diagnostics if d.severity >= cindex.Diagnostic.Error]
        if errors:
            raise RuntimeError(f"{source}: {errors[0]}")
        top = list(unit.cursor.get_children())
        for cursor in top:
            if cursor.kind == CursorKind.MACRO_INSTANTIATION and self._file_of(cursor):
                self._note_macro(cursor)
        for cursor in top:
            if cursor.kind.is_declaration() and self._file_of(cursor):
                self._walk(cursor, [])
        return self.places

    def _file_of(self, cursor):
        """The path in the project of a file that is wanted, or None."""
        at = cursor.location.file
        if at is None or not at.name.startswith(self._root):
            return None
        path = at.name[len(self._root):]
        return path if path in self._wanted else None

    def _note_macro(self, cursor):
        path = self._file_of(cursor)
        begin, end = cursor.extent.start.offset, cursor.extent.end.offset
        self._macros.setdefault(path, []).append((begin, end))
        text = self._bytes(path)
        semicolon = end + len(text[end:]) - len(text[end:].lstrip())
        if cursor.spelling in CHECKING_MACROS and text[semicolon:semicolon + 1] == b";":
            self._add(path, begin, semicolon + 1, "dropped call", "statement", "", macro=True)

    def _bytes(self, path):
        if path not in self._texts:
            self._texts[path] = pathlib.Path(self._root + path).read_bytes()
        return self._texts[path]

    def _text(self, path, begin, end):
        return self._bytes(path)[begin:end].decode()

    def _add(self, path, begin, end, kind, shape, after, macro=False):
        before = self._text(path, begin, end)
        if shape != "early" and not before:
            return
        if not macro and any(b < end and begin < e for b, e in self._macros.get(path, ())):
            # Offsets inside a macro's arguments are those of the whole macro. A statement that
            # only contains one is as it is written.
            if shape != "statement" or any(b <= begin < e or b < end < e
                                           for b, e in self._macros[path]):
                return
        if shape == "value" and re.search(r"\bco_(await|yield)\b|\[[^\]]*\]\s*[({]", before):
            return
        line = self._bytes(path)[:begin].count(b"\n") + 1
        self.places.add(Place(path, begin, end, line, kind, shape, before, after, self._function))

    def _walk(self, cursor, parents):
        path = self._file_of(cursor)
        if path is None and cursor.kind != CursorKind.NAMESPACE:
            return
        if self._is_constant(cursor, path):
            return
        outside = self._function
        if cursor.kind in FUNCTIONS:
            self._function = cursor.spelling
        if path is not None:
            self._look_at(cursor, parents, path)
        children = list(cursor.get_children())
        if cursor.kind == CursorKind.CASE_STMT:
            children = children[1:]
        for child in children:
            self._walk(child, parents + [cursor])
        self._function = outside

    def _is_constant(self, cursor, path):
        """What must be known when it is compiled cannot depend on a switch."""
        if cursor.kind in (CursorKind.STATIC_ASSERT, CursorKind.ENUM_DECL, CursorKind.TYPE_REF,
                           CursorKind.TEMPLATE_REF, CursorKind.TYPE_ALIAS_DECL):
            return True
        # A default is a choice; whoever rests on another value sets it.
        if cursor.kind == CursorKind.FIELD_DECL:
            return True
        if cursor.kind == CursorKind.VAR_DECL and path is not None:
            begin = cursor.extent.start.offset
            head = self._text(path, begin, max(begin, cursor.location.offset))
            return bool(re.search(r"\bconst(expr|init)\b", head))
        return False

    def _look_at(self, cursor, parents, path):
        kind = cursor.kind
        parent = parents[-1] if parents else None
        if kind in (CursorKind.BINARY_OPERATOR, CursorKind.COMPOUND_ASSIGNMENT_OPERATOR):
            self._operator(cursor, path, [c.extent for c in cursor.get_children()])
        elif kind == CursorKind.CALL_EXPR:
            self._call(cursor, path)
        elif kind == CursorKind.UNARY_OPERATOR:
            self._negation(cursor, path)
        elif kind == CursorKind.IF_STMT:
            self._condition(cursor, path)
        elif kind == CursorKind.CXX_BOOL_LITERAL_EXPR:
            text = self._of(cursor, path)
            flipped = {"true": "false", "false": "true"}.get(text)
            if flipped:
                self._value(cursor, path, "boolean", flipped)
        elif kind == CursorKind.INTEGER_LITERAL:
            self._literal(cursor, parents, path)
        elif kind in (CursorKind.DECL_REF_EXPR, CursorKind.MEMBER_REF_EXPR):
            self._name(cursor, path)
        if kind in FUNCTIONS and cursor.is_definition():
            self._early(cursor, path)
        if parent is not None and parent.kind in BLOCKS:
            self._statement(cursor, parent, path)

    def _of(self, cursor, path):
        return self._text(path, cursor.extent.start.offset, cursor.extent.end.offset)

    def _value(self, cursor, path, kind, after):
        self._add(path, cursor.extent.start.offset, cursor.extent.end.offset, kind, "value", after)

    def _operator(self, cursor, path, sides):
        if len(sides) < 2:
            return
        begin, end = cursor.extent.start.offset, cursor.extent.end.offset
        left, right = sides[0].end.offset, sides[-1].start.offset
        if not begin < left <= right < end:
            return
        between = self._text(path, left, right)
        sign = re.sub(r"//[^\n]*\n", "", between).strip()
        first, second = self._text(path, begin, left), self._text(path, right, end)

        def add(kind, replaced):
            self._value(cursor, path, kind, first + between.replace(sign, replaced, 1) + second)

        if sign in COMPARISONS:
            add("comparison", COMPARISONS[sign])
        elif sign in ARITHMETIC and "string" not in cursor.type.get_canonical().spelling:
            add("arithmetic", ARITHMETIC[sign])
        elif sign in ("&&", "||"):
            add("boolean", "||" if sign == "&&" else "&&")
            self._value(cursor, path, "dropped condition", first)
            self._value(cursor, path, "dropped condition", second)

    def _call(self, cursor, path):
        name = cursor.spelling
        if name.startswith("operator"):
            sides = [c.extent for c in cursor.get_children() if c.spelling != name]
            self._operator(cursor, path, sides)
            return
        if name in COMMUTATIVE:
            return
        arguments = [a for a in cursor.get_arguments() if a is not None and a.extent.start.file]
        begin, end = cursor.extent.start.offset, cursor.extent.end.offset
        for first, second in zip(arguments, arguments[1:]):
            spans = [(a.extent.start.offset, a.extent.end.offset) for a in (first, second)]
            texts = [self._text(path, *span) for span in spans]
            if (_plain(first.type) != _plain(second.type) or texts[0] == texts[1]
                    or not begin < spans[0][0] < spans[0][1] < spans[1][0] < spans[1][1] < end):
                continue
            self._value(cursor, path, "swapped arguments", "".join((
                self._text(path, begin, spans[0][0]), texts[1],
                self._text(path, spans[0][1], spans[1][0]), texts[0],
                self._text(path, spans[1][1], end))))

    def _negation(self, cursor, path):
        text = self._of(cursor, path)
        # A != that the compiler makes of == is seen as a negation too.
        if text.startswith(("!", "-")) and text[:2] not in ("--", "!="):
            self._value(cursor, path, "boolean" if text[0] == "!" else "arithmetic", text[1:])

    def _condition(self, cursor, path):
        children = list(cursor.get_children())
        at = 1 if children[0].kind == CursorKind.DECL_STMT else 0
        condition = children[at]
        begin = cursor.extent.start.offset
        head = self._text(path, begin, condition.extent.start.offset)
        if condition.kind.is_expression() and "constexpr" not in head:
            self._value(condition, path, "dropped condition", "false")

    def _literal(self, cursor, parents, path):
        text = self._of(cursor, path)
        if not re.fullmatch(r"[0-9][0-9a-fA-FxX']*[uUlLzZ]*", text):
            return
        call = next((p for p in reversed(parents) if p.kind == CursorKind.CALL_EXPR), None)
        is_span = call is not None and call.spelling in SPANS
        self._value(cursor, path, "constant", f"{text} * 60" if is_span else f"{text} + 1")

    def _name(self, cursor, path):
        declared = cursor.referenced
        if declared is None:
            return
        if declared.kind == CursorKind.ENUM_CONSTANT_DECL:
            self._neighbour(cursor, path, declared, CursorKind.ENUM_CONSTANT_DECL, "constant")
        elif declared.kind == CursorKind.FIELD_DECL:
            self._neighbour(cursor, path, declared, CursorKind.FIELD_DECL, "neighbouring field")
        elif declared.kind == CursorKind.VAR_DECL and _is_constexpr(declared):
            if declared.type.get_canonical().kind in (TypeKind.INT, TypeKind.LONG, TypeKind.ULONG,
                                                      TypeKind.UINT, TypeKind.LONGLONG):
                self._value(cursor, path, "constant", f"{self._of(cursor, path)} + 1")

    def _neighbour(self, cursor, path, declared, kind, label):
        """The next one of the same type in the record or enumeration takes its place."""
        same = [c for c in declared.semantic_parent.get_children()
                if c.kind == kind and _plain(c.type) == _plain(declared.type)]
        names = [c.spelling for c in same]
        text = self._of(cursor, path)
        if len(names) < 2 or declared.spelling not in names:
            return
        if not re.search(r"\b" + re.escape(declared.spelling) + r"$", text):
            return
        after = names[(names.index(declared.spelling) + 1) % len(names)]
        self._value(cursor, path, label, text[:len(text) - len(declared.spelling)] + after)

    def _early(self, cursor, path):
        body = next((c for c in cursor.get_children() if c.kind == CursorKind.COMPOUND_STMT), None)
        if body is None or not list(body.get_children()):
            return
        result = cursor.result_type.get_canonical().spelling
        text = self._of(body, path)
        returned = "return"
        task = re.fullmatch(r"gongji::Task<(.*)>", result)
        if task:
            if not re.search(r"\bco_(return|await)\b", text):
                return
            returned, result = "co_return", task.group(1)
        if result not in EARLY or not text.startswith("{"):
            return
        begin = body.extent.start.offset + 1
        self._add(path, begin, begin, "early return", "early",
                  f"{returned} {EARLY[result]}".strip())

    def _statement(self, cursor, parent, path):
        """A call or an assignment whose result nobody uses."""
        if not cursor.kind.is_expression():
            return
        siblings = list(parent.get_children())
        # The condition of an if and the heads of a loop are no statements.
        if parent.kind == CursorKind.IF_STMT and cursor == siblings[0]:
            return
        if parent.kind in LOOPS and cursor != siblings[-1]:
            return
        begin, end = cursor.extent.start.offset, cursor.extent.end.offset
        rest = self._bytes(path)[end:end + 20]
        if not rest.lstrip().startswith(b";"):
            return
        end += len(rest) - len(rest.lstrip()) + 1
        if cursor.spelling not in FOR_SPEED:
            self._add(path, begin, end, "dropped call", "statement", "")


def _plain(kind):
    return kind.get_canonical().spelling.replace("const ", "").rstrip("& ")


def _is_constexpr(declared):
    return any(t.spelling == "constexpr" for t in list(declared.get_tokens())[:4])


def _commands(root):
    """For each source of the project: the compiler's arguments that libclang needs."""
    found = {}
    database = json.loads((root / "build/release/compile_commands.json").read_text())
    for entry in database:
        words = entry["command"].split()
        kept = [w for w in words if w.startswith(("-I", "-D", "-std"))]
        for option, folder in zip(words, words[1:]):
            if option == "-isystem":
                kept += [option, folder]
        found[str(pathlib.Path(entry["file"]).resolve().relative_to(root))] = kept
    return found


def use_library():
    """To be called once in each process before anything is parsed."""
    if not cindex.Config.loaded:
        cindex.Config.set_library_file(LIBRARY)


def _find_in(root, source, wanted, arguments):
    use_library()
    return sorted(Finder(root, wanted).find(str(root / source), arguments))


def _sources_of(wanted, commands, deps):
    """What must be parsed to see every file that is wanted: each source, and for a header without
    a source of its own the first one that includes it. {source: files to look at}"""
    looks = {path: {path} for path in sorted(wanted) if path in commands}
    for header in sorted(path for path in wanted if path.endswith(".h")):
        own = header[:-2] + ".cc"
        users = [s for s in sorted(deps) if header in deps[s] and s in commands]
        user = own if own in looks and header in deps.get(own, ()) else next(iter(users), None)
        if user is not None:
            looks.setdefault(user, set()).add(header)
    return looks


def find_places(root, wanted, deps, cache):
    """The places in the files `wanted`. `deps` says for each source which files it is made from.
    What was found in a source is remembered by the contents of these."""
    commands = _commands(root)
    cache.mkdir(parents=True, exist_ok=True)
    places = set()
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        running = {}
        for source, files in _sources_of(wanted, commands, deps).items():
            digest = hashlib.sha256(pathlib.Path(__file__).read_bytes())
            for path in sorted(set(deps.get(source, ())) | files):
                digest.update(path.encode() + b"\0" + (root / path).read_bytes())
            digest.update("\0".join(sorted(files)).encode())
            stored = cache / (digest.hexdigest()[:24] + ".json")
            if stored.exists():
                places.update(Place(*fields) for fields in json.loads(stored.read_text()))
            else:
                running[pool.submit(_find_in, root, source, files, commands[source])] = stored
        for future in concurrent.futures.as_completed(running):
            found = future.result()
            running[future].write_text(json.dumps([dataclasses.astuple(p) for p in found]))
            places.update(found)
    return numbered(sorted(places))


def numbered(places):
    """Tells apart what is the same slip at two places of one function."""
    seen = collections.Counter()
    result = []
    for place in places:
        seen[place.key()] += 1
        result.append(dataclasses.replace(place, nth=seen[place.key()]))
    return result
