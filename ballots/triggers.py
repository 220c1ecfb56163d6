"""PURE. What the database itself refuses, whoever asks: a trigger, in the words of either database."""

from collections.abc import Iterator


def refuse(dialect: str, name: str, table: str, event: str, condition: str = "") -> Iterator[str]:
    """Yield the statements that make a trigger: before `event` on `table` it refuses, when `condition` holds.

    `event` is INSERT, DELETE, UPDATE or UPDATE OF columns; `condition` is empty or starts with WHEN, and
    knows the row as OLD and NEW. What is refused is an integrity error on either database.
    """
    said = f"{table}: only added to, never changed"
    if dialect == "sqlite":
        yield (
            f'CREATE TRIGGER {name} BEFORE {event} ON "{table}" {condition} '
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )
        return
    # A condition that looks into another table cannot stand at a trigger of PostgreSQL, so it stands inside.
    row = "OLD" if event == "DELETE" else "NEW"
    test = condition.removeprefix("WHEN ").strip() or "TRUE"
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {test} THEN RAISE EXCEPTION '{said}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"RETURN {row}; END $$"
    )
    yield f'CREATE TRIGGER {name} BEFORE {event} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()'
    if event == "DELETE" and not condition:
        yield (
            f'CREATE TRIGGER {name}_all BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()'
        )


def allow(dialect: str, name: str, table: str) -> Iterator[str]:
    """Yield the statements that take away what `refuse` made, its table still being there or not."""
    if dialect == "sqlite":
        yield f"DROP TRIGGER IF EXISTS {name}"
    else:
        yield f"DROP FUNCTION IF EXISTS {name}() CASCADE"
