"""The report of a rehearsal as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moderation.policy.reasons import ReasonCode
from moderation.rehearsal.replaying import WouldBe

Report = Mapping[str, Any]

OUTCOMES = tuple(would_be.value for would_be in WouldBe)
MAX_TEXT = 160  # characters of a text that are shown
MIN_NOTED_SHARE = 0.1  # of a month that was left out, for a mark
BY = {
    "moderator": "by a moderator",
    "unknown": "by someone unknown",
    "filter": "by a filter",
    "automatic": "automatically here",
    None: "",
}
SECONDS = {
    "given": "as given",
    "measured": "the median of {decisions:,} decisions here",
    "assumed": "assumed: fewer than 30 decisions were timed here",
}
BASELINES = {
    "current": "Today's thresholds, model {active_version}",
    "moderators": "What moderators decided then",
}


def list_lines(report: Report) -> Iterator[str]:
    """Yield the lines of a report, without examples."""
    yield from _head(report)
    yield ""
    yield from _decisions(report)
    yield ""
    yield from _summary(report)
    for title, name in (("section", "sections"), ("month", "months")):
        yield ""
        yield from _groups(report, title, name)
    for service in report["services"]:
        yield ""
        yield from _service(service)
    yield ""
    yield from _baselines(report)


def _head(report: Report) -> Iterator[str]:
    mark = ", active" if report["version"] == report["active_version"] else ""
    yield (
        f"{report['site']} with {report['version']}{mark}: {report['comments']:,} "
        f"comments, {report['first_at'][:10]} to {report['last_at'][:10]}."
    )
    total = report["total"]
    read = total["comments"] + total["left_out"]
    if report["read_share"] < 1:
        yield f"{read:,} of them were read, chosen by their IDs."
    if report["held_out_since"]:
        yield (
            f"{report['held_out_since'][:10]} is the first decision held out from its "
            f"training. {total['left_out']:,} comments that it was trained on are left "
            "out."
        )
    elif not report["is_lineage_known"]:
        yield "What this model was trained on is not known: figures may flatter it."


def _decisions(report: Report) -> Iterator[str]:
    yield f"{'decided then':<34}" + "".join(f"{name:>10}" for name in OUTCOMES)
    for row in report["decided"]:
        name = f"{row['then']} {BY[row['by']]}"
        yield f"{name:<34}" + "".join(f"{row[outcome]:>10,}" for outcome in OUTCOMES)


def _summary(report: Report) -> Iterator[str]:
    total, seconds = report["total"], report["seconds"]
    judges = ", ".join(BY[judge] for judge in report["judges"])
    share = total["missed_share"]
    missed = f" ({_percent(share)})" if share else ""
    yield (
        f"Rejected then ({judges}): {total['rejected_then']:,}; of these, "
        f"{total['missed']:,} would be approved{missed}."
    )
    yield (
        f"Approved then: {total['approved_then']:,}; of these, "
        f"{total['wrongly_held']:,} would be held and {total['wrongly_rejected']:,} "
        "rejected."
    )
    how = SECONDS[seconds["source"]].format(**seconds)
    load = total["queue_load"]
    yield (
        f"Load of the queue: {_range(load['comments'])} comments and "
        f"{_range(load['minutes'])} minutes a day, at {seconds['seconds']:g} seconds "
        f"a decision ({how})."
    )
    if report["held_because"]:
        because = [f"{name} {n:,}" for name, n in report["held_because"].items()]
        yield f"Held because of: {', '.join(because)}."


def _groups(report: Report, title: str, name: str) -> Iterator[str]:
    heads = ("comments", "left out", *OUTCOMES, "missed", "minutes a day")
    yield f"{title:<26}" + "".join(f"{head:>{len(head) + 2}}" for head in heads)
    rows = [(row[title] or f"(no {title})", row) for row in report[name]]
    if name == "sections" and report["other_sections"]:
        rows.append(("(other sections)", report["other_sections"]))
    for label, row in rows:
        cells = [row["comments"], row["left_out"]]
        cells += [row[outcome] for outcome in OUTCOMES]
        cells += [row["missed"], row["queue_load"]["minutes"]["value"]]
        shown = [
            f"{cell:,.1f}" if isinstance(cell, float) else f"{cell:,}" for cell in cells
        ]
        whole = row["comments"] + row["left_out"]
        mark = " *" if row["left_out"] > MIN_NOTED_SHARE * whole else ""
        yield (
            f"{label[:25]:<26}"
            + "".join(
                f"{cell:>{len(head) + 2}}"
                for head, cell in zip(heads, shown, strict=True)
            )
            + mark
        )
    if any(row["left_out"] for _, row in rows):
        yield "* over a tenth was left out: the rest may differ from it"


def _service(service: Report) -> Iterator[str]:
    name = f"{service['service']} {service['attribute']}"
    yield (
        f"{name + ' from ' + format(service['threshold'], 'g'):<34}"
        + "".join(f"{outcome:>10}" for outcome in OUTCOMES)
        + f"{'rejected then':>15}{'missed':>8}"
    )
    for side, says in (("flagged", "yes"), ("passed", "no")):
        row = service[side]
        yield (
            f"  {says:<32}"
            + "".join(f"{row[outcome]:>10,}" for outcome in OUTCOMES)
            + f"{row['rejected_then']:>15,}{row['missed']:>8,}"
        )


def _baselines(report: Report) -> Iterator[str]:
    if not report["baselines"]:
        yield "Too few comments to propose thresholds."
        return
    yield "Thresholds that keep the load, or the misses (95% intervals by bootstrap):"
    if report["held_because"].get(ReasonCode.PREMODERATION.value):
        yield "as if comments that nothing speaks against were published at once."
    for each in report["baselines"]:
        name = BASELINES.get(each["kind"], "{service} {attribute}")
        yield ""
        yield f"{name.format(**{**report, **each})}: {_effect(each['was'])}"
        for kind, words in (("same_load", "same load"), ("same_misses", "same misses")):
            found = each[kind]
            if found is None:
                if each["kind"] != "moderators":  # what they missed is not known
                    yield f"  {words}: too few rejections are known to tell"
                continue
            unmet = "" if found["is_met"] else "; not reached by thresholds alone"
            yield f"  {words}: {_effect(found)}{unmet}"
            yield from _cuts(found)


def _cuts(found: Report) -> Iterator[str]:
    for label, cut in found["thresholds"].items():
        error = found["errors"].get(label)
        ends = f" ({error['low']:.3f} to {error['high']:.3f})" if error else ""
        reject = cut["reject_at"]
        also = "" if reject is None else f", reject from {reject:g}"
        yield f"    {label:<20}hold from {cut['review_at']:.3f}{ends}{also}"


def _effect(effect: Report) -> str:
    minutes = f"{_range(effect['queue_load']['minutes'])} minutes a day"
    missed = effect["missed_share"]
    return minutes if missed is None else f"{minutes}, missed {_percent(missed)}"


def _range(found: Mapping[str, float]) -> str:
    if found["low"] == found["high"]:
        return f"{found['value']:,.1f}"
    return f"{found['value']:,.1f} ({found['low']:,.1f} to {found['high']:,.1f})"


def _percent(found: Mapping[str, float]) -> str:
    value, low, high = (100 * found[name] for name in ("value", "low", "high"))
    return f"{value:.1f}%, 95% interval {low:.1f}% to {high:.1f}%"


def list_examples(report: Report) -> Iterator[str]:
    """Yield the lines of examples, the most surprising of each kind first."""
    for kind in report["examples"]:
        yield ""
        by = BY[kind["by"]]
        yield f"{kind['then']} {by}, would be {kind['would_be']}:"
        for comment in kind["comments"]:
            yield f"  {comment['id']}  {_why(comment)}"
            if comment.get("text"):
                yield f"    {_shorten(comment['text'])}"


def _why(comment: Report) -> str:
    reasons: Sequence[str] = comment["reasons"]
    excess = comment["excess"]
    nearest = "unscored" if excess is None else f"{excess:+.3f} from its threshold"
    return f"{nearest}; {', '.join(reasons)}"


def _shorten(text: str) -> str:
    plain = " ".join("".join(x if x.isprintable() else " " for x in text).split())
    return plain if len(plain) <= MAX_TEXT else plain[: MAX_TEXT - 1] + "…"
