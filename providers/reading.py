"""Answers of a provider as models."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from providers.errors import NotSent
from providers.reply import Reply

M = TypeVar("M", bound=BaseModel)


def parsed(model: type[M], reply: Reply) -> M | None:
    """The answer as a model; None where it cannot be read, though what was asked for is done."""
    try:
        return model.model_validate_json(reply.content)
    except ValidationError:
        return None


def asked(model: type[M], reply: Reply, provider: str) -> M:
    """The answer to a question, which can be asked again where it cannot be read."""
    answer = parsed(model, reply)
    if answer is None:
        raise NotSent("UNREADABLE_ANSWER", "the answer could not be read", provider=provider, reply=reply)
    return answer
