"""What customers send besides text and files: a place, a card, an opinion."""

from tests.emulators.chatwoot.desk import START, Desk

MIB = 1024 * 1024


async def test_a_place_has_coordinates_and_a_card_a_name_and_neither_a_file(desk: Desk) -> None:
    conversation = await desk.start()
    await desk.customer("place", conversation=conversation, latitude=-1.29, longitude=36.82, title="Nairobi")
    await desk.customer("card", conversation=conversation, phone="+254700000111", name="Asha")
    place, card = (hook.body for hook in (await desk.settle()).of("account", "message_created"))
    assert (place["content"], place["message_type"]) == (None, "incoming")
    (where,), (who,) = place["attachments"], card["attachments"]
    assert {key: where[key] for key in ("file_type", "coordinates_lat", "coordinates_long")} == {
        "file_type": "location",
        "coordinates_lat": -1.29,
        "coordinates_long": 36.82,
    }
    assert (where["fallback_title"], "file_size" in where) == ("Nairobi", False)
    assert (who["file_type"], who["fallback_title"], who["meta"]) == (
        "contact",
        "+254700000111",
        {"firstName": "Asha"},
    )


async def test_a_voice_message_has_room_for_what_was_said(desk: Desk) -> None:
    path = f"/api/v1/accounts/3/conversations/{await desk.start()}/messages"
    files = [("attachments[]", ("a.ogg", b"x", "audio/ogg"))]
    sent = await desk.http.post(path, files=files, headers={"api_access_token": "bot-token"})
    (voice,) = sent.json()["attachments"]
    assert (voice["file_type"], voice["transcribed_text"]) == ("audio", "")


async def test_a_survey_is_answered_in_the_message_that_asked(desk: Desk) -> None:
    conversation = await desk.start(13)
    await desk.sent(conversation, content="How was it?", content_type="input_csat")
    await desk.customer("rate", conversation=conversation, rating=4, text="Quick.")
    told = (await desk.settle()).last("bot", "message_updated")
    response = {"rating": 4, "feedback_message": "Quick."}
    assert told["content_attributes"]["submitted_values"] == {"csat_survey_response": response}
    assert told["content"] == "How was it?"


async def test_outside_the_web_widget_a_survey_is_a_link(desk: Desk) -> None:
    conversation = await desk.start(12)
    message = await desk.sent(conversation, content="How was it?", content_type="input_csat")
    row = (await desk.call("agent", "GET", f"/conversations/{conversation}")).json()
    told = (await desk.settle()).last("bot", "message_created")["content"]
    assert told == f"Please rate this conversation, http://chatwoot.invalid/survey/responses/{row['uuid']}"
    assert (message["content"], message["created_at"]) == ("How was it?", int(START))


async def test_a_web_widget_takes_no_file_above_40_mib(desk: Desk) -> None:
    path = f"/api/v1/accounts/3/conversations/{await desk.start(13)}/messages"
    files = [("attachments[]", ("a.bin", b"x" * (40 * MIB + 1), "application/x-tar"))]
    answer = await desk.http.post(path, files=files, headers={"api_access_token": "bot-token"})
    assert (answer.status_code, answer.json()["error"]) == (
        422,
        "Validation failed: Attachments File is too big",
    )
