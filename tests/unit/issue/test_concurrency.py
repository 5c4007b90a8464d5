"""Many support agents at once, and one that dies: seats are counted once, books stay whole."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time

import pytest

from hwlock.errors import DeniedError
from hwlock.issue.desk import Desk
from hwlock.issue.records import ACTIVE
from hwlock.issue.responder import NEW, respond

SEATS = 10
PROCESSES = 64


@pytest.fixture
def processes():
    """Fresh processes, forked from a server that has imported the desk and nothing else."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["hwlock.issue.responder", "alembic"])
    return context


def answer(path, passphrase, request, barrier, outcomes):
    """Answer one request, together with all others, and tell what came of it."""
    desk = Desk.open(path, passphrase=lambda: passphrase)
    desk.issuer()
    barrier.wait(120)
    try:
        outcomes.put(respond(desk, request).kind)
    except DeniedError as exc:
        outcomes.put(exc.findings[0].code)


def answer_for_ever(path, passphrase, requests, answered):
    """Answer requests until somebody ends this process; count what was answered."""
    desk = Desk.open(path, passphrase=lambda: passphrase)
    for request in requests:
        respond(desk, request)
        with answered.get_lock():
            answered.value += 1


@pytest.mark.slow
def test_64_processes_share_10_seats(tmp_path, desk, sell, machine, processes):
    """Of 64 requests that are answered at the same moment, exactly 10 get a license."""
    sold = sell(seats=SEATS)
    barrier, outcomes = processes.Barrier(PROCESSES), processes.Queue()
    workers = [
        processes.Process(
            target=answer,
            args=(
                str(tmp_path / "desk"),
                "correct horse",
                machine(sold, f"m{number}").ask(),
                barrier,
                outcomes,
            ),
        )
        for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    told = [outcomes.get(timeout=200) for _ in workers]
    for worker in workers:
        worker.join(60)
    assert sorted(set(told)) == ["HWL-DESK-SEATS", NEW]
    assert told.count(NEW) == SEATS
    found, licenses = desk.entitlement(sold.id)
    assert found.taken == SEATS
    assert [one.state for one in licenses] == [ACTIVE] * SEATS
    assert desk.verify_audit().records == 3 + PROCESSES


@pytest.mark.slow
def test_the_same_request_in_16_processes_is_one_license(tmp_path, desk, sell, machine, processes):
    """A double click, many times over, takes one seat."""
    sold = sell(seats=SEATS)
    request = machine(sold).ask()
    barrier, outcomes = processes.Barrier(16), processes.Queue()
    arguments = (str(tmp_path / "desk"), "correct horse", request, barrier, outcomes)
    workers = [processes.Process(target=answer, args=arguments) for _ in range(16)]
    for worker in workers:
        worker.start()
    told = [outcomes.get(timeout=200) for _ in workers]
    for worker in workers:
        worker.join(60)
    assert told.count(NEW) == 1
    assert desk.entitlement(sold.id)[0].taken == 1


@pytest.mark.crash
@pytest.mark.slow
def test_a_killed_desk_stays_whole(tmp_path, desk, sell, machine, processes):
    """Kill -9 at any moment: each answer is in the books with its record, or was never given."""
    sold = sell(seats=1000)
    path = str(tmp_path / "desk")
    total = 0
    for round_ in range(6):
        requests = [machine(sold, f"r{round_}m{number}").ask() for number in range(200)]
        answered = processes.Value("i", 0)
        worker = processes.Process(
            target=answer_for_ever, args=(path, "correct horse", requests, answered)
        )
        worker.start()
        deadline = time.monotonic() + 60
        while answered.value < 1 + 3 * round_ and time.monotonic() < deadline:
            time.sleep(0.0007)
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(60)
        total += answered.value
        found, licenses = desk.entitlement(sold.id)
        # one more may be in the books than the process lived to count
        assert total <= found.taken <= total + 1
        total = found.taken
        assert len(licenses) == found.taken
        assert desk.verify_audit().records == 3 + found.taken
    connection = sqlite3.connect(os.path.join(path, "registry.sqlite"))
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
