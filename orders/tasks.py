"""Jobs of orders."""

from kit.outbox import Every, Task

TASKS: list[Task] = []
CRONS: list[Every] = []
