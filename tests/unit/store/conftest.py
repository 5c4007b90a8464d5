"""A store of a product, new for each test."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hwlock.store.product_store import ProductStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> ProductStore:
    """Return the store of acme-cad under a root that does not exist yet."""
    return ProductStore(str(tmp_path / "root"), "acme-cad")


@pytest.fixture(scope="session")
def sequences(request: pytest.FixtureRequest) -> Any:
    """Return the module of the sequences that are stopped."""
    path = request.config.rootpath / "tests/unit/store/sequences.py"
    spec = importlib.util.spec_from_file_location("store_sequences", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
