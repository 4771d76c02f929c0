from __future__ import annotations

from solidary_testing.drift import assert_models_match


def test_models_match_the_tables_of_the_migration(service_database, service):
    assert_models_match(service_database, service, unmapped={"published.service.words"})
