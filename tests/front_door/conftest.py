"""Random cases are asked in shares: a test for each 25 cases that the session asks for."""

from math import ceil

from tests.front_door.asking import CASES_OF_A_SHARE


def pytest_generate_tests(metafunc):
    if "share" in metafunc.fixturenames:
        wanted = metafunc.config.option.front_door_cases
        shares = range(ceil(wanted / CASES_OF_A_SHARE))
        metafunc.parametrize("share", shares, ids=lambda share: f"share-{share}")
