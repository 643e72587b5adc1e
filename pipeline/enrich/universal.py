"""Universal Dependencies rewritten into the scheme the rules speak.

The rules know parts of speech of the Penn Treebank and CLEAR-style dependencies, as spaCy's
English models give them: a preposition governs its noun, an auxiliary hangs on its verb, a name on
its last word. A tree in goes out as a tree over the same tokens; words of grammar are glossed by
what they stand for (config/grammar), all others keep their own form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipeline.enrich.grammar import Grammar
from pipeline.enrich.tree import Tree
from pipeline.enrich.word_order import put_right

_RELATIONS = {
    "acl:relcl": "relcl",
    "aux:pass": "auxpass",
    "case": "prep",
    "cop": "aux",
    "expl:comp": "dobj",  # "s'est étonné": the pronoun is the verb's object
    "expl:pass": "dobj",
    "expl:subj": "expl",
    "flat": "compound",
    "flat:foreign": "compound",
    "flat:name": "compound",
    "iobj": "dative",
    "nsubj:caus": "nsubj",
    "nsubj:pass": "nsubjpass",
    "obj": "dobj",
    "obj:agent": "dobj",
    "obj:lvc": "dobj",
}
_TAGS = {
    "ADJ": "JJ",
    "ADP": "IN",
    "ADV": "RB",
    "CCONJ": "CC",
    "INTJ": "UH",
    "NUM": "CD",
    "PROPN": "NNP",
    "SCONJ": "IN",
    "SPACE": "_SP",
    "SYM": "SYM",
    "X": "FW",
}
_MARKS = {
    ",": ",",
    "«": "``",
    "“": "``",
    "»": "''",
    "”": "''",
    '"': "''",
    "(": "-LRB-",
    ")": "-RRB-",
    "-": "HYPH",
}
_STOPS = frozenset(".!?")
_FLIPPED = frozenset({"obl", "nmod", "conj", "iobj", "advmod", "dep", "xcomp"})
_VERBS = frozenset({"VERB", "AUX"})
_TO = frozenset({"of", "to"})  # glosses
_NEAR = 12


def rewrite(tree: Tree, grammar: Grammar) -> None:
    """Put a tree of Universal Dependencies into the scheme of the rules."""
    _Rewriting(tree, grammar).run()


class _Rewriting:
    def __init__(self, tree: Tree, grammar: Grammar) -> None:
        self._tree = tree
        self._grammar = grammar

    def run(self) -> None:
        tree = self._tree
        put_right(tree, self._grammar)
        tree.tag[:] = [self._tag(token) for token in range(len(tree))]
        for token in range(len(tree)):
            self._end_with_last_name(token)
        for token in range(len(tree)):
            self._colour(token)
        for token in range(len(tree)):
            self._govern_by_preposition(token)
        for token in range(len(tree)):
            self._gloss(token)
        tree.dep[:] = [self._relation(token) for token in range(len(tree))]

    def _end_with_last_name(self, token: int) -> None:
        """The last word of a name becomes its head, and that of the title before it: "la ministre
        Claire Dumontel" is a Dumontel."""
        tree = self._tree
        names = [c for c in tree.children(token) if self._is_rest_of_name(c)]
        if names:
            tree.swap(token, names[-1], tree.dep[token], "compound")

    def _is_rest_of_name(self, token: int) -> bool:
        tree = self._tree
        head = tree.head[token]
        if tree.dep[token].startswith("flat"):
            return tree.part[token] in ("PROPN", "X", "NOUN")
        if tree.part[head] != "NOUN" or tree.part[token] != "PROPN" or token < head:
            return False
        named = tree.dep[token] in ("appos", "nmod")
        between = (tree.lower[t] for t in range(head + 1, min(token, head + _NEAR)))
        cased = any(tree.dep[c] == "case" for c in tree.children(token))
        return named and not cased and token - head < _NEAR and "," not in between

    def _colour(self, token: int) -> None:
        """A modal verb becomes the auxiliary of its infinitive: "pourrait dire"."""
        tree = self._tree
        word = self._grammar.modals.get(tree.lower[token])
        if word is None or tree.part[token] not in _VERBS:
            return
        for child in tree.children(token):
            bare = not any(tree.dep[c] == "mark" for c in tree.children(child))
            infinitive = tree.features[child].get("VerbForm") == "Inf"
            if child > token and tree.dep[child] == "xcomp" and infinitive and bare:
                tree.swap(token, child, tree.dep[token], "aux")
                tree.tag[token], tree.lower[token] = "MD", word
                return

    def _govern_by_preposition(self, token: int) -> None:
        """A preposition comes between a noun and what it belongs to."""
        tree = self._tree
        relation = tree.dep[token]
        cases = [c for c in tree.children(token) if tree.dep[c] == "case" and c < token]
        if not cases or relation.partition(":")[0] not in _FLIPPED or tree.head[token] == token:
            return
        preposition = cases[0]
        for other in cases[1:]:
            tree.move(other, preposition, "fixed")
        above = tree.head[token]
        tree.move(preposition, above, "agent" if relation == "obl:agent" else "prep")
        tree.move(token, preposition, "pobj")

    def _gloss(self, token: int) -> None:
        tree, grammar = self._tree, self._grammar
        word, part = tree.lower[token], tree.part[token]
        if tree.tag[token] == "TO":
            tree.lower[token], tree.dep[token] = "to", "aux"
        elif part == "AUX" and tree.features[token].get("Mood") == "Cnd":
            tree.lower[token] = "would"
        elif part == "PRON" and tree.dep[token].startswith("expl"):
            tree.lower[token] = "it"
        elif tree.dep[token] == "mark":
            tree.lower[token], tree.tag[token] = grammar.gloss(word, "SCONJ"), "IN"
        elif tree.dep[token] not in ("compound", "flat:name"):
            tree.lower[token] = grammar.gloss(word, part)

    def _relation(self, token: int) -> str:
        tree = self._tree
        relation = tree.dep[token]
        kind = relation.partition(":")[0]
        if tree.head[token] == token:
            return "ROOT"
        if tree.lower[token] in self._grammar.times:
            return "npadvmod"
        narrower = {
            "advmod": ("neg", tree.lower[token] in self._grammar.negation),
            "det": ("poss", tree.tag[token] == "PRP$"),
            "nmod": ("appos", tree.part[token] == "PROPN"),
            "obl": ("npadvmod", True),
            "xcomp": ("oprd", tree.part[token] not in _VERBS),
        }
        name, fits = narrower.get(kind, ("", False))
        return name if fits else _RELATIONS.get(relation, kind)

    def _tag(self, token: int) -> str:
        tree = self._tree
        part, features = tree.part[token], tree.features[token]
        if part == "ADJ" and any(tree.dep[c][:3] == "aux" for c in tree.children(token)):
            return "VBN"
        if part in _BY_FEATURES:
            return _BY_FEATURES[part](features)
        if part == "PUNCT":
            word = tree.lower[token]
            return _MARKS.get(word) or ("." if word[:1] in _STOPS else ":")
        if part == "ADV" and tree.lower[token] in self._grammar.questions:
            return "WRB"
        return "TO" if self._leads_infinitive(token) else _TAGS.get(part, "XX")

    def _leads_infinitive(self, token: int) -> bool:
        """Whether it is the "to" of an infinitive: "promis de rouvrir", "appelé à voter"."""
        tree = self._tree
        leads = tree.part[token] == "ADP" and tree.dep[token] in ("mark", "case")
        infinitive = tree.features[tree.head[token]].get("VerbForm") == "Inf"
        return leads and infinitive and self._grammar.gloss(tree.lower[token], "ADP") in _TO


def _verb_tag(features: Mapping[str, str]) -> str:
    form, tense = features.get("VerbForm"), features.get("Tense")
    if form == "Inf":
        return "VB"
    if form == "Part":
        return "VBG" if tense == "Pres" else "VBN"
    if tense in ("Past", "Imp"):
        return "VBD"
    singular = features.get("Person") == "3" and features.get("Number") != "Plur"
    return "VBZ" if singular else "VBP"


def _pronoun_tag(features: Mapping[str, str]) -> str:
    if features.get("PronType") in ("Rel", "Int"):
        return "WP"
    return "PRP" if "Person" in features else "DT"


def _determiner_tag(features: Mapping[str, str]) -> str:
    return "PRP$" if features.get("Poss") == "Yes" else "DT"


def _noun_tag(features: Mapping[str, str]) -> str:
    return "NNS" if features.get("Number") == "Plur" else "NN"


_BY_FEATURES: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "AUX": _verb_tag,
    "DET": _determiner_tag,
    "NOUN": _noun_tag,
    "PRON": _pronoun_tag,
    "VERB": _verb_tag,
}
