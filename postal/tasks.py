"""The post's jobs: none of its own. `follow_parcel` is left for the package that owns orders."""

from kit.outbox import Every, Task

TASKS: list[Task] = []
CRONS: list[Every] = []
