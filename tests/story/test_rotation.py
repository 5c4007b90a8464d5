"""The vendor's keys are replaced: what goes on, what falls, and what nobody can be told."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from hwlock.codec import armor
from hwlock.crypto.succession import endorse
from hwlock.crypto.trust import Product, Replaced
from hwlock.enforce.guard import Guard
from hwlock.testing.host_tree import DESKTOP, LAPTOP
from hwlock.testing.vendor import seeded

from .actors import Actor, Clock, at_desk, at_machine


class World:
    """A desk, an entitlement with many seats, and machines that ask for them."""

    def __init__(self, folder: Path, clock: Clock, vendor: Actor) -> None:
        self.folder, self.clock, self.vendor = folder, clock, vendor
        sold = ("--product", "acme-cad", "--customer", "Globex", "--seats", "9", "--bind", "host")
        self.sold = vendor.does("vendor", "entitlement", "add", *sold)

    def product(self, name: str = "acme-cad") -> Path:
        """Return the product file as the desk exports it now."""
        path = self.folder / f"{name}.hwproduct"
        self.vendor.does("vendor", "product", "export", "acme-cad", "-o", path)
        return path

    def asks(self, machine: Actor, product: Path) -> Path:
        """Let a machine ask with a product file, and the desk answer."""
        asked, answered = self.folder / "my.hwreq", self.folder / "my.hwres"
        machine.does("request", "--product", product, "--key", self.sold["key"], "-o", asked)
        self.vendor.does("respond", asked, "-o", answered)
        return answered

    def licensed(self, name: str, product: Path) -> Actor:
        """Return a machine with a license."""
        machine = at_machine(self.folder / name, self.clock, LAPTOP)
        machine.does("activate", self.asks(machine, product))
        return machine

    def license(self) -> str:
        """Return the id of the newest license."""
        shown = self.vendor.does("vendor", "entitlement", "show", self.sold["id"])
        return str(shown["licenses"][-1]["id"])

    def key(self, role: str, *, in_use: bool = True) -> str:
        """Return the id of a key of the desk: the one in use, or the newest that is not."""
        keys = self.vendor.does("vendor", "key", "list")["keys"]
        found = [one for one in keys if one["role"] == role]
        return str([one for one in found if (one["state"] == "in use") == in_use][-1]["id"])


@pytest.fixture
def world(tmp_path: Path, clock: Clock, vendor: Actor) -> World:
    """A desk that has sold something."""
    return World(tmp_path, clock, vendor)


def test_a_new_issuer_harms_nobody(world: World) -> None:
    """Old licenses run, new ones are signed by the new key, and the audit holds across both."""
    machine = world.licensed("first", world.product())
    old = world.key("issuer")
    told = world.vendor.does("vendor", "key", "rotate", "issuer")
    assert (told["replaces"], told["id"]) == (old, world.key("issuer"))
    assert machine.does("check")["allowed"]
    second = world.licensed("second", world.product())
    assert second.does("check")["allowed"]
    licenses = [
        [one["id"] for one in world.vendor.does("vendor", "key", "show", kid)["licenses"]]
        for kid in (old, told["id"])
    ]
    assert licenses[1] == [world.license()]
    assert len(licenses[0]) == 1
    world.vendor.does("vendor", "audit", "verify")


def test_a_leaked_issuer_falls_from_a_day_in_the_past_on(world: World) -> None:
    """What it issued before that day stays; what falls is listed, and comes back by renewal."""
    early = world.licensed("early", world.product())
    world.clock.ahead = timedelta(days=10)
    late = world.licensed("late", world.product())
    license = world.license()
    world.clock.ahead = timedelta(days=20)
    leaked = world.key("issuer")
    since = f"{world.clock.begin + timedelta(days=5):%Y-%m-%d}"
    revoke = ("vendor", "revoke", "issuer", leaked, "--reason", "stolen", "--since", since)
    assert "HWL-DESK-REVOKE-OWN" in world.vendor.types(*revoke).codes
    world.vendor.does("vendor", "key", "rotate", "issuer")
    told = world.vendor.does(*revoke)
    assert [one["id"] for one in told["falling"]] == [license]
    listed = world.folder / "list.hwcrl"
    world.vendor.does("vendor", "revocations", "acme-cad", "-o", listed)
    early.does("import", listed)
    assert early.does("check")["allowed"]
    late.does("import", listed)
    assert "HWL-REVOKED-ISSUER" in late.types("check").codes
    renewed = world.folder / "renewed.hwres"
    world.vendor.does("vendor", "renew", license, "-o", renewed)
    late.does("activate", renewed)
    assert late.does("check")["allowed"]
    world.vendor.does("vendor", "audit", "verify")


def test_a_leak_was_earlier_than_first_thought(world: World) -> None:
    """The moment moves back under a new number, and never forward; machines hear it by a delta."""
    machine = world.licensed("first", world.product())
    world.clock.ahead = timedelta(days=10)
    world.vendor.does("vendor", "key", "rotate", "issuer")
    leaked = world.key("issuer", in_use=False)
    revoke = ("vendor", "revoke", "issuer", leaked, "--reason", "stolen", "--since")
    lists = []
    for number, days in enumerate((5, -1)):
        since = f"{world.clock.begin + timedelta(days=days):%Y-%m-%d}"
        assert [one["number"] for one in world.vendor.does(*revoke, since)["revoked"]] == [
            number + 1
        ]
        lists.append(world.folder / f"{number}.hwcrl")
        base = ("--since", str(number))
        world.vendor.does("vendor", "revocations", "acme-cad", "-o", lists[-1], *base)
    later = f"{world.clock.begin + timedelta(days=3):%Y-%m-%d}"
    assert "HWL-DESK-REVOKE-ID" in world.vendor.types(*revoke, later).codes
    machine.does("import", lists[0])
    assert machine.does("check")["allowed"]
    machine.does("import", lists[1])
    assert "HWL-REVOKED-ISSUER" in machine.types("check").codes


def test_a_file_for_all_users_counts_for_each(world: World) -> None:
    """What the administrator imports is taken by a user whose own store is older."""
    machine = world.licensed("first", world.product("first"))
    world.clock.ahead = timedelta(days=1)
    world.vendor.does("vendor", "key", "rotate", "root")
    newest = world.product("newest")
    assert machine.does("import", newest, "--system")["products"][0]["new"] is True
    world.vendor.does("vendor", "key", "rotate", "issuer")
    license = world.license()
    renewed = world.folder / "renewed.hwres"
    world.vendor.does("vendor", "renew", license, "-o", renewed)
    machine.does("activate", renewed)
    assert machine.does("check")["allowed"]
    assert machine.does("import", newest)["products"][0]["new"] is True
    assert machine.does("import", newest, "--system")["products"][0]["new"] is False


def test_a_moment_in_the_past_is_for_issuers(world: World) -> None:
    """A license is taken back from now on; an issuer not from a day to come."""
    world.licensed("first", world.product())
    since = ("--reason", "typo", "--since", f"{world.clock.begin - timedelta(days=2):%Y-%m-%d}")
    told = world.vendor.types("vendor", "revoke", "license", world.license(), *since)
    assert "HWL-DESK-REVOKE-SINCE" in told.codes
    world.vendor.does("vendor", "key", "rotate", "issuer")
    old = world.key("issuer", in_use=False)
    to_come = f"{world.clock.begin + timedelta(days=2):%Y-%m-%d}"
    told = world.vendor.types(
        "vendor", "revoke", "issuer", old, "--reason", "typo", "--since", to_come
    )
    assert "HWL-DESK-REVOKE-SINCE" in told.codes


def test_a_machine_that_missed_a_root_takes_the_next(world: World) -> None:
    """Its license runs before and after; licenses of the newest root run on it as well."""
    first = world.product("first")
    machine = world.licensed("first", first)
    for _ in range(2):
        world.clock.ahead += timedelta(days=1)
        told = world.vendor.does("vendor", "key", "rotate", "root")
        assert [one["id"] for one in told["products"]] == ["acme-cad"]
    assert machine.does("check")["allowed"]
    newest = world.product("newest")
    world.vendor.does("vendor", "key", "rotate", "issuer")
    answered = world.asks(machine, first)
    assert "HWL-TRUST-ROOT" in machine.types("activate", answered).codes
    assert "newer" in machine.does("inspect", newest)["here"]
    assert machine.does("import", newest)["products"][0]["new"] is True
    machine.does("activate", answered)
    assert machine.does("check")["allowed"]
    assert machine.does("import", newest)["products"][0]["new"] is False
    assert "HWL-PRODUCT-OLD" in machine.types("import", first).codes
    world.vendor.does("vendor", "audit", "verify")


def test_an_old_request_form_never_goes_back(world: World) -> None:
    """Asking with the product file of an old application keeps the newer one of the store."""
    first = world.product("first")
    machine = world.licensed("first", first)
    world.clock.ahead = timedelta(days=1)
    world.vendor.does("vendor", "key", "rotate", "root")
    machine.does("import", world.product("newest"))
    world.vendor.does("vendor", "key", "rotate", "issuer")
    machine.does("activate", world.asks(machine, first))
    assert machine.does("check")["allowed"]


def test_an_application_and_its_store_need_not_be_of_one_age(world: World) -> None:
    """The guard takes the newer of both files, and never one that it is not led to."""
    first = world.product("first")
    machine = world.licensed("first", first)
    world.clock.ahead = timedelta(days=1)
    world.vendor.does("vendor", "key", "rotate", "root")
    newest = world.product("newest")
    # an update of the application, a license from before
    assert Guard(newest, machine=machine.machine).check().allowed
    # an old application, a license by the new root
    machine.does("import", newest)
    world.vendor.does("vendor", "key", "rotate", "issuer")
    machine.does("activate", world.asks(machine, newest))
    assert Guard(first, machine=machine.machine).check().allowed
    # a store's file that nobody vouches for is left aside
    stranger = at_desk(world.folder / "stranger", world.clock)
    stolen = world.folder / "stranger.hwproduct"
    stranger.does("vendor", "product", "export", "acme-cad", "-o", stolen)
    kept = world.folder / "first" / "store" / "acme-cad" / "product.hwproduct"
    kept.write_bytes(armor.decode(stolen.read_bytes())[1])
    assert Guard(newest, machine=machine.machine).check().allowed
    kept.write_bytes(b"damaged")
    verdict = Guard(newest, machine=machine.machine).check()
    assert verdict.allowed
    assert [found.level for found in verdict.findings] == ["note"]


def test_the_old_root_may_leave_the_desk(world: World) -> None:
    """What it had signed goes on being used; its key and the old issuer's are needed no more."""
    world.vendor.does("vendor", "key", "rotate", "root")
    world.vendor.does("vendor", "key", "rotate", "issuer")
    desk = Path(world.vendor.environ["HWLOCK_VENDOR"])
    (desk / "root.key").unlink()
    (desk / "issuer.key").unlink()
    keys = world.vendor.does("vendor", "key", "list")["keys"]
    assert [one["file_here"] for one in keys if one["state"] != "in use"] == [False, False]
    machine = at_machine(world.folder / "first", world.clock, LAPTOP)
    machine.does("activate", world.asks(machine, world.product()))
    assert machine.does("check")["allowed"]
    world.vendor.does("vendor", "product", "add", "acme-cam")


def test_a_root_that_is_dropped_takes_its_licenses_along(world: World) -> None:
    """On machines that have the newest product file; a renewal brings them back."""
    machine = world.licensed("first", world.product())
    other = world.licensed("other", world.product())
    license = world.license()
    old = world.key("root")
    world.clock.ahead = timedelta(days=1)
    assert "HWL-DESK-KEY-DROP" in world.vendor.types("vendor", "key", "drop", old).codes
    world.vendor.does("vendor", "key", "rotate", "root")
    told = world.vendor.does("vendor", "key", "drop", old)
    assert license in [one["id"] for one in told["falling"]]
    newest = world.product("newest")
    other.does("import", newest)
    assert "HWL-TRUST-ROOT" in other.types("check").codes
    renewed = world.folder / "renewed.hwres"
    world.clock.ahead = timedelta(days=2)
    world.vendor.does("vendor", "renew", license, "-o", renewed)
    other.does("activate", renewed)
    assert other.does("check")["allowed"]
    assert machine.does("check")["allowed"]  # it has heard of nothing


def test_what_nobody_vouches_for_is_not_taken(world: World) -> None:
    """A stranger's file, a forged endorsement, another vendor's, one of a product unknown here."""
    machine = world.licensed("first", world.product())
    world.clock.ahead = timedelta(days=1)
    stranger = at_desk(world.folder / "stranger", world.clock)
    theirs = world.folder / "theirs.hwproduct"
    stranger.does("vendor", "product", "export", "acme-cad", "-o", theirs)
    told = machine.types("import", theirs)
    assert (told.status, told.codes) == (5, {"HWL-PRODUCT-STRANGER"})
    genuine = Product.parse(armor.decode(world.product().read_bytes())[1])
    thief = seeded("thief")
    lie = bytearray(endorse(thief, thief.key, at=world.clock()))
    lie = lie.replace(thief.key.kid, genuine.roots[0].kid, 1)
    forged = Product.make(
        thief,
        id="acme-cad",
        name="ACME CAD",
        vendor="ACME Ltd",
        issued_at=world.clock(),
        replaced=Replaced(endorsements=(bytes(lie),)),
    )
    path = world.folder / "forged.hwproduct"
    path.write_bytes(forged.raw)
    assert machine.types("import", path).codes == {"HWL-SIGNATURE-BAD"}
    world.vendor.does("vendor", "product", "add", "acme-cam")
    cam = world.folder / "cam.hwproduct"
    world.vendor.does("vendor", "product", "export", "acme-cam", "-o", cam)
    assert machine.types("import", cam).codes == {"HWL-STORE-PRODUCT"}
    assert not (world.folder / "first" / "store" / "acme-cam").exists()
    assert machine.does("check")["allowed"]


def test_a_file_and_a_list_are_imported_in_their_order(world: World) -> None:
    """The list of a new root's issuer counts with the product file that is named behind it."""
    machine = world.licensed("first", world.product())
    license = world.license()
    world.clock.ahead = timedelta(days=1)
    world.vendor.does("vendor", "key", "rotate", "root")
    world.vendor.does("vendor", "key", "rotate", "issuer")
    world.vendor.does("vendor", "revoke", "license", license, "--reason", "not paid")
    listed, newest = world.folder / "list.hwcrl", world.product("newest")
    world.vendor.does("vendor", "revocations", "acme-cad", "-o", listed)
    assert "HWL-TRUST-ROOT" in machine.types("import", listed).codes
    machine.does("import", listed, newest)
    assert "HWL-REVOKED-LICENSE" in machine.types("check").codes


def test_an_agent_signs_within_limits_until_taken_back(world: World) -> None:
    """Under a passphrase of their own; the licenses from before stay good."""
    world.vendor.environ["HWLOCK_AGENT_PASSPHRASE"] = "annas own words"
    limits = ("--product", "acme-cad", "--max-seats", "9")
    told = world.vendor.does("vendor", "key", "add", "anna", *limits)
    anna = Actor(
        world.vendor.machine,
        {
            "HWLOCK_VENDOR": world.vendor.environ["HWLOCK_VENDOR"],
            "HWLOCK_PASSPHRASE": "annas own words",
            "HWLOCK_ISSUER": "anna",
        },
    )
    desk, world.vendor = world.vendor, anna
    machine = world.licensed("first", world.product())
    world.vendor = desk
    shown = desk.does("vendor", "key", "show", told["id"])
    assert (shown["name"], len(shown["licenses"])) == ("anna", 1)
    much = desk.does(
        "vendor", "entitlement", "add", "--product", "acme-cad", "--customer", "M", "--seats", "10"
    )
    asked = world.folder / "much.hwreq"
    other = at_machine(world.folder / "other", world.clock, DESKTOP)
    other.does("request", "--product", world.product(), "--key", much["key"], "-o", asked)
    assert "HWL-ISSUER-LIMIT" in anna.types("respond", asked, "-o", "x.hwres").codes
    world.clock.ahead = timedelta(days=1)
    desk.does("vendor", "revoke", "issuer", told["id"], "--reason", "left us")
    assert "HWL-DESK-KEY-NAME" in anna.types("respond", asked, "-o", "x.hwres").codes
    listed = world.folder / "list.hwcrl"
    desk.does("vendor", "revocations", "acme-cad", "-o", listed)
    machine.does("import", listed)
    assert machine.does("check")["allowed"]
    desk.does("vendor", "audit", "verify")


def test_an_issuer_ends_and_the_desk_says_so_in_time(world: World) -> None:
    """With the root key away: told for a year, then refused with the file that renews it."""
    product = world.product()
    desk = Path(world.vendor.environ["HWLOCK_VENDOR"])
    root = shutil.move(desk / "root.key", world.folder / "vault.key")
    world.clock.ahead = timedelta(days=4 * 365 + 10)
    machine = at_machine(world.folder / "first", world.clock, LAPTOP)
    asked, answered = world.folder / "my.hwreq", world.folder / "my.hwres"
    machine.does("request", "--product", product, "--key", world.sold["key"], "-o", asked)
    notes = world.vendor.does("respond", asked, "-o", answered)["notes"]
    assert "HWL-DESK-ISSUER-ENDS" in [one["code"] for one in notes]
    told = world.vendor.types("vendor", "key", "list")
    assert "HWL-DESK-ISSUER-ENDS" in told.codes
    world.clock.ahead = timedelta(days=5 * 365 + 10)
    told = world.vendor.types("respond", asked, "-o", answered)
    assert "HWL-DESK-ISSUER-ENDED" in told.codes
    assert "root.key" in told.err
    shutil.move(root, desk / "root.key")
    world.vendor.does("respond", asked, "-o", answered)
    assert world.vendor.does("vendor", "key", "list")["notes"] == []
