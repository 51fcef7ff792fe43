"""A menu as the least workflow that can hold it: an update is answered with the next question."""

from temporalio import workflow

QUEUE = "line"
QUESTIONS = ("Your name?", "Your town?", "Your trade?")


@workflow.defn
class Menu:
    """Asks three questions and thanks; nothing of it is kept anywhere else."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        """The answers."""
        await workflow.wait_condition(lambda: self.asked > len(QUESTIONS))
        return self.answers

    @workflow.update
    def typed(self, text: str) -> str:
        """The answer to what was typed; the first opens the menu."""
        if self.asked:
            self.answers.append(text)
        self.asked += 1
        if self.asked > len(QUESTIONS):
            return f"END Thank you, {self.answers[0]}."
        return f"CON {QUESTIONS[self.asked - 1]}"
