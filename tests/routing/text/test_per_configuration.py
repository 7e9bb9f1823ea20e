"""What is worked out of a configuration: once for each object, and of the latest alone."""

from typing import Any

from routing.text.per_configuration import MOST, remembered


def test_a_configuration_is_worked_out_once_and_the_oldest_is_forgotten() -> None:
    asked: list[Any] = []

    @remembered
    def made(configuration: Any) -> int:
        asked.append(configuration)
        return len(asked)

    several: list[Any] = [object() for _ in range(MOST + 1)]
    assert [1, 1] == [made(several[0]), made(several[0])]
    assert list(range(2, MOST + 2)) == [made(one) for one in several[1:]]
    assert MOST + 1 == made(several[-1])
    assert MOST + 2 == made(several[0])
    assert [*several, several[0]] == asked
