"""The tree of a clause's wording: on paper first, then by the program.

A wording is five letters, one a feature: "ycsbp" is knowingly yes, cyber, secrets named,
beneficiary named, providing.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from clauses import clause, variant

from comity.diffusion.descent import trace_clause
from comity.diffusion.model import Descent, Lineage, Order
from comity.errors import LineageError
from comity.report.wording import ALONE, facts_of

AMERICAN = variant("american", "2015-09-25", "ycsbp")
BRITISH = variant("british", "2015-10-22", "ncs-p")


def placed(lineage: Lineage) -> dict[str, Descent]:
    return {d.instrument: d for d in lineage.descents}


def test_each_text_stands_with_the_earlier_one_it_changed_least() -> None:
    found = placed(
        trace_clause(
            clause(
                AMERICAN,
                BRITISH,
                variant("canadian", "2017-06-22", "ycsbp"),
                variant("australian", "2017-04-21", "ncs-o"),
            )
        )
    )
    assert found["canadian"].parent == "american"
    assert found["canadian"].changes == ()
    assert found["australian"].parent == "british"
    assert [(c.feature, c.before, c.after) for c in found["australian"].changes] == [
        ("advantage", "p", "o")
    ]
    assert found["american"].parent == ""
    assert found["american"].reason == "no earlier text on record"


def test_nobody_takes_from_a_later_text_however_alike() -> None:
    found = placed(trace_clause(clause(AMERICAN, BRITISH, variant("late", "2018", "ncs-p"))))
    assert found["british"].parent == "american"
    assert found["late"].parent == "british"


def test_dates_that_overlap_allow_either_and_the_tree_has_no_circle() -> None:
    twins = [variant("one", "2016", "ycsbp"), variant("two", "2016-06", "ycsbp")]
    found = placed(trace_clause(clause(*twins)))
    roots = [d for d in found.values() if not d.parent]
    (child,) = [d for d in found.values() if d.parent]
    assert len(roots) == 1
    assert child.parent == roots[0].instrument
    assert child.order is Order.POSSIBLY


def test_two_texts_of_one_day_do_not_take_from_each_other() -> None:
    lineage = trace_clause(
        clause(variant("a", "2016-06-01", "ycsbp"), variant("b", "2016-06-01", "ycsbp"))
    )
    assert [d.parent for d in lineage.descents] == ["", ""]


def test_every_parent_that_is_as_cheap_is_a_tie() -> None:
    found = placed(trace_clause(clause(AMERICAN, BRITISH, variant("g20", "2015-11-16", "nisbp"))))
    assert found["g20"].parent == "american"
    assert found["g20"].ties == ("british",)
    assert found["g20"].support == pytest.approx(0.5, abs=0.05)
    assert set(found["g20"].rests_on) == {"beneficiary"}


def test_a_common_party_chooses_among_ties_and_only_among_ties() -> None:
    made = clause(
        variant("far", "2014", "ycsbp"),
        variant("near", "2015", "ycsbp"),
        variant("child", "2016", "ycsbo"),
        variant("other", "2017", "ncs-o"),
    )
    parties = {name: frozenset({"CN"}) for name in ("near", "child")}
    assert placed(trace_clause(made))["child"].parent == "far"
    found = placed(trace_clause(made, parties | {"other": frozenset({"CN"})}))
    assert found["child"].parent == "near"
    assert found["child"].ties == ("far",)
    assert found["other"].parent == "child"


def test_a_text_that_two_explain_better_is_mixed_and_says_what_came_from_whom() -> None:
    found = placed(trace_clause(clause(AMERICAN, BRITISH, variant("g20", "2015-11-16", "nisbp"))))
    mixed = found["g20"].mixture
    assert mixed is not None
    assert {mixed.first, mixed.second} == {"american", "british"}
    by_name = {mixed.first: mixed.from_first, mixed.second: mixed.from_second}
    assert by_name == {"american": ("beneficiary",), "british": ("knowingly",)}
    assert mixed.neither == ("means",)
    assert (mixed.changed_alone, mixed.changed_together) == (2, 1)
    both_drawn = 1 - 2 * (4 / 5) ** 5 + (3 / 5) ** 5
    assert mixed.support == pytest.approx(both_drawn, abs=0.05)
    assert 0 < mixed.by_chance < 1


def test_a_text_that_one_explains_as_well_is_not_mixed() -> None:
    found = placed(trace_clause(clause(AMERICAN, BRITISH, variant("new", "2016", "yisbp"))))
    assert found["new"].mixture is None


def test_a_second_parent_must_be_near_itself() -> None:
    """One letter from a text that shares nothing else is chance, not a source."""
    found = placed(
        trace_clause(
            clause(AMERICAN, variant("strange", "2016", "nx-xo"), variant("new", "2017", "ycsbo"))
        )
    )
    assert found["new"].parent == "american"
    assert found["new"].mixture is None


def test_knowing_less_of_a_text_never_makes_it_a_nearer_parent() -> None:
    """The one with gaps is read as its own parent where nothing is known, so it cannot win."""
    gaps = variant("gaps", "2016", "yc.b.")
    found = placed(trace_clause(clause(AMERICAN, gaps, variant("new", "2017", "ycxbo"))))
    assert found["new"].parent == "american"
    assert found["new"].ties == ("gaps",)
    assert [c.feature for c in found["new"].changes] == ["secrets", "advantage"]


def test_missing_features_cost_nothing_and_lower_support() -> None:
    whole = placed(trace_clause(clause(AMERICAN, BRITISH, variant("x", "2017", "ycsbp"))))
    gaps = placed(trace_clause(clause(AMERICAN, BRITISH, variant("x", "2017", ".csbp"))))
    assert whole["x"].parent == gaps["x"].parent == "american"
    assert whole["x"].changes == gaps["x"].changes == ()
    assert gaps["x"].compared == 4
    assert gaps["x"].support < whole["x"].support


def test_a_text_of_which_too_little_is_known_is_set_aside() -> None:
    lineage = trace_clause(clause(AMERICAN, BRITISH, variant("dim", "2017", "y...p")))
    assert lineage.aside == {"dim": "2 of 5 features known"}
    assert "dim" not in placed(lineage)


def test_a_text_unlike_all_others_is_its_own() -> None:
    found = placed(trace_clause(clause(AMERICAN, BRITISH, variant("new", "2017", "nxx-x"))))
    assert found["new"].parent == ""
    assert "over half" in found["new"].reason


def test_one_text_makes_no_tree() -> None:
    with pytest.raises(LineageError, match="known well enough for 1"):
        trace_clause(clause(AMERICAN))


@pytest.mark.parametrize("seed", range(12))
def test_no_choice_of_earlier_parents_needs_fewer_changes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    letters = ["".join(rng.choice(["a", "b"], size=5)) for _ in range(5)]
    variants = [variant(f"v{k}", str(2010 + k), text) for k, text in enumerate(letters)]
    lineage = trace_clause(clause(*variants), resamples=10)

    def far(one: str, two: str) -> int:
        return sum(a != b for a, b in zip(one, two, strict=True))

    total = 0
    for k in range(1, 5):
        near = [d for p in range(k) if (d := far(letters[p], letters[k])) <= 2]
        total += min(near, default=0)
    assert lineage.changes == total


def test_the_same_seed_gives_the_same_numbers() -> None:
    made = clause(AMERICAN, BRITISH, variant("g20", "2015-11-16", "nisbp"))
    one, two = trace_clause(made, seed=3), trace_clause(made, seed=3)
    assert one.descents == two.descents


def test_texts_of_one_parent_look_mixed_by_chance_more_often_where_more_changes() -> None:
    """With many changes on the tree a saved change says less, and by_chance says so."""
    calm = [variant(f"c{k}", str(2000 + k), "ycsbp") for k in range(6)]
    wild = [
        variant(f"w{k}", str(2000 + k), text)
        for k, text in enumerate(["ycsbo", "ycs-p", "yisbp", "ycxbo", "yis-p", "ncsbo"])
    ]

    def chance(extra: list) -> float:
        texts = [*extra, AMERICAN, BRITISH, variant("g20", "2015-11-16", "nisbp")]
        mixed = placed(trace_clause(clause(*texts)))["g20"].mixture
        return mixed.by_chance if mixed else float("nan")

    assert chance(calm) < chance(wild)


def test_every_pair_of_parents_is_tried_for_a_mixed_text() -> None:
    texts = [variant(f"t{k}", str(2000 + k), t) for k, t in enumerate(["ycsbp", "ycs-o", "nisbo"])]
    child = variant("child", "2010", "ycsbo")
    mixed = placed(trace_clause(clause(*texts, child)))["child"].mixture
    words = {t.instrument: "".join(t.features.values()) for t in texts}
    best = min(
        sum(c not in (a, b) for a, b, c in zip(words[p], words[q], "ycsbo", strict=True))
        for p, q in itertools.combinations(words, 2)
    )
    assert mixed is not None
    assert mixed.changed_together == best == 0


def test_one_candidate_alone_is_no_support() -> None:
    # The second has but one earlier text to come from, the third two.
    found = placed(trace_clause(clause(AMERICAN, BRITISH, variant("new", "2016", "ncsbp"))))
    assert (found["american"].candidates, found["british"].candidates) == (0, 1)
    assert [s for s in facts_of(found["british"]) if "support" in s] == [ALONE]
    assert found["new"].candidates == 2
    assert ALONE not in facts_of(found["new"])


def test_where_the_register_says_otherwise_than_the_words_it_is_told() -> None:
    made = clause(AMERICAN, BRITISH, variant("new", "2016", "ncs-o"))
    links = {"new": (("recommits to", "american"), ("cites", "elsewhere"))}
    found = placed(trace_clause(made, links=links))
    assert found["new"].parent == "british"
    assert found["new"].on_record == (("recommits to", "american"),)
    said = "the register has it otherwise: recommits to american; the words do not show it"
    assert said in facts_of(found["new"])
    agreed = placed(trace_clause(made, links={"new": (("recommits to", "british"),)}))["new"]
    assert not [s for s in facts_of(agreed) if "register" in s]
