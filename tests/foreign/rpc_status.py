"""Reads google.rpc.Status as any client may: from its bytes, by the published field numbers.

    Status           1 code   2 message   3 details (google.protobuf.Any: 1 type_url  2 value)
    ErrorInfo        1 reason 2 domain    3 metadata (map entry: 1 key  2 value)
    LocalizedMessage 1 locale 2 message

Nothing here comes from this project, so the test fails if its own protos drift from the original.
"""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """Yields (number, value) of each field: int for a varint, bytes for a field with a length."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _varint(data, at)
        elif kind == BYTES:
            size, at = _varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            size = {FIXED64: 8, FIXED32: 4}[kind]
            value, at = data[at:at + size], at + size
        yield number, value


def texts(data):
    """Returns the fields of a message of texts by number."""
    return {number: value.decode() for number, value in fields(data)}


def decode(data):
    """Returns {"code", "message", "reason", "domain", "metadata", "texts": {locale: text}}."""
    status = {"code": 0, "message": "", "metadata": {}, "texts": {}}
    for number, value in fields(data):
        if number == 1:
            status["code"] = value
        elif number == 2:
            status["message"] = value.decode()
        elif number == 3:
            any_fields = dict(fields(value))
            name = any_fields[1].decode().rsplit("/", 1)[1]
            if name == "google.rpc.ErrorInfo":
                _error_info(any_fields[2], status)
            elif name == "google.rpc.LocalizedMessage":
                text = texts(any_fields[2])
                status["texts"][text[1]] = text[2]
    return status


def _error_info(data, status):
    for number, value in fields(data):
        if number == 1:
            status["reason"] = value.decode()
        elif number == 2:
            status["domain"] = value.decode()
        elif number == 3:
            pair = texts(value)
            status["metadata"][pair[1]] = pair.get(2, "")
