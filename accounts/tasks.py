"""Jobs of accounts."""

from kit.outbox import Every, Task

TASKS: list[Task] = []
CRONS: list[Every] = []
