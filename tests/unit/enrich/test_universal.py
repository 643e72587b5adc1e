"""Universal Dependencies in the scheme the rules speak."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.grammar import grammar
from pipeline.enrich.tree import Tree
from pipeline.enrich.universal import rewrite

FRENCH = grammar("fr")
FINITE = {"VerbForm": "Fin", "Tense": "Pres", "Person": "3", "Number": "Sing"}
PARTICIPLE = {"VerbForm": "Part", "Tense": "Past"}
INFINITIVE = {"VerbForm": "Inf"}


def rewritten(
    *tokens: tuple[str, str, str, int] | tuple[str, str, str, int, dict[str, str]],
) -> Tree:
    """A tree of words, each with its part of speech, relation, head and features."""
    tree = Tree(
        lower=[token[0] for token in tokens],
        part=[token[1] for token in tokens],
        features=[token[4] if len(token) == 5 else {} for token in tokens],
        dep=[token[2] for token in tokens],
        head=[token[3] for token in tokens],
        tag=[""] * len(tokens),
    )
    rewrite(tree, FRENCH)
    return tree


def edges(tree: Tree) -> list[tuple[str, str, int]]:
    return list(zip(tree.lower, tree.dep, tree.head, strict=True))


def test_a_preposition_governs_its_noun():
    tree = rewritten(
        ("maire", "NOUN", "ROOT", 0), ("de", "ADP", "case", 2), ("valbrune", "PROPN", "nmod", 0)
    )
    assert edges(tree) == [("maire", "ROOT", 0), ("of", "prep", 0), ("valbrune", "pobj", 1)]
    assert tree.tag == ["NN", "IN", "NNP"]


def test_who_did_it_in_the_passive_is_an_agent():
    tree = rewritten(
        ("averti", "VERB", "ROOT", 0, PARTICIPLE),
        ("par", "ADP", "case", 3),
        ("la", "DET", "det", 3),
        ("mairie", "NOUN", "obl:agent", 0),
    )
    assert edges(tree)[1:] == [("by", "agent", 0), ("the", "det", 3), ("mairie", "pobj", 1)]


def test_a_name_hangs_on_its_last_word_and_so_does_the_title_before_it():
    tree = rewritten(
        ("la", "DET", "det", 1),
        ("ministre", "NOUN", "nsubj", 4),
        ("claire", "PROPN", "appos", 1),
        ("dumontel", "PROPN", "flat:name", 2),
        ("parle", "VERB", "ROOT", 4, FINITE),
    )
    assert tree.head == [3, 3, 3, 4, 4]
    assert tree.dep == ["det", "compound", "compound", "nsubj", "ROOT"]


def test_a_pronoun_behind_its_verb_is_the_subject_whatever_the_model_took_it_for():
    tree = rewritten(
        ("la", "DET", "det", 1),
        ("décision", "NOUN", "nsubj", 3),
        (",", "PUNCT", "punct", 1),
        ("explique", "VERB", "ROOT", 3, FINITE),
        ("-t", "PRON", "dep", 3),
        ("-elle", "INTJ", "dep", 3),
    )
    assert edges(tree)[5] == ("she", "nsubj", 3)
    assert tree.dep[1] == "dislocated"
    assert tree.tag[5] == "PRP"


def test_a_pronoun_behind_an_auxiliary_is_the_subject_of_the_verb():
    tree = rewritten(
        ("a", "AUX", "aux:tense", 3, FINITE),
        ("-t", "PRON", "nsubj", 3),
        ("-il", "PRON", "expl:comp", 3),
        ("dit", "VERB", "ROOT", 3, PARTICIPLE),
    )
    assert edges(tree)[2] == ("he", "nsubj", 3)
    assert tree.dep.count("nsubj") == 1


def test_a_noun_behind_a_verb_that_follows_a_quote_is_its_subject():
    tree = rewritten(
        ("»", "PUNCT", "punct", 2),
        (",", "PUNCT", "punct", 2),
        ("raconte", "VERB", "ROOT", 2, FINITE),
        ("une", "DET", "det", 4),
        ("voisine", "NOUN", "obj", 2),
    )
    assert tree.dep[4] == "nsubj"


def test_the_object_of_a_sentence_without_a_quote_stays_one():
    tree = rewritten(
        ("elle", "PRON", "nsubj", 1),
        ("raconte", "VERB", "ROOT", 1, FINITE),
        ("une", "DET", "det", 3),
        ("histoire", "NOUN", "obj", 1),
    )
    assert tree.dep == ["nsubj", "ROOT", "det", "dobj"]


def test_a_modal_verb_is_an_auxiliary_of_its_infinitive():
    tree = rewritten(
        ("il", "PRON", "nsubj", 1, {"Person": "3"}),
        ("pourrait", "VERB", "ROOT", 1, {"VerbForm": "Fin", "Mood": "Cnd"}),
        ("dire", "VERB", "xcomp", 1, INFINITIVE),
    )
    assert edges(tree) == [("he", "nsubj", 2), ("could", "aux", 2), ("dire", "ROOT", 2)]
    assert tree.tag == ["PRP", "MD", "VB"]


@pytest.mark.parametrize("word", ["de", "à", "d'"])
def test_what_leads_an_infinitive_is_its_to(word):
    tree = rewritten(
        ("promis", "VERB", "ROOT", 0, PARTICIPLE),
        (word, "ADP", "mark", 2),
        ("venir", "VERB", "xcomp", 0, INFINITIVE),
    )
    assert (tree.lower[1], tree.tag[1], tree.dep[1]) == ("to", "TO", "aux")


def test_words_that_are_an_adverb_together_let_go_of_what_hung_on_them():
    tree = rewritten(
        ("assure", "VERB", "ROOT", 0, FINITE),
        ("de", "ADP", "case", 3),
        ("son", "DET", "det", 3, {"Poss": "Yes"}),
        ("côté", "NOUN", "obl:arg", 0),
        ("solène", "PROPN", "appos", 3),
    )
    assert tree.tag[1:4] == ["RB", "RB", "RB"]
    assert (tree.head[4], tree.dep[4]) == (0, "dobj")


@pytest.mark.parametrize(
    ("word", "part", "features", "tag"),
    [
        ("dit", "VERB", FINITE, "VBZ"),
        ("disait", "VERB", FINITE | {"Tense": "Imp"}, "VBD"),
        ("disent", "VERB", FINITE | {"Number": "Plur"}, "VBP"),
        ("disant", "VERB", {"VerbForm": "Part", "Tense": "Pres"}, "VBG"),
        ("maires", "NOUN", {"Number": "Plur"}, "NNS"),
        ("sa", "DET", {"Poss": "Yes"}, "PRP$"),
        ("qui", "PRON", {"PronType": "Rel"}, "WP"),
        ("pourquoi", "ADV", {}, "WRB"),
        ("«", "PUNCT", {}, "``"),
        ("…", "PUNCT", {}, ":"),
    ],
)
def test_parts_of_speech_are_those_of_the_penn_treebank(word, part, features, tag):
    assert rewritten((word, part, "ROOT", 0, features)).tag == [tag]


def test_a_negation_is_one_and_its_particle_is_not():
    tree = rewritten(
        ("n'", "ADV", "advmod", 2), ("pas", "ADV", "advmod", 2), ("dit", "VERB", "ROOT", 2, FINITE)
    )
    assert tree.dep == ["advmod", "neg", "ROOT"]


WORDS = [
    *("a", "-t", "-il", "-elle", "de", "d'", "son", "côté", "pourrait", "dire", "va", "qu'", "que"),
    *("maire", "claire", "»", ",", ".", "lundi", "s'", "m'", "pas", "au", "contraire", "x"),
]
PARTS = ["ADJ", "ADP", "ADV", "AUX", "DET", "NOUN", "PRON", "PROPN", "PUNCT", "SCONJ", "VERB", "X"]
RELATIONS = [
    *("acl", "advcl", "appos", "aux:tense", "case", "conj", "det", "dep", "expl:comp", "flat:name"),
    *("mark", "nmod", "nsubj", "obj", "obl:agent", "obl:arg", "parataxis", "punct", "xcomp"),
]
FEATURES = [{}, FINITE, PARTICIPLE, INFINITIVE, {"Poss": "Yes"}, {"Mood": "Cnd"}]


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Any tree: the head of each token is one that was placed before it, or the token itself."""
    order = draw(st.permutations(range(draw(st.integers(1, 12)))))
    head = [0] * len(order)
    for place, token in enumerate(order):
        head[token] = order[draw(st.integers(0, place))]
    size = len(order)

    def some(of):
        return draw(st.lists(st.sampled_from(of), min_size=size, max_size=size))

    return Tree(some(WORDS), some(PARTS), some(FEATURES), some(RELATIONS), head, [""] * size)


def roots(tree: Tree) -> list[int]:
    """The root of each token; fails on a cycle."""
    found = []
    for token in range(len(tree)):
        at, steps = token, 0
        while tree.head[at] != at:
            at, steps = tree.head[at], steps + 1
            assert steps <= len(tree), "a cycle"
        found.append(at)
    return found


@given(trees())
def test_any_tree_stays_a_tree_over_the_same_tokens(tree):
    before = roots(tree)
    size, count = len(tree), len(set(before))
    together = [[other == root for other in before] for root in before]
    rewrite(tree, FRENCH)
    after = roots(tree)
    assert [[other == root for other in after] for root in after] == together
    assert len(set(after)) == count
    assert {len(row) for row in (tree.lower, tree.dep, tree.tag, tree.head)} == {size}
    assert all(tree.tag)
    assert all(tree.dep)
