"""The whole product on real data: bundled encoder, starter collection, relevance files."""

import pytest
from pytest_django import Settings

from content_seed.evaluate import evaluate, read_needs
from content_seed.load import load_collection
from knowledge.rights import AnonymousReader
from knowledge.search.service import search_knowledge
from portal.settings import base

GRADING = {
    "decision-1048",
    "decision-148",
    "decision-1489",
    "five-star-recognition-2025",
    "indonesia-star-coaching",
    "otop-opc-2022-judging",
    "lao-odop-decision-1225",
    "lao-thai-star-systems",
    "ocop-viet-nam",
    "otop-product-champion",
    "ovop-indonesia",
    "ovop-indonesia-award-winners",
    "ovop-indonesia-star-awards",
}
HOW_ARE_PRODUCTS_GRADED = [
    "Comment les produits sont-ils notés par étoiles ?",
    "Sản phẩm được phân hạng sao như thế nào?",
    "ผลิตภัณฑ์ได้รับการจัดระดับดาวอย่างไร",
    "製品はどのように星で格付けされますか？",
    "Como os produtos são classificados por estrelas?",
    "Bidhaa hupewaje nyota?",
    "Bagaimana produk dinilai dengan bintang?",
]
FOREIGN_TO_THE_COLLECTION = [
    "weather in Paris tomorrow",
    "cách nấu phở bò tại nhà",
    "サッカーワールドカップの優勝国",
    "comment installer Linux sur un vieil ordinateur",
]


@pytest.mark.django_db
def test_the_collection_answers_across_languages(settings: Settings) -> None:
    """Loaded once for all of it: loading and encoding take most of the time."""
    settings.EMBEDDINGS = base.EMBEDDINGS
    load_collection()

    for question in HOW_ARE_PRODUCTS_GRADED:
        cards = search_knowledge(question, reader=AnonymousReader(), limit=5).cards
        assert sum(card.work in GRADING for card in cards) >= 2, question
    cards = search_knowledge(HOW_ARE_PRODUCTS_GRADED[0], reader=AnonymousReader(), limit=5).cards
    assert {"vi", "th"} & {card.language for card in cards if card.work in GRADING}

    unaccented = search_knowledge("san pham ocop 5 sao", reader=AnonymousReader()).cards
    assert {card.programme for card in unaccented[:3]} == {"ocop-viet-nam"}

    for question in FOREIGN_TO_THE_COLLECTION:
        assert search_knowledge(question, reader=AnonymousReader()).total == 0, question

    needs = evaluate([*read_needs(), *read_needs("needs-wide")])
    assert needs.overall.values["facts@10"] >= 0.95
    assert needs.overall.values["recall@10"] >= 0.70
    assert needs.overall.values["nDCG@10"] >= 0.74
    assert needs.overall.values["MRR"] >= 0.88
    assert len(needs.missed) <= 2
    by_direction = {name: scores.values["facts@10"] for name, scores in needs.by_direction.items()}
    assert by_direction["same"] - by_direction["cross"] <= 0.06
    apart = evaluate(read_needs("needs-apart"))
    assert apart.overall.values["facts@10"] >= 0.97
