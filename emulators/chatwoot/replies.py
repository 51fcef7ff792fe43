"""Answers in the form Rails gives them."""

from fastapi import Response


def head() -> Response:
    """Rails' `head :ok`: 200 without a body."""
    return Response(status_code=200)
