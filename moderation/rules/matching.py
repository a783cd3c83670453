"""The rules of a site, compiled together and matched in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from classifiers.text import languages
from moderation.policy.rule_matches import RuleMatch
from moderation.rules import domains
from moderation.rules.conditions import (
    LISTS,
    CompiledRule,
    Condition,
    ConditionKind,
    SearchedField,
    Subject,
    folded_name,
)
from moderation.rules.patterns import PatternIndex
from moderation.rules.word_index import Span, WordIndex
from moderation.rules.words import unmask

#: Places of one rule in one text that are kept.
MAX_SPANS = 20

#: Kinds that the text and its author alone don't tell: see `confirm_matches`.
_ASKED_LATER = frozenset({ConditionKind.FIRST_COMMENT, ConditionKind.RATE})

Found = dict[int, list[Span]]


@dataclass(frozen=True, kw_only=True)
class CandidateMatch:
    """A rule whose conditions on text and author are met."""

    rule: CompiledRule
    spans: tuple[Span, ...]  #: where, in code points of the text

    def to_rule_match(self) -> RuleMatch:
        """Return the match as the policy uses it."""
        return RuleMatch(
            rule_id=self.rule.id,
            version=self.rule.version,
            name=self.rule.name,
            action=self.rule.action,
            tag=self.rule.tag,
            spans=self.spans,
            is_shadow=self.rule.is_shadow,
        )


def confirm_matches(
    matches: Iterable[CandidateMatch],
    section: str | None,
    is_first: Callable[[], bool],
    is_exceeded: Callable[[Condition], bool] = lambda rate: False,
) -> tuple[RuleMatch, ...]:
    """Return the matches whose section, first-comment, and rate conditions are met.

    Parameters
    ----------
    section
        Of the site, where the comment stands.
    is_first
        Tells whether nothing of the author was approved yet; asked once at most.
    is_exceeded
        Tells whether more have come than a rate allows, the new comment included. If
        left out, nothing is counted, as for what isn't stored: no rate holds.
    """
    rule_matches, first = [], None
    for match in matches:
        if match.rule.section not in (None, section):
            continue
        if match.rule.needs_first_comment:
            first = is_first() if first is None else first
            if not first:
                continue
        if not all(map(is_exceeded, match.rule.rates)):
            continue
        rule_matches.append(match.to_rule_match())
    return tuple(rule_matches)


class RuleSet:
    """The compiled rules of one site.

    Raises
    ------
    InvalidPattern
        If a pattern in them is none: then none of them can be relied on.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.rules = tuple(rules)
        self._words, self._patterns = WordIndex(), PatternIndex()
        self._name_words, self._name_patterns = WordIndex(), PatternIndex()
        self._domains: defaultdict[str, list[int]] = defaultdict(list)
        self._authors: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._owners: list[int] = []  # number of condition to its rule
        self._numbers: list[list[int]] = []  # of each rule's indexed conditions
        self._others: list[list[Condition]] = []  # of each rule, cheap to ask
        self._unindexed: list[int] = []  # rules that have only cheap ones
        for rule in self.rules:
            self._add(rule)
        self._patterns.compile()
        self._name_patterns.compile()

    def _add(self, rule: CompiledRule) -> None:
        numbers, others = [], []
        for condition in rule.conditions:
            if condition.kind in (*LISTS, ConditionKind.AUTHOR):
                numbers.append(len(self._owners))
                self._index(condition, len(self._owners))
                self._owners.append(len(self._numbers))
            elif condition.kind not in _ASKED_LATER:
                others.append(condition)
        if not numbers:
            self._unindexed.append(len(self._numbers))
        self._numbers.append(numbers)
        self._others.append(others)

    def _index(self, condition: Condition, number: int) -> None:
        for entry in condition.entries:
            if condition.kind is ConditionKind.DOMAIN:
                self._domains[entry].append(number)
                continue
            is_words = condition.kind is ConditionKind.WORDS
            if condition.field is not SearchedField.NAME:
                (self._words if is_words else self._patterns).add(entry, number)
            if condition.field is not SearchedField.TEXT:
                names = self._name_words if is_words else self._name_patterns
                names.add(entry, number)
        for part in ("ids", "names", "email_indexes"):
            for value in getattr(condition, part):
                self._authors[part, value].append(number)

    def match(self, subject: Subject) -> tuple[CandidateMatch, ...]:
        """Return the rules whose conditions on text and author are met. CPU only.

        Section, first comment, and rates are not asked for: see `confirm_matches`.

        Raises
        ------
        TooSlow
            If the patterns took longer than a comment may take.
        """
        spans = self._found(subject)
        cheap = _Asked(subject)
        candidates = {self._owners[number] for number in spans}
        return tuple(
            CandidateMatch(rule=self.rules[at], spans=self._spans(at, spans))
            for at in sorted(candidates.union(self._unindexed))
            if all(number in spans for number in self._numbers[at])
            and all(cheap.holds(condition) for condition in self._others[at])
        )

    def _found(self, subject: Subject) -> Found:
        """Return the indexed conditions that are met, with their spans."""
        spans_by_number = self._words.find(subject.body)
        if self._patterns:
            plain = unmask(subject.body)
            for number, spans in self._patterns.find(subject.body, plain).items():
                spans_by_number.setdefault(number, []).extend(spans)
        if self._domains:
            for number in self._led_to(subject):
                spans_by_number.setdefault(number, [])
        for number in (*self._written_by(subject), *self._named(subject.author_name)):
            spans_by_number.setdefault(number, [])
        return spans_by_number

    def _named(self, name: str) -> Iterator[int]:
        """Yield the conditions whose words or patterns are in the author's name."""
        yield from self._name_words.find(name)
        if self._name_patterns:
            yield from self._name_patterns.find(name, unmask(name))

    def _led_to(self, subject: Subject) -> Iterator[int]:
        named = domains.list_hosts(subject.body)
        if subject.author_url:
            named += domains.list_hosts(subject.author_url)
        for host in named:
            for domain in domains.list_parent_domains(host):
                yield from self._domains.get(domain, ())

    def _written_by(self, subject: Subject) -> Iterator[int]:
        for part, value in (
            ("ids", subject.author_id),
            ("names", folded_name(subject.author_name)),
            *(("email_indexes", index) for index in subject.email_indexes),
        ):
            yield from self._authors.get((part, value or ""), ())

    def _spans(self, at: int, matched: Found) -> tuple[Span, ...]:
        spans = {span for number in self._numbers[at] for span in matched[number]}
        return tuple(sorted(spans)[:MAX_SPANS])


class _Asked:
    """Checks cheap conditions, computing each property of the comment once."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._language: str | None = None
        self._links: int | None = None

    def holds(self, condition: Condition) -> bool:
        if condition.kind is ConditionKind.LENGTH:
            return condition.spans_length(len(self._subject.body))
        if condition.kind is ConditionKind.LINKS:
            if self._links is None:
                self._links = domains.count_links(self._subject.body)
            return condition.spans_length(self._links)
        return self._spoken() in condition.entries

    def _spoken(self) -> str:
        """Return the detected language of the text, or the declared one."""
        if self._language is None:
            detected, _ = languages.detect(self._subject.body)
            declared = (self._subject.language or "").partition("-")[0].lower()
            self._language = detected or declared
        return self._language
