"""What ends a simulation that the flow does not end."""


class Halted(Exception):
    """The simulation goes no further.

    `code`: TOO_MANY_STEPS, TOO_SLOW, TOO_LATE, TRACE_TOO_LARGE, NO_SANDBOX.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message
