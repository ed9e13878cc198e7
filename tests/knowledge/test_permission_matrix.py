import time

import pytest

from tests.knowledge.matrix_world import built


@pytest.mark.django_db
def test_world(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    t = time.time()
    w = built()
    print("BUILT", time.time() - t)
    for n, p in w.works.items():
        print(n, p.page.live, p.page.current_workflow_state, p.page.url)
    r = w.clients["anonymous"].get(w.works["published"].page.url)
    print(r.status_code, b"secretpublished" in r.content)
    r = w.clients["anonymous"].get("/search/?q=honey")
    print(r.content.count(b"secretpublished"), b"secretclosed" in r.content)
    r = w.clients["participant"].get("/search/?q=honey")
    print(r.content.count(b"secretpublished"), b"secretclosed" in r.content)
    print(w.clients["foreign"].get("/admin/").status_code)
