"""Every job of every package by its name, and which of them are worked in groups."""

import accounts.tasks
import market.tasks
import orders.tasks
import payments.tasks
import postal.tasks
import search.tasks
import vendors.tasks
from kit.outbox import Grouped, Task

TASKS: dict[str, Task | Grouped] = {
    task.__name__: task
    for package in (
        accounts.tasks,
        vendors.tasks,
        search.tasks,
        payments.tasks,
        postal.tasks,
        orders.tasks,
        market.tasks,
    )
    for task in package.TASKS
}
GROUPED: dict[str, Grouped] = {name: task for name, task in TASKS.items() if isinstance(task, Grouped)}
