"""Word order put right before a tree of Universal Dependencies is rewritten.

Where a subject stands behind its verb ("dit-il", "…, raconte une voisine"), models trained on other
texts than news often take it for an object, and words that are an adverb together for a phrase.
"""

from __future__ import annotations

from pipeline.enrich.grammar import Grammar
from pipeline.enrich.tree import Tree

_VERBS = frozenset({"VERB", "AUX"})
_INTERRUPTED = frozenset({",", "»", "”", '"'})
_INTERRUPTING = frozenset({"advcl", "parataxis", "ccomp", "dep"})


def put_right(tree: Tree, grammar: Grammar) -> None:
    """Name the subjects behind their verbs and join adverbials."""
    order = _WordOrder(tree, grammar)
    for token in range(len(tree)):
        order.join_adverbial(token)
        order.attach_clitic(token)
    for token in range(len(tree)):
        order.follow_quote(token)


class _WordOrder:
    def __init__(self, tree: Tree, grammar: Grammar) -> None:
        self._tree = tree
        self._grammar = grammar

    def join_adverbial(self, first: int) -> None:
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
        tree, above = self._tree, token
        while above in tokens and tree.head[above] != above:
            above = tree.head[above]
        for child in tree.children(token):
            if child not in tokens and above not in tokens:
                part = tree.part[child]
                relations = {"VERB": "ccomp", "PROPN": "obj"}
                tree.move(child, above, relations.get(part, tree.dep[child]))

    def attach_clitic(self, token: int) -> None:
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
        if tree.may_hang(token, verb):
            self._interrupt(verb)
            tree.move(token, verb, "nsubj")
        if linking is not None and tree.may_hang(linking, token):
            tree.part[linking] = "PUNCT"
            tree.move(linking, token, "punct")

    def _interrupt(self, verb: int) -> None:
        """A verb with its subject behind it interrupts what was said: what comes before is none of
        its subjects, and a clause that follows goes on with what was said."""
        tree = self._tree
        for child in tree.children(verb):
            marked = any(tree.dep[c] in ("mark", "case") for c in tree.children(child))
            if tree.dep[child].startswith("nsubj"):
                tree.dep[child] = "dislocated"
            elif child > verb and tree.dep[child] in ("advcl", "parataxis") and not marked:
                tree.dep[child] = "ccomp"

    def follow_quote(self, verb: int) -> None:
        """Behind a quote or a comma a verb without a subject has it behind itself, though the model
        may take it for an object: "…, raconte une voisine"."""
        tree = self._tree
        if tree.dep[verb].startswith("nsubj") and tree.lower[verb] in self._grammar.objects:
            tree.dep[verb] = "iobj"
        if tree.features[verb].get("VerbForm") not in ("Fin", "Part"):
            return
        children = tree.children(verb)
        first = min((c for c in children if self._is_auxiliary(c)), default=verb)
        if tree.part[verb] == "AUX" or first == 0 or tree.lower[first - 1] not in _INTERRUPTED:
            return
        subjects = [c for c in children if tree.dep[c].startswith("nsubj")]
        # "La décision, explique le maire, sera appliquée": the verb that follows has the subject.
        interrupts = tree.head[verb] > verb and tree.dep[verb] in _INTERRUPTING
        after = [
            c
            for c in children
            if c > verb and tree.dep[c] == "obj" and tree.lower[c] not in self._grammar.times
        ]
        ends = bool(after) and self._ends_clause(after[0])
        if (self._is_behind_quote(first) or ends) and not subjects:
            tree.dep[verb] = tree.dep[verb].replace("conj", "parataxis")
        if tree.dep[verb] == "conj" or (subjects and not interrupts) or subjects[-1:] > [verb]:
            return
        if tree.features[verb].get("VerbForm") == "Part" and first == verb:
            return
        if after and tree.part[after[0]] in ("NOUN", "PROPN"):
            tree.dep[after[0]] = "nsubj"
            for subject in subjects:
                tree.dep[subject] = "dislocated"

    def _ends_clause(self, noun: int) -> bool:
        """Whether a short phrase with an article closes its sentence: "…, a annoncé la mairie."."""
        tree = self._tree
        article = any(tree.dep[c] == "det" for c in tree.children(noun))
        following = tree.lower[noun + 1 : noun + 2]
        return article and following in ([], ["."])

    def _is_behind_quote(self, token: int) -> bool:
        lower = self._tree.lower
        before = token - 1 - (lower[token - 1] == ",")
        return before >= 0 and lower[before] in _INTERRUPTED - {","}

    def _is_auxiliary(self, token: int) -> bool:
        return self._tree.dep[token].partition(":")[0] in ("aux", "expl", "iobj")
