"""Report what is larger than the house guides: functions of 60 lines, files of 600, nesting of 3. No gate."""

from __future__ import annotations

import ast
from pathlib import Path

FUNCTION_MAX_LINES, FILE_MAX_LINES, NESTING_MAX = 60, 600, 3
TOP = Path(__file__).resolve().parents[1]
_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def nesting(node: ast.AST, depth: int = 0) -> int:
    """Return how deep blocks stand in each other below `node`; elif and inner functions count no deeper."""
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _FUNCTIONS):
            continue
        chained = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, nesting(child, depth + (isinstance(child, _BLOCKS) and not chained)))
    return deepest


def report(path: Path) -> tuple[int, list[str]]:
    """Return the number of lines of a file, and what in it exceeds the guides."""
    text = path.read_text()
    lines, name = text.count("\n"), path.relative_to(TOP)
    over = [f"{name}: {lines} lines"] if lines > FILE_MAX_LINES else []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, _FUNCTIONS):
            continue
        length, depth = (node.end_lineno or 0) - node.lineno + 1, nesting(node)
        if length > FUNCTION_MAX_LINES:
            over.append(f"{name}:{node.lineno} {node.name}: {length} lines")
        if depth > NESTING_MAX:
            over.append(f"{name}:{node.lineno} {node.name}: nesting {depth}")
    return lines, over


def main() -> None:
    """Print one line of totals and one for each thing over the guides."""
    totals, over = [], []
    for folder in ("operator_console", "media", "ui", "tests"):
        found = [report(path) for path in sorted((TOP / folder).rglob("*.py"))]
        totals.append(f"{folder} {len(found)} files, {sum(lines for lines, _ in found):,} lines")
        over += [line for _, lines in found for line in lines]
    print(f"sizes: {'; '.join(totals)}; {len(over)} over the guides", *over, sep="\n  ")


if __name__ == "__main__":
    main()
