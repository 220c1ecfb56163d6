"""Pabulib's `.pb` files, the field's exchange format for participatory budgets: read, counted, made."""
