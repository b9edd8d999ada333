"""Writes slips into a source so that a switch (mutant.inc) decides which one is made.

An expression becomes `(On(id) ? (slip) : (as it was))`, a statement `{ if (!On(id)) { it } }`, the
beginning of a function `if (On(id)) return ...;`. Slips may lie inside one another: the inner ones
stay in what is "as it was".
"""

import re

HEADER = "tests/mutants/mutant.inc"


def _on(number):
    return b"::gongji::mutant::On(%d)" % number


class _Span:
    """All slips at one [begin, end), and the spans inside."""

    def __init__(self, begin, end):
        self.begin, self.end = begin, end
        self.slips = []
        self.inside = []


def _nested(source, numbered):
    """A tree of spans. Spans that overlap without one being inside the other do not occur in code
    that compiles."""
    root = _Span(0, 1 << 62)
    stack = [root]
    order = sorted(numbered, key=lambda item: (item[1].begin, -item[1].end, item[1].shape))
    for number, place in order:
        found = source[place.begin:place.end].decode()
        if found != place.before:
            raise RuntimeError(f"{place}: the file has {found!r} there by now")
        while not (stack[-1].begin <= place.begin and place.end <= stack[-1].end):
            stack.pop()
        top = stack[-1]
        if (top.begin, top.end) == (place.begin, place.end) and top is not root:
            top.slips.append((number, place))
            continue
        span = _Span(place.begin, place.end)
        span.slips.append((number, place))
        top.inside.append(span)
        stack.append(span)
    return root


def _write(source, span, begin, end):
    """The text of [begin, end) with everything inside `span` woven in."""
    out, at = [], begin
    for inner in span.inside:
        out.append(source[at:inner.begin])
        out.append(_write_span(source, inner))
        at = inner.end
    out.append(source[at:end])
    return b"".join(out)


def _write_span(source, span):
    text = _write(source, span, span.begin, span.end)
    for number, place in span.slips:
        # On one line, so that messages of the compiler name the lines of the source.
        after = re.sub(r"//[^\n]*", "", place.after).replace("\n", " ").encode()
        on = _on(number)
        if place.shape == "value":
            text = b"(" + on + b" ? (" + after + b") : (" + text + b"))"
        elif place.shape == "statement":
            text = b"{ if (!" + on + b") { " + text + b" } }"
        else:
            text = b" if (" + on + b") " + after + b"; " + text
    return text


def weave(source, numbered):
    """`source` (bytes) with the slips of `numbered`, a list of (id, Place)."""
    head = b'#include "%s"\n#pragma clang diagnostic ignored "-Weverything"\n' % HEADER.encode()
    body = _write(source, _nested(source, numbered), 0, len(source))
    return head + b"#line 1\n" + body
