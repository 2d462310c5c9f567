"""A guard's name with any one typing error is still taken for a guard: what it was meant to hold back stays closed."""

from hypothesis import assume, given
from hypothesis import strategies as st

from crossgate.config.keys import is_comment
from crossgate.config.namespaces.resemblance import is_guard
from crossgate.config.namespaces.table import NAMESPACES, by_any_name

BY_NAME = by_any_name()
GUARDS = sorted(name for spec in NAMESPACES if spec.guard for name in (spec.name, *spec.old))
OTHERS = sorted(name for spec in NAMESPACES if not spec.guard for name in (spec.name, *spec.old))
letters = st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-_./ \\é")


@st.composite
def misspelt(draw: st.DrawFn) -> str:
    """A letter lost, added, changed or swapped with the next."""
    name = draw(st.sampled_from(GUARDS))
    at = draw(st.integers(0, len(name) - 1))
    kind = draw(st.sampled_from(["lost", "added", "changed", "swapped"]))
    if kind == "lost":
        return name[:at] + name[at + 1 :]
    if kind == "swapped":
        return name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]
    letter = draw(letters)
    return name[:at] + letter + name[at + (kind == "changed") :]


def guards(name: str) -> bool:
    return is_guard(name, BY_NAME.get(name))


@given(misspelt())
def test_one_typing_error_does_not_make_a_guard_unknown(name: str) -> None:
    assume(not is_comment(name))
    assert guards(name)


@given(
    st.sampled_from(GUARDS),
    st.sampled_from([str.upper, str.title, str.strip]),
    st.sampled_from(["/", "_", ".", "-", " ", "\\", "//"]),
    st.sampled_from(["devopsfaith", "luraproject", "krakendio", "krakend", "acme"]),
    st.sampled_from(["github.com", "github_com", "github-com", "https://github.com", "gitlab.com"]),
)
def test_letter_case_punctuation_and_repository_do_not_matter(name, case, slash, owner, host) -> None:
    short = name.removeprefix("github.com/devopsfaith/").removeprefix("github_com/devopsfaith/")
    if short == name:
        assert guards(case(name).replace("/", slash))
    else:
        assert guards(case(name))
        assert guards(name.replace("/", slash))
        assert guards(f"{host}/{owner}/{short}")


def test_what_is_no_guard_is_not_taken_for_one() -> None:
    assert [name for name in OTHERS if guards(name) or guards(name.upper())] == []
    common = ["meta", "owner", "team", "description", "my-component", "x-company", "acme/billing", "limits", "comment"]
    assert [name for name in common if guards(name)] == []
