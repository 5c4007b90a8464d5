"""Sentences in other languages say what the English ones say; English costs nothing."""

from __future__ import annotations

import ast
import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import catalogs as tool
import pytest

from hwlock import errors
from hwlock.errors import Finding, UsageError, catalogs
from hwlock.errors.table import TABLE
from hwlock.errors.words import ONE, WORDS
from hwlock.evidence.host import NAMES

FOLDER = Path(catalogs.SHIPPED)
VARIABLES = ("HWLOCK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
TYPED = re.compile(
    r"--[a-z]+|[A-Z]+_[A-Z0-9_]+"
    r"|hwlock (?:activate|check|demo|device|doctor|inspect|request|return|status|vendor)\b"
)
NONE = Finding("HWL-LICENSE-NONE", "deny", product="acme-cad")
ENGLISH = "there is no license for acme-cad on this machine"
GERMAN = "auf diesem Rechner ist keine Lizenz für acme-cad"


@pytest.fixture(autouse=True)
def _english_again():
    """Speak English after each test."""
    yield
    errors.speak("en")


@pytest.fixture
def environ(monkeypatch):
    """Return what sets the variables that choose a language, and clears the others."""

    def set_to(**variables):
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return errors.speak()

    return set_to


def write(folder, language, source):
    """Write the catalog of a language under `folder`."""
    path = folder / language / "LC_MESSAGES" / "hwlock.po"
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")
    return path


def entry(text):
    """Return the source of an entry of HWL-LICENSE-NONE."""
    english = TABLE["HWL-LICENSE-NONE"][1]
    return f'msgctxt "HWL-LICENSE-NONE"\nmsgid "{english}"\nmsgstr "{text}"\n'


# --- the catalogs of hwlock ------------------------------------------------------------


@pytest.fixture(scope="module", params=errors.LANGUAGES)
def catalog(request):
    """Return each catalog that comes with hwlock, read."""
    return catalogs.read(catalogs.SHIPPED, request.param)


@pytest.fixture(scope="module")
def said(catalog):
    """Return (context, English, translation) of each text and form of a catalog."""
    texts = [(*key, text) for key, text in catalog.texts.items()]
    return texts + [(*key, form) for key, forms in catalog.forms.items() for form in forms]


def test_every_catalog_is_known():
    """The languages that are looked for are the folders that there are."""
    assert sorted(errors.LANGUAGES) == sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("language", errors.LANGUAGES)
def test_every_sentence_is_translated(language):
    """Table, words and commands: who adds a sentence adds what it is in each language."""
    lacking = tool.lacking(catalogs.read(catalogs.SHIPPED, language))
    assert not lacking, (
        f"without a translation into {language}: run `tools/run docs --catalogs`, then fill in "
        f"src/hwlock/locale/{language}/LC_MESSAGES/hwlock.po: "
        + "; ".join(f"{one.context}: {one.english}" for one in lacking)
    )


def test_no_entry_is_stale(catalog):
    """Every entry is of something that is said, in the English that it is said in."""
    assert tool.stale(catalog) == [], "run `tools/run docs --catalogs`"


@pytest.mark.parametrize("language", errors.LANGUAGES)
def test_a_catalog_is_in_the_order_of_what_is_said(language):
    """So that a new sentence is one more entry, and nothing else changes."""
    path = FOLDER / language / "LC_MESSAGES" / "hwlock.po"
    source = path.read_text(encoding="utf-8")
    assert tool.merged(source, str(path)) == source, "run `tools/run docs --catalogs`"


def test_a_translation_is_written_like_the_english(said):
    """Printable, one line, without a full stop; what is filled in is the same."""
    for context, english, text in said:
        assert text.isprintable(), context
        assert text == text.strip() and "  " not in text, context
        assert not text.endswith((".", "。")), context
        assert catalogs.particulars(text) == catalogs.particulars(english), context
        assert "}" not in catalogs.particulars(text), context


def test_commands_are_not_translated(said):
    """A command that a hint names is typed as it is in every language."""
    for context, english, text in said:
        assert set(TYPED.findall(english)) == set(TYPED.findall(text)), context


def test_a_catalog_has_every_form_of_its_language(catalog):
    """German counts one and many, Japanese does not; no number is left without a form."""
    for context, forms in catalog.forms.items():
        assert {catalog.rule(number) for number in range(200)} == set(range(len(forms))), context


def test_every_english_template_can_be_translated():
    """No sentence has a brace that the reader would take for another particular."""
    for one in tool.entries():
        assert "}" not in catalogs.particulars(one.english), one.context
        assert not one.many or catalogs.particulars(one.many) == catalogs.particulars(one.english)


def test_words_of_commands_stand_in_the_sources():
    """What `say` and `plural` are given is text, so that it can be collected."""
    wrong = []
    for path in sorted((tool.SRC / "cli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                wanted = {"say": 1, "plural": 2}.get(node.func.id, 0)
                if not all(isinstance(arg, ast.Constant) for arg in node.args[:wanted]):
                    wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


def test_counted_sentences_are_of_codes_that_name_the_number():
    """The sentence for one thing differs from that for many, and names the same."""
    for code, (number, one) in ONE.items():
        many = TABLE[code][1]
        assert one != many and number in catalogs.particulars(many), code


def test_every_part_of_a_machine_has_a_word():
    """What a fingerprint says that changed is said in the reader's language."""
    assert set(NAMES.values()) <= set(WORDS)


def test_the_template_is_a_catalog_of_everything():
    """hwlock.pot is read by the same reader, and has no translation yet."""
    template = tool.template()
    read = catalogs.parse(template, "hwlock.pot")
    assert (read.texts, read.forms) == ({}, {})
    for one in tool.entries():
        assert f'msgctxt "{one.context}"' in template
    assert tool.lacking(read) == list(tool.entries())


def test_a_catalog_is_brought_up_to_date():
    """What is new is empty, what changed is fuzzy, what nobody says is gone, the rest stays."""
    english = TABLE["HWL-LICENSE-NONE"][1]
    header = 'msgid ""\nmsgstr "Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    old = 'msgctxt "HWL-DENIED"\nmsgid "it was {so}"\nmsgstr "war {so}"\n\n'
    gone = 'msgctxt "HWL-GONE"\nmsgid "x"\nmsgstr "y"\n'
    merged = tool.merged(header + entry("nichts für {product}") + "\n" + old + gone, "x.po")
    read = catalogs.parse(merged, "x.po")
    assert merged.startswith(header)
    assert read.texts == {("HWL-LICENSE-NONE", english): "nichts für {product}"}
    assert '#, fuzzy, python-brace-format\n#| msgid "it was {so}"\nmsgctxt "HWL-DENIED"' in merged
    assert "HWL-GONE" not in merged
    assert tool.merged(merged, "x.po").count("fuzzy") == 0  # looked at, or left empty


# --- which language --------------------------------------------------------------------


def test_a_finding_is_said_in_the_language_that_is_spoken():
    """A finding has no language of its own: it is said when it is read."""
    assert NONE.message == ENGLISH
    assert errors.speak("de") == "de"
    assert NONE.message == GERMAN
    assert NONE.hint.startswith("erstellen Sie eine Anforderung mit: hwlock request")
    assert errors.speak("ja") == "ja"
    assert NONE.message == "このマシンには acme-cad のライセンスがありません"
    assert NONE.code == "HWL-LICENSE-NONE"


def test_an_error_keeps_its_language():
    """What was raised and logged does not change afterwards."""
    errors.speak("de")
    error = errors.DeniedError("HWL-FEATURE-MISSING", feature="sim")
    errors.speak("en")
    assert str(error) == error.message == "die Lizenz umfasst die Funktion sim nicht"
    assert error.hint == "bitten Sie den Hersteller um eine Lizenz mit sim"


@pytest.mark.parametrize(
    ("variables", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "de_AT@euro"}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": ""}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "HWLOCK_LANG": "en"}, "en"),
        ({"HWLOCK_LANG": "de"}, "de"),
        ({"HWLOCK_LANG": "../../de"}, "en"),
    ],
)
def test_the_environment_chooses(environ, variables, spoken):
    """HWLOCK_LANG, else LC_ALL, else LC_MESSAGES, else LANG; the first that is not empty."""
    assert environ(**variables) == spoken


class Kernel:
    """The two calls of Windows that tell a user's language."""

    def GetUserDefaultUILanguage(self):
        """Return the number of German as it is spoken in Austria."""
        return 0x0C07

    def LCIDToLocaleName(self, number, name, size, flags):
        """Write the name of a language."""
        assert (number, size, flags) == (0x0C07, 85, 0)
        name.value = "de-AT"
        return 6


def test_windows_chooses_where_the_environment_does_not(environ, monkeypatch):
    """Whoever starts a program from a desktop has no variables."""
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=Kernel()), raising=False)
    assert environ() == "de"
    assert environ(LANG="ja_JP.UTF-8") == "ja"
    assert environ(HWLOCK_LANG="en") == "en"


@pytest.mark.parametrize("name", ["de", "DE", "de-DE", "de_CH.ISO-8859-1"])
def test_a_language_has_several_names(name):
    """Names are taken as gettext, browsers and window systems write them."""
    assert errors.speak(name) == "de"


def test_a_language_that_nobody_has_is_english():
    """An application may pass on whatever its user chose."""
    errors.speak("de")
    assert errors.speak("tlh") == "en"
    assert NONE.message == ENGLISH


def test_what_is_not_translated_is_english(tmp_path):
    """A catalog may be a small one."""
    write(tmp_path, "de", entry("nichts für {product}"))
    errors.speak("de", folder=str(tmp_path))
    assert NONE.message == "nichts für acme-cad"
    assert NONE.hint.startswith("make a request with")


def test_english_loads_nothing():
    """Who speaks English, or a language that we lack, pays for no catalog."""
    program = (
        "import sys; from hwlock.errors import Finding; "
        "before = set(sys.modules); "
        "Finding('HWL-LICENSE-NONE', 'deny', product='x').message; "
        "print(*sorted(set(sys.modules) - before))"
    )
    for language in ("en_US.UTF-8", "C", "fr_FR.UTF-8"):
        environ = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        run = subprocess.run(
            [sys.executable, "-I", "-c", program],
            env={**environ, "LANG": language},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == ["hwlock.errors.table", "hwlock.errors.words"]


# --- catalogs of vendors, and damaged ones -----------------------------------------------


def test_a_vendor_adds_a_language(tmp_path):
    """A folder of the application is asked first, and hwlock's own languages stay."""
    write(tmp_path, "fr", entry("{product} : aucune licence ici"))
    assert errors.speak("fr_FR", folder=str(tmp_path)) == "fr"
    assert NONE.message == "acme-cad : aucune licence ici"
    assert errors.speak("de", folder=str(tmp_path)) == "de"
    assert NONE.message == GERMAN


def test_the_environment_cannot_lead_out_of_a_folder(environ, tmp_path, monkeypatch):
    """A language is a name, and never a path."""
    write(tmp_path / "outside", "de", entry("{product}"))
    monkeypatch.setenv("HWLOCK_LANG", "../outside/de")
    (tmp_path / "inside").mkdir()
    assert errors.speak(folder=str(tmp_path / "inside")) == "en"


GOOD = entry("nichts für {product}")
FORMS = """msgctxt "A"
msgid "{n} thing"
msgid_plural "{n} things"
msgstr[0] "{n} Ding"
msgstr[1] "{n} Dinge"
"""


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (entry("nichts"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (entry("{product.__class__}"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (entry("{product!r}"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (entry("{product} {"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (entry("{product} }"), "line 1: HWL-LICENSE-NONE names other particulars"),
        (GOOD + "\n" + GOOD, "line 5: HWL-LICENSE-NONE stands there twice"),
        (GOOD + GOOD, "line 4: msgctxt is not expected"),
        (GOOD + 'msgid_plural "x"\n', "line 1: the entry is not whole"),
        (FORMS.replace("[1]", "[9]"), "line 5: msgstr[9] is not expected"),
        (FORMS.replace("{n} Dinge", "Dinge"), "line 1: A names other particulars"),
        (
            'msgid ""\nmsgstr "\\nPlural-Forms: plural=n+;"\n',
            "line 1: Plural-Forms: unexpected end of plural form",
        ),
        ('msgid "x"\n', "line 1: the entry is not whole"),
        ('"x"\n', "line 1: no text in quotes"),
        ('\n\nmsgid "x\n', "line 3: no text in quotes"),
        ('msgid "x"y"\nmsgstr ""', "line 1: a quote or an escape that is none"),
        ('msgid "\\q"\nmsgstr ""', "line 1: a quote or an escape that is none"),
        ('msgid "\\"\nmsgstr ""', "line 1: a quote or an escape that is none"),
    ],
)
def test_a_damaged_catalog_is_refused(tmp_path, source, fault):
    """Where the application names a folder, its maker learns which line is wrong."""
    path = write(tmp_path, "xx", source)
    with pytest.raises(UsageError) as caught:
        errors.speak("xx", folder=str(tmp_path))
    assert caught.value.code == "HWL-LANGUAGE-FILE"
    assert caught.value.details == {"path": str(path), "fault": fault}


def test_bytes_that_are_no_text_are_refused(tmp_path):
    """A catalog is UTF-8, and nothing else."""
    write(tmp_path, "xx", "").write_bytes(entry("für {product}").encode("latin-1"))
    with pytest.raises(UsageError, match="cannot be used"):
        errors.speak("xx", folder=str(tmp_path))


def test_a_shipped_catalog_that_is_gone_is_english(environ, tmp_path, monkeypatch):
    """A program that was packed without the catalogs still says why it does not start."""
    monkeypatch.setattr(catalogs, "SHIPPED", str(tmp_path))
    assert environ(LANG="de_DE.UTF-8") == "en"
    assert NONE.message == ENGLISH


def test_a_catalog_is_read_as_translators_tools_write_it():
    """Comments, fuzzy and obsolete entries, wrapped texts, carriage returns and escapes."""
    source = """# somebody
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#. a comment
#: a/place:1
#, python-brace-format
msgctxt "A"
msgid ""
"one {x} "
"and \\"two\\" \\\\"
msgstr ""
"eins {x} "
"und \\"zwei\\" \\\\"

#, fuzzy, python-brace-format
#| msgid "old"
msgctxt "B"
msgid "b"
msgstr "guessed"

msgctxt "C"
msgid "c"
msgstr ""

#~ msgctxt "D"
#~ msgid "d"
#~ msgstr "gone"
"""
    expected = {("A", 'one {x} and "two" \\'): 'eins {x} und "zwei" \\'}
    assert catalogs.parse(source, "x.po").texts == expected
    assert catalogs.parse(source.replace("\n", "\r\n"), "x.po").texts == expected


# --- numbers, words, and for how long -----------------------------------------------------


def ending(days):
    """Return the finding of a license that ends in so many days."""
    return Finding("HWL-TERM-ENDING", "warn", day="2026-12-24", days=days)


@pytest.mark.parametrize(
    ("language", "one", "three"),
    [
        ("en", "; 1 day left", "; 3 days left"),
        ("de", "; noch 1 Tag", "; noch 3 Tage"),
        ("ja", "。残り 1 日", "。残り 3 日"),
    ],
)
def test_a_sentence_counts_as_its_language_does(language, one, three):
    """One day is no three days, where the language knows the difference."""
    with errors.speaking(language):
        assert ending(1).message.endswith(one)
        assert ending(3).message.endswith(three)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);", "A 1, B 2, C 7"),
        ("nplurals=2; plural=n>1;", "A 1, B 2, B 7"),
        ("nplurals=1; plural=0;", "A 1, A 2, A 7"),
        ("nplurals=4; plural=3;", "{n} thing 1, {n} things 2, {n} things 7"),
    ],
)
def test_a_vendors_language_counts_as_its_header_says(tmp_path, rule, words):
    """Plural-Forms is read as gettext reads it; a form that is lacking is English."""
    source = f'msgid ""\nmsgstr ""\n"Language: xx\\n"\n"Plural-Forms: {rule}\\n"\n\n'
    source += 'msgctxt "c"\nmsgid "{n} thing"\nmsgid_plural "{n} things"\n'
    source += "".join(f'msgstr[{at}] "{name} {{n}}"\n' for at, name in enumerate("ABC"))
    write(tmp_path, "xx", source)
    with errors.speaking("xx", folder=str(tmp_path)):
        said = [
            errors.counted("c", "{n} thing", "{n} things", number, n=number) for number in (1, 2, 7)
        ]
    expected = [word.replace("{n} thing", word[-1] + " thing") for word in words.split(", ")]
    assert said == [
        word.removesuffix(f" {number}") if "thing" in word else word
        for word, number in zip(expected, (1, 2, 7), strict=True)
    ]


def test_kinds_of_things_are_words_and_names_are_not():
    """A particular of a fixed list is said in the reader's language, alone or in a list."""
    changed = Finding(
        "HWL-HOST-CHANGED", "warn", changed="disk, network adapter", spare=1, tolerance=3
    )
    with errors.speaking("de"):
        assert "(Datenträger, Netzwerkadapter)" in changed.message
        assert "für diskless" in Finding("HWL-LICENSE-NONE", "deny", product="diskless").message
    assert "(disk, network adapter)" in changed.message


def test_speaking_ends_with_its_block():
    """Also where an exception leaves it; blocks may stand in each other."""
    errors.speak("ja")
    with pytest.raises(ZeroDivisionError), errors.speaking("de") as spoken:
        assert (spoken, NONE.message) == ("de", GERMAN)
        with errors.speaking("en"):
            assert NONE.message == ENGLISH
        assert NONE.message == GERMAN
        raise ZeroDivisionError
    assert NONE.message == "このマシンには acme-cad のライセンスがありません"


def test_what_another_hwlock_wrote_down_is_said_as_far_as_it_is_known():
    """A code with its particulars; one that is unknown, or names less, as it stands."""
    with errors.speaking("de"):
        assert errors.retold("HWL-LICENSE-NONE", {"product": "acme-cad"})[0] == GERMAN
    assert errors.retold("HWL-FROM-LATER", {"day": "x", "n": 3}) == (
        "HWL-FROM-LATER: day x, n 3",
        "",
    )
    assert errors.retold("HWL-LICENSE-NONE", {}) == ("HWL-LICENSE-NONE", "")
    assert errors.retold("HWL-LICENSE-NONE", {"product": "a\x1b[2J"})[0].endswith(
        "a?[2J on this machine"
    )
