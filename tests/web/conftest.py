"""A workbench to ask, without a port: over what ships, and a user's folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from comity.web.app import build_app
from comity.web.pages import VIEWS, routes_of
from comity.web.serve import open_world
from comity.web.world import World

HERE = "http://127.0.0.1:8015"


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder that no test changes."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def world(shared_home: Path) -> Iterator[World]:
    """What ships, computed in this process."""
    with open_world(shared_home, workers=False) as made:
        yield made


@pytest.fixture(scope="session")
def client(world: World) -> Iterator[TestClient]:
    """A browser without a screen, on pages that only read."""
    with TestClient(build_app(world, VIEWS, routes_of(world)), base_url=HERE) as made:
        yield made
