"""Whether the name of a column says that its values name the samples: order_nr, txid, customer_no."""

from __future__ import annotations

import re

MARKS = frozenset({"id", "uuid", "key", "index"})
"""Words that are enough."""
COUNTS = frozenset({"no", "nr", "number"})
"""Words that are enough only behind a word for what is numbered: there is a number of rooms too."""
NUMBERS = COUNTS | {"num"}
THINGS = frozenset(
    {
        *("account", "applicant", "booking", "case", "client", "contract", "customer", "device", "document"),
        *("employee", "entry", "event", "invoice", "item", "member", "order", "passenger", "patient"),
        *("payment", "person", "policy", "product", "receipt", "record", "ref", "reference", "request"),
        *("row", "sample", "serial", "session", "shipment", "student", "subject", "ticket", "tracking"),
        *("trans", "transaction", "tx", "txn", "user"),
        *("auftrags", "bestell", "beleg", "kunden", "patienten", "rechnungs", "vertrags"),
    }
)
"""What is numbered so that it can be told from others of its kind."""
ALONE = frozenset({"tx", "txn"})
_JOINED = re.compile(r"(.+?)(?:id|no|nr|num|number)")


def words_in_order(name: str) -> list[str]:
    """The words in a column's name, which may be written asOneWord."""
    return [one for one in re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()) if one]


def numbers_things(name: str) -> bool:
    """Whether a name says that numbers tell things apart, in whatever order these come."""
    words = words_in_order(name)
    if not words:
        return False
    last, before = words[-1], words[:-1]
    joined = _JOINED.fullmatch(last)
    return (
        (last in NUMBERS and bool(before) and before[-1] in THINGS)
        or (joined is not None and joined[1] in THINGS)
        or (len(words) == 1 and last in ALONE)
    )
