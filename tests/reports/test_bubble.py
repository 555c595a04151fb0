"""The message as it is seen, and the words that differ between two of them."""

from hypothesis import given

from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.reports.bubble import Message, compare, message_of, placeholders
from tests.reports.hostile import texts


def text(body: str) -> Message:
    return message_of({"type": "text", "body": body})


def changed(message: Message) -> list[str]:
    return [run.text.strip() for part in message.parts for line in part.lines for run in line.runs if run.changed]


def test_words_that_differ_are_marked() -> None:
    before, after = compare(text("Hello dear friend, *20 %* off"), text("Hello friend, *25 %* off today"))
    assert changed(before) == ["dear", "20"]
    assert changed(after) == ["25", "today"]


def test_another_look_is_a_change() -> None:
    before, after = compare(text("come today"), text("come *today*"))
    assert changed(before) == ["today"] and changed(after) == ["today"]


def test_a_line_that_becomes_a_list_is_a_change() -> None:
    assert changed(compare(text("a\nshoes"), text("a\n* shoes"))[1]) == ["shoes"]


def test_a_part_that_is_new_is_marked_whole() -> None:
    before = message_of({"type": "buttons", "description": "d"})
    after = message_of({"type": "buttons", "description": "d", "footer": "from the shop"})
    assert changed(compare(before, after)[1]) == ["from the shop"]


@given(texts, texts)
def test_marks_change_no_word(one: str, two: str) -> None:
    before, after = compare(text(one), text(two))
    for marked, plain in ((before, text(one)), (after, text(two))):
        assert [line.text for part in marked.parts for line in part.lines] == [
            line.text for part in plain.parts for line in part.lines
        ]
    if one == two:
        assert not changed(before) + changed(after)


def test_very_long_messages_are_compared_in_no_time() -> None:
    before, after = compare(text("a b " * 20_000), text("b a " * 20_000))
    assert changed(before) and changed(after)


def test_variables_are_filled_and_contacts_are_not() -> None:
    content: JsonObject = {
        "templateId": "t",
        "template": "Promo",
        "body": "Hello {{ contact.firstName }}, *{{custom.code}}* {{custom.none}}",
        "variables": {"code": "X1"},
    }
    (part,) = message_of(content).parts
    assert part.lines[0].text == "Hello {{ contact.firstName }}, X1 {{custom.none}}"
    assert placeholders(content) == ("contact.firstName", "custom.code", "custom.none")
    (sampled,) = message_of(content, {"contact.firstName": "Camille", "custom.code": "never"}).parts
    assert sampled.lines[0].text == "Hello Camille, X1 {{custom.none}}"


def test_what_is_of_another_shape_is_left_out() -> None:
    odd = message_of({"type": 3, "body": ["x"], "mediaUrl": 1, "buttons": "no", "variables": [1]})
    assert odd.empty and odd.kind_words == "message"
