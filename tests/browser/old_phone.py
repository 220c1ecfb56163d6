"""PURE. A stylesheet as a browser of 2018 reads it: Chrome 66, Firefox 60, Safari 11.1.

Source of the years: the compatibility tables of MDN. What such a browser does not know it leaves out: a declaration,
or with a selector the whole rule.
"""

import re

# A feature, and an expression that finds it in `name: value`.
DECLARED = {
    "accent-color": r"^accent-color:",
    "aspect-ratio": r"^aspect-ratio:",
    "break-inside": r"^break-(?:inside|after|before):",
    "color-mix and relative colours": r"^[^:]+:.*(?:color-mix\(|oklch\(|oklab\(|light-dark\()",
    "content with an alternative": r'^content:\s*"[^"]*"\s*/',
    "content-visibility": r"^content-visibility:",
    "float to a logical side": r"^(?:float|clear):\s*inline-",
    "gap": r"^(?:row-|column-)?gap:",
    "hyphens": r"^hyphens:",
    "inset": r"^inset(?:-inline|-block)?(?:-start|-end)?:",
    "logical space": r"^(?:margin|padding|border)-(?:inline|block)(?:-|:)",
    "logical size": r"^(?:min-|max-)?(?:inline|block)-size:",
    "min(), max(), clamp()": r"^[^:]+:.*\b(?:min|max|clamp)\(",
    "new units": r"^[^:]+:.*\d(?:[dsl]v[hw]|vi|vb|cq[wh]|lh)\b",
    "overflow-wrap: anywhere": r"^overflow-wrap:\s*anywhere",
    "scroll-margin": r"^scroll-(?:margin|padding)",
    "text-underline": r"^text-(?:underline-offset|decoration-thickness):",
    "text-wrap": r"^text-wrap:",
    "place shorthands": r"^place-(?:items|content|self):",
    "conic gradient": r"^[^:]+:.*conic-gradient\(",
}
SELECTED = {
    ":focus-visible": r":focus-visible",
    ":has": r":has\(",
    ":is": r":is\(",
    ":where": r":where\(",
    ":not with more than one": r":not\([^()]*,",
    ":dir": r":dir\(",
    "::marker": r"::marker",
    "::details-content": r"::details-content",
    "::file-selector-button": r"::file-selector-button",
}
BLOCKS = {
    "@layer": r"@layer",
    "@container": r"@container",
    "@property": r"@property",
    "a range in @media": r"@media[^{]*[<>]",
    "prefers-contrast": r"@media[^{]*prefers-contrast",
    "prefers-color-scheme": r"@media[^{]*prefers-color-scheme",
}
DENIED = r"@supports[^{]*(?:color-mix|oklch|selector\()"  # what such a browser says no to
PIECE = re.compile(r"\s*([^{};]*)([{};])")


def read(css: str) -> tuple[str, list[str]]:
    """Return what is left of a stylesheet in a browser of 2018, and the features that it lacks and were asked of it.

    What stands in an @supports that it says no to is left out, and was not asked.
    """
    left, lacking, kept = list[str](), list[str](), [True]
    for text, end in PIECE.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        known = DECLARED if end != "{" else BLOCKS if text.startswith("@") else SELECTED
        found = [name for name, looks in known.items() if text and kept[-1] and re.search(looks, text)]
        lacking += found
        if end == "{":
            kept.append(kept[-1] and not found and not re.search(DENIED, text))
            left += [f"{text.strip()} {{\n"] * kept[-1]
            continue
        left += [f"  {text.strip()};\n"] * bool(text.strip() and kept[-1] and not found)
        if end == "}":
            left += ["}\n"] * kept.pop()
    return "".join(left), lacking
