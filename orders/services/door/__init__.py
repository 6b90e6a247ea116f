"""Orders that are paid at the door: who offers it, what becomes of the money, what a seller sees of it."""
