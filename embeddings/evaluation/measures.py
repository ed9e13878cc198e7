"""Measures of ranked answers, by ir-measures (https://ir-measur.es), with binary relevance."""

from collections.abc import Collection, Mapping, Sequence

import ir_measures
from ir_measures import RR, R, nDCG

DEPTH = 10
MEASURES = {"recall@10": R @ DEPTH, "MRR": RR @ DEPTH, "nDCG@10": nDCG @ DEPTH}


def judged(
    relevant: Mapping[str, Collection[str]], ranked: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Return question → measure → value.

    Args:
        relevant: Question → the answers that count.
        ranked: Question → answers, best first. A question without any scores 0.
    """
    qrels = [
        ir_measures.Qrel(question, answer, 1)
        for question, answers in relevant.items()
        for answer in sorted(answers)
    ]
    run = [
        ir_measures.ScoredDoc(question, answer, 1.0 / rank)
        for question, answers in ranked.items()
        for rank, answer in enumerate(answers, start=1)
    ]
    values = {question: dict.fromkeys(MEASURES, 0.0) for question in relevant}
    names = {str(measure): name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(MEASURES.values(), qrels, run):
        values[metric.query_id][names[str(metric.measure)]] = metric.value
    return values
