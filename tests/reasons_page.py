"""Makes docs/reasons.md from the reason catalogue.

    python3 -m tests.reasons_page      writes it; tests/tidy.py checks that it is up to date
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[1]
CATALOGUE = "services/common/errors/catalogue.inc"
PAGE = "docs/reasons.md"

_INTRODUCTION = """# Reasons

Every refusal the system can give. The name is stable: it is never changed and never used for
anything else, so programs may depend on it; the texts are for people and may change. Made from
`services/common/errors/catalogue.inc` by `python3 -m tests.reasons_page`.

The code says what a caller should do next, and *final* whether the answer stands for ever:

| code | what the caller does |
|---|---|
| INVALID_ARGUMENT | corrects the call |
| NOT_FOUND | corrects the id |
| ALREADY_EXISTS | takes a new request id |
| FAILED_PRECONDITION | changes the state first |
| RESOURCE_EXHAUSTED | repeats later; if final, with a new request id |
| DATA_LOSS | tells the operators; the request can be repeated once they have repaired the store |
| UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED | repeats the same request id |
| PERMISSION_DENIED | nothing |
| INTERNAL | raises an alarm |

*metadata*: the keys of the variable parts that may come with a reason; which of them do depends on
what was found. `peer` names the service that could not be reached: `relation`, `limits`,
`wallet/<province>`, `redis` or `postgresql`.

*final: yes* travels as the metadata `final=true`: this request id is decided for ever.
*final: no*: repeat the same request id. Inside Quote, Check and Explain a reason is part of the
result, not an error.
"""


def _code(constant):
    """kFailedPrecondition -> FAILED_PRECONDITION."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", constant[1:]).upper()


def entries(text):
    """Returns the fields of each REASON(...), from the constant to the Chinese advice, as text."""
    string = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
    pattern = rf"REASON\(\s*(k\w+),\s*{string},\s*(k\w+),\s*(true|false),\s*" + r",\s*".join(
        [string] * 5) + r"\s*\)"
    for match in re.finditer(pattern, text):
        yield tuple("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', group)).replace('\\"', '"')
                    if group.startswith('"') else group for group in match.groups())


def render(catalogue):
    """Returns the page for the text of the catalogue."""
    page = [_INTRODUCTION]
    # A comment line "// --- wallet ---" begins a section.
    parts = re.split(r"^// --- (.*?) -*$", catalogue, flags=re.MULTILINE)
    for title, part in zip(parts[1::2], parts[2::2]):
        page.append(f"\n## {title[0].upper()}{title[1:]}\n")
        page.append("| reason | code | final | metadata | what it says | what to do |")
        page.append("|---|---|---|---|---|---|")
        for _, name, code, final, keys, text_en, text_zh, advice_en, advice_zh in entries(part):
            page.append(f"| {name} | {_code(code)} | {'yes' if final == 'true' else 'no'} | "
                        f"{', '.join(f'`{key}`' for key in keys.split())} | "
                        f"{text_en}<br>{text_zh} | {advice_en}<br>{advice_zh} |")
    return "\n".join(page) + "\n"


def main():
    text = render((ROOT / CATALOGUE).read_text(encoding="utf-8"))
    (ROOT / PAGE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
