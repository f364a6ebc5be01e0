"""What -X importtime prints, and du."""

import pytest

from bench import image_contents
from bench.imports import by_package

IMPORTTIME = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 |   sqlalchemy.sql
import time:       200 |        300 | sqlalchemy
import time:        50 |         50 | app.main
"""


def test_a_packages_share_is_its_modules_own_time() -> None:
    """Cumulative times would count one import under many names."""
    assert by_package(IMPORTTIME) == pytest.approx({"sqlalchemy": 300e-6, "app": 50e-6})


def test_a_package_in_the_image_counts_with_its_wheels_libraries() -> None:
    """`numpy.libs` is numpy's."""
    listed = "1024\t/venv/lib/python3.13/site-packages/numpy\n2048\t/venv/lib/python3.13/site-packages/numpy.libs\n"
    assert image_contents.parse(listed) == {"numpy": 3.0}
