"""Guards of the house: what must stay true of the repository itself."""

from __future__ import annotations

from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def test_packaging_folder_is_no_python_package() -> None:
    assert not (TOP / "packaging" / "__init__.py").exists()


def test_lock_names_no_address() -> None:
    assert "://" not in (TOP / "requirements.lock").read_text()
