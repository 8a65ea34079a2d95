"""The Merkle tree, against the published answers of certificate logs and against the definition.

The leaves, roots and proofs are those with which certificate logs test theirs:
https://github.com/transparency-dev/merkle/blob/main/proof/verify_test.go
"""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.exchange.merkle import (
    Frontier,
    Tree,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [  # index from 0, size, proof
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [  # sizes, proof
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
    (
        6,
        7,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
]


def by_definition(leaves: list[bytes]) -> bytes:
    """The root as RFC 9162, section 2.1.1 defines it, by recursion and nothing else."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_published(size: int) -> None:
    wanted = ROOTS[size - 1] if size else EMPTY
    assert root_of(LEAVES[:size]) == wanted
    assert Tree(LEAVES).root(size) == Tree(LEAVES[:size]).root() == wanted


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_the_inclusion_proofs_are_those_published(index: int, size: int, proof: list[str]) -> None:
    assert list(Tree(LEAVES).inclusion_proof(index, size)) == proof
    assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size - 1])


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCY)
def test_the_consistency_proofs_are_those_published(
    first: int, second: int, proof: list[str]
) -> None:
    assert list(Tree(LEAVES).consistency_proof(first, second)) == proof
    assert verify_consistency(first, second, ROOTS[first - 1], ROOTS[second - 1], proof)


def test_every_proof_of_every_size_holds_and_no_other_place_does() -> None:
    leaves = [bytes([n]) * (n % 5) + bytes([n]) for n in range(40)]
    tree = Tree(leaves)
    roots = [by_definition(leaves[:n]).hex() for n in range(41)]
    for size in range(1, 41):
        assert tree.root(size) == roots[size]
        for index in range(size):
            proof = tree.inclusion_proof(index, size)
            held = [
                at
                for at in range(-1, size + 2)
                if verify_inclusion(leaves[index], at, size, proof, roots[size])
            ]
            assert held == [index]
        for first in range(size + 1):
            proof = tree.consistency_proof(first, size)
            assert verify_consistency(first, size, roots[first], roots[size], proof)
            if 0 < first < size:
                assert not verify_consistency(first - 1, size, roots[first], roots[size], proof)
                assert not verify_consistency(first, size, roots[size], roots[first], proof)
                assert not verify_consistency(first, size, roots[first], roots[size], proof[:-1])


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_a_proof_with_one_bit_turned_shows_nothing(
    leaves: list[bytes], data: st.DataObject
) -> None:
    tree = Tree(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = list(tree.inclusion_proof(index))
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        proof[at] = f"{int(proof[at], 16) ^ 1 << bit:064x}"
        assert not verify_inclusion(leaves[index], index, len(leaves), proof, tree.root())
    first = data.draw(st.integers(1, len(leaves)))
    grown = list(tree.consistency_proof(first))
    if grown:
        at, bit = data.draw(st.integers(0, len(grown) - 1)), data.draw(st.integers(0, 255))
        grown[at] = f"{int(grown[at], 16) ^ 1 << bit:064x}"
        roots = tree.root(first), tree.root()
        assert not verify_consistency(first, len(leaves), *roots, grown)


@given(st.lists(st.binary(max_size=4), max_size=70), st.integers(0, 70))
def test_a_frontier_goes_on_from_its_state_as_if_never_stopped(
    leaves: list[bytes], stop: int
) -> None:
    frontier = Frontier()
    for leaf in leaves[:stop]:
        frontier.append(leaf)
    frontier = Frontier.from_json(json.loads(json.dumps(frontier.to_json())))
    for leaf in leaves[stop:]:
        frontier.append(leaf)
    assert frontier.size == len(leaves)
    assert frontier.root() == by_definition(leaves).hex()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"size": True, "peaks": ["0" * 64]},
        {"size": -1, "peaks": ["0" * 64]},
        {"size": 3, "peaks": ["0" * 64]},
        {"size": 1, "peaks": ["0" * 63]},
        {"size": 1, "peaks": ["Z" * 64]},
        {"size": 1, "peaks": [7]},
    ],
)
def test_a_state_that_no_frontier_wrote_is_refused(state: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="tree"):
        Frontier.from_json(state)


def test_what_is_no_hash_proves_nothing() -> None:
    for odd in ("", "zz", ROOTS[1].upper(), ROOTS[1] + " ", " " + ROOTS[1][:-1]):
        assert not verify_inclusion(LEAVES[2], 2, 3, [odd], ROOTS[2])
        assert not verify_inclusion(LEAVES[0], 0, 1, [], odd)
        assert not verify_consistency(0, 3, EMPTY, odd, [])
    assert not verify_inclusion(LEAVES[0], 0, 0, [], EMPTY)
    assert not verify_inclusion(LEAVES[0], 0, 1, [ROOTS[0]], ROOTS[0])
    assert not verify_consistency(3, 2, ROOTS[2], ROOTS[1], [])
    assert not verify_consistency(1, 2, ROOTS[0], ROOTS[1], [])
    assert not verify_consistency(3, 5, ROOTS[2], ROOTS[4], [])
    assert not verify_consistency(1, 2, ROOTS[0], ROOTS[1], [ROOTS[0]] * 5)


def test_a_place_outside_the_tree_is_an_error() -> None:
    tree = Tree(LEAVES)
    for call in (
        lambda: tree.inclusion_proof(8),
        lambda: tree.inclusion_proof(-1),
        lambda: tree.consistency_proof(5, 4),
        lambda: tree.root(9),
    ):
        with pytest.raises(ValueError, match=r"leaves|leaf"):
            call()
