"""Deliberately wrong translations, for --self-check: each must be found out within its family."""

WRONG = {
    "integer division rounds": "math",
    "decimal quotients are cut off": "decimal",
    "upper case of all letters": "text",
    "NULL equals NULL": "where",
    "averages skip nothing": "group",
    "FILTER is forgotten": "group",
    "windows begin a second late": "tumble",
    "a pane is missing": "hop",
    "frames are a row longer": "over",
    "top-N takes one more": "top",
    "NULLs come first": "order",
    "windows on top begin a second late": "nest",
}
in_force = None  # the one in force


def plant(name):
    """Puts a wrong translation in force, or none."""
    global in_force
    in_force = name


def any_planted():
    """Whether one is in force."""
    return in_force is not None


def planted(name):
    """Whether this wrong translation is in force."""
    return in_force == name
