"""A transaction on DynamoDB is all or nothing, also in the moto of these tests, whose way back is made frugal."""

from typing import Any

import pytest

from serving.adapters.dynamodb.table import DynamoTable, Refused


def key(name: str) -> dict[str, str]:
    return {"shopId": "s1", "customerId": name}


@pytest.mark.parametrize("last", [False, True])
def test_a_refused_transaction_leaves_every_row_as_it_was(
    dynamodb: dict[str, DynamoTable], last: bool
) -> None:
    table = dynamodb["udhaar"]
    before: dict[str, dict[str, Any]] = {
        name: {**key(name), "amount": 1, "words": ["a"]} for name in ("changed", "gone", "there", "replaced")
    }
    for row in before.values():
        table.put(row)
    new = "attribute_not_exists(customerId)"
    refused = table.putting(key("there"), new)
    writes = [
        table.updating(key("changed"), "SET amount = :two", {":two": 2}, "attribute_exists(amount)"),
        table.deleting(key("gone")),
        table.putting({**key("replaced"), "amount": 3}),
        table.putting({**key("fresh"), "amount": 4}, new),
    ]
    writes.insert(len(writes) if last else 0, refused)
    with pytest.raises(Refused) as told:
        table.write(writes)
    assert told.value.places == ((len(writes) - 1) if last else 0,)
    assert {name: table.get(key(name)) for name in before} == before
    assert table.get(key("fresh")) is None
    writes.remove(refused)
    table.write(writes)
    after = {name: table.get(key(name)) for name in (*before, "fresh")}
    assert [row and row["amount"] for row in after.values()] == [2, None, 1, 3, 4]
