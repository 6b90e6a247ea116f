"""What the JSON API of orders answers for one line."""

from dataclasses import dataclass

from orders.models import OrderLine


@dataclass
class OrderLineAnswer:
    """A line of an order as it was ordered, named by its number; `name` ends with the `variant`, if there was a choice.

    Sold by weight, `sum_dong` is paid for `estimate_g`; `final_weight_g` was packed, worth `less_dong` less.
    """

    line: int
    name: str
    variant: str
    unit: str
    price_dong: int
    quantity: int
    sum_dong: int
    lots: list[str]
    estimate_g: int | None
    final_weight_g: int | None
    less_dong: int


def line_answer(line: OrderLine) -> OrderLineAnswer:
    """A line as it is told."""
    return OrderLineAnswer(
        line=line.id,
        name=line.name,
        variant=line.variant,
        unit=line.unit,
        price_dong=line.price_dong,
        quantity=line.quantity,
        sum_dong=line.sum_dong,
        lots=list(line.lots),
        estimate_g=line.estimate_g,
        final_weight_g=line.final_weight_g,
        less_dong=line.less_dong,
    )
