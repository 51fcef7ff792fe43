"""The least workflows: a menu (an update is answered with the next question), one step of it, and nothing."""

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


@workflow.defn
class Once:
    """Is told one thing."""

    def __init__(self) -> None:
        self.told = False

    @workflow.run
    async def run(self) -> None:
        """Until it is told."""
        await workflow.wait_condition(lambda: self.told)

    @workflow.update
    def typed(self, _text: str) -> str:
        """The first question."""
        self.told = True
        return f"CON {QUESTIONS[0]}"


@workflow.defn
class Nothing:
    """Starts and is over."""

    @workflow.run
    async def run(self) -> None:
        """Nothing."""
