"""Universal Dependencies rewritten into the scheme the rules speak.

The rules know parts of speech of the Penn Treebank and CLEAR-style dependencies, as spaCy's
English models give them: a preposition governs its noun, an auxiliary hangs on its verb, a name on
its last word. A tree in goes out as a tree over the same tokens; words of grammar are glossed by
what they stand for (config/grammar), all others keep their own form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.enrich.grammar import Grammar

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
_DEEPEST = 200
_NEAR = 12
_INTERRUPTING = frozenset({"advcl", "parataxis", "ccomp", "dep"})
_INTERRUPTED = frozenset({",", "»", "”", '"'})


@dataclass(slots=True)
class Tree:
    """A parsed text by token, to be rewritten in place. ``head`` of a root is the root itself;
    ``lower`` is in lower case, with straight apostrophes."""

    lower: list[str]
    part: list[str]
    features: list[Mapping[str, str]]
    dep: list[str]
    head: list[int]
    tag: list[str]


def rewrite(tree: Tree, grammar: Grammar) -> None:
    """Put a tree of Universal Dependencies into the scheme of the rules."""
    _Rewriting(tree, grammar).run()


class _Rewriting:
    def __init__(self, tree: Tree, grammar: Grammar) -> None:
        self._tree = tree
        self._grammar = grammar
        # As keys, for a token without full stops around it may have thousands of them.
        self._children: list[dict[int, None]] = [{} for _ in tree.head]
        for token, head in enumerate(tree.head):
            if head != token:
                self._children[head][token] = None

    def run(self) -> None:
        tree = self._tree
        for token in range(len(tree.head)):
            self._join_adverbial(token)
            self._attach_clitic(token)
        for token in range(len(tree.head)):
            self._follow_quote(token)
        tree.tag[:] = [self._tag(token) for token in range(len(tree.head))]
        for token in range(len(tree.head)):
            self._end_with_last_name(token)
        for token in range(len(tree.head)):
            self._colour(token)
        for token in range(len(tree.head)):
            self._govern_by_preposition(token)
        for token in range(len(tree.head)):
            self._gloss(token)
        tree.dep[:] = [self._relation(token) for token in range(len(tree.head))]

    def _join_adverbial(self, first: int) -> None:
        """Words that are an adverb together, "de son côté", so that nothing else is made of
        them."""
        tree = self._tree
        for words in self._grammar.adverbials.get(tree.lower[first], ()):
            tokens = range(first, first + len(words))
            if tuple(tree.lower[first : tokens.stop]) != words:
                continue
            for token in tokens:
                within = tree.head[token] in tokens and tree.head[token] != token
                tree.part[token] = "ADV"
                tree.dep[token] = "fixed" if within else "advmod"
            for token in tokens:
                self._release(token, tokens)
            return

    def _release(self, token: int, tokens: range) -> None:
        """What hangs on an adverbial and is none of it goes where the adverbial hangs."""
        above = token
        while above in tokens and self._tree.head[above] != above:
            above = self._tree.head[above]
        for child in sorted(self._children[token]):
            if child not in tokens and above not in tokens:
                relation = self._tree.dep[child]
                named = self._tree.part[child] == "PROPN" and relation == "appos"
                self._move(child, above, "obj" if named else relation)

    def _attach_clitic(self, token: int) -> None:
        """The subject behind its verb, "a-t-il dit": the model may take it for anything."""
        tree, grammar = self._tree, self._grammar
        word = tree.lower[token]
        if not token or not word.startswith("-") or word[1:] not in grammar.clitics:
            return
        verb = token - 1
        linking = verb if verb and tree.lower[verb] in grammar.linking else None
        verb -= linking is not None
        tree.lower[token], tree.part[token] = word[1:], "PRON"
        tree.features[token] = {"Person": "3", **tree.features[token]}
        if tree.part[verb] == "AUX" and tree.dep[verb].startswith("aux"):
            verb = tree.head[verb]
        elif tree.part[verb] not in _VERBS:
            tree.part[verb], tree.features[verb] = "VERB", {"VerbForm": "Fin", "Tense": "Pres"}
        if self._may_hang(token, verb):
            self._interrupt(verb)
            self._move(token, verb, "nsubj")
        if linking is not None and self._may_hang(linking, token):
            tree.part[linking] = "PUNCT"
            self._move(linking, token, "punct")

    def _interrupt(self, verb: int) -> None:
        """A verb with its subject behind it interrupts what was said: what comes before is none of
        its subjects, and a clause that follows goes on with what was said."""
        tree = self._tree
        for child in self._children[verb]:
            marked = any(tree.dep[c] in ("mark", "case") for c in self._children[child])
            if tree.dep[child].startswith("nsubj"):
                tree.dep[child] = "dislocated"
            elif child > verb and tree.dep[child] in ("advcl", "parataxis") and not marked:
                tree.dep[child] = "ccomp"

    def _follow_quote(self, verb: int) -> None:
        """Behind a quote or a comma a verb without a subject has it behind itself, though the model
        may take it for an object: "…, raconte une voisine"."""
        tree = self._tree
        if tree.dep[verb].startswith("nsubj") and tree.lower[verb] in self._grammar.objects:
            tree.dep[verb] = "iobj"
        if tree.features[verb].get("VerbForm") not in ("Fin", "Part"):
            return
        children = sorted(self._children[verb])
        first = min((c for c in children if self._is_auxiliary(c)), default=verb)
        if tree.part[verb] == "AUX" or first == 0 or tree.lower[first - 1] not in _INTERRUPTED:
            return
        subjects = [c for c in children if tree.dep[c].startswith("nsubj")]
        # "La décision, explique le maire, sera appliquée": the verb that follows has the subject.
        interrupts = tree.head[verb] > verb and tree.dep[verb] in _INTERRUPTING
        if self._is_behind_quote(first) and not subjects:
            tree.dep[verb] = tree.dep[verb].replace("conj", "parataxis")
        if tree.dep[verb] == "conj" or (subjects and not interrupts) or subjects[-1:] > [verb]:
            return
        if tree.features[verb].get("VerbForm") == "Part" and first == verb:
            return
        after = [c for c in children if c > verb and tree.dep[c] == "obj"]
        if after and tree.part[after[0]] in ("NOUN", "PROPN"):
            tree.dep[after[0]] = "nsubj"
            for subject in subjects:
                tree.dep[subject] = "dislocated"

    def _is_behind_quote(self, token: int) -> bool:
        lower = self._tree.lower
        before = token - 1 - (lower[token - 1] == ",")
        return before >= 0 and lower[before] in _INTERRUPTED - {","}

    def _is_auxiliary(self, token: int) -> bool:
        return self._tree.dep[token].partition(":")[0] in ("aux", "expl", "iobj")

    def _end_with_last_name(self, token: int) -> None:
        """The last word of a name becomes its head, and that of the title before it: "la ministre
        Claire Dumontel" is a Dumontel."""
        tree = self._tree
        names = [c for c in sorted(self._children[token]) if self._is_rest_of_name(c)]
        if names:
            self._swap(token, names[-1], tree.dep[token], "compound")

    def _is_rest_of_name(self, token: int) -> bool:
        tree = self._tree
        head = tree.head[token]
        if tree.dep[token].startswith("flat"):
            return tree.part[token] in ("PROPN", "X", "NOUN")
        if tree.part[head] != "NOUN" or tree.part[token] != "PROPN" or token < head:
            return False
        named = tree.dep[token] in ("appos", "nmod")
        between = (tree.lower[t] for t in range(head + 1, min(token, head + _NEAR)))
        cased = any(tree.dep[c] == "case" for c in self._children[token])
        return named and not cased and token - head < _NEAR and "," not in between

    def _colour(self, token: int) -> None:
        """A modal verb becomes the auxiliary of its infinitive: "pourrait dire"."""
        tree = self._tree
        word = self._grammar.modals.get(tree.lower[token])
        if word is None or tree.part[token] not in _VERBS:
            return
        for child in sorted(self._children[token]):
            bare = not any(tree.dep[c] == "mark" for c in self._children[child])
            infinitive = tree.features[child].get("VerbForm") == "Inf"
            if child > token and tree.dep[child] == "xcomp" and infinitive and bare:
                self._swap(token, child, tree.dep[token], "aux")
                tree.tag[token], tree.lower[token] = "MD", word
                return

    def _govern_by_preposition(self, token: int) -> None:
        """A preposition comes between a noun and what it belongs to."""
        tree = self._tree
        relation = tree.dep[token]
        cases = sorted(c for c in self._children[token] if tree.dep[c] == "case" and c < token)
        if not cases or relation.partition(":")[0] not in _FLIPPED or tree.head[token] == token:
            return
        preposition = cases[0]
        for other in cases[1:]:
            self._move(other, preposition, "fixed")
        above = tree.head[token]
        self._move(preposition, above, "agent" if relation == "obl:agent" else "prep")
        self._move(token, preposition, "pobj")

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
        if part == "ADJ" and any(tree.dep[c][:3] == "aux" for c in self._children[token]):
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

    def _may_hang(self, token: int, other: int) -> bool:
        """Whether ``token`` can be moved below ``other``: in the same sentence, and not above
        it."""
        above = self._path(other)
        return bool(above) and token not in above and self._path(token)[-1:] == above[-1:]

    def _path(self, token: int) -> list[int]:
        """From a token up to its root; nothing where that is very far."""
        head, path = self._tree.head, [token]
        while head[token] != token:
            token = head[token]
            path.append(token)
            if len(path) > _DEEPEST:
                return []
        return path

    def _swap(self, above: int, below: int, relation: str, becomes: str) -> None:
        """The lower of two tokens takes the place of the upper one, and all that hangs on it."""
        tree = self._tree
        for child in list(self._children[above]):
            if child != below:
                self._move(child, below, tree.dep[child])
        if tree.head[above] == above:
            del self._children[above][below]
            tree.head[below] = below
        else:
            self._move(below, tree.head[above], relation)
        tree.dep[below] = relation
        self._move(above, below, becomes)

    def _move(self, token: int, head: int, relation: str) -> None:
        tree = self._tree
        if tree.head[token] != token:
            del self._children[tree.head[token]][token]
        tree.head[token], tree.dep[token] = head, relation
        self._children[head][token] = None


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
