"""Jobs of vendors: none of its own; changed listings leave `index_listing`, which search works."""

from kit.outbox import Every, Task

TASKS: list[Task] = []
CRONS: list[Every] = []
