"""Every table of the schema `data` has agency scope in every service; the exempt ones are listed here."""

from __future__ import annotations

import re

import psycopg
import pytest
from solidary.platform.registry import load_service, service_names
from solidary_testing.servers import throwaway_database

MACHINERY = {
    "aggregate_owner",
    "aggregate_sequence",
    "feed",
    "feed_epoch",
    "feed_state",
    "idempotency",
    "inbox",
    "lag",
    "outbox",
    "parked_event",
    "parked_key",
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
    "revision",
    "transition",
}
"""The tables of `machinery`, which have no agency scope. A table is added only with a reason in docs/decisions."""

DEFINERS = {
    "purge_feed",  # drops events of the release before that were kept long enough, of all agencies, for the timer
    "purge_imports",  # drops imports that were kept long enough, of all agencies, for the timer
    "forward_feed",  # a trigger: turns the feed rows of the release before into notices
    "append_events",  # subscriptions: appends events to the feeds of the agencies that they concern
    "webhooks_with_due_deliveries",  # subscriptions: ids and agencies of webhooks, for the worker that delivers
    "delete_previous_secrets",  # subscriptions: deletes secrets that sign no more, for the timer
    "purge_events",  # subscriptions: drops events that were kept long enough, of all agencies' feeds, for the timer
    "check_transition",  # a trigger: reads the transitions of every state machine, no agency's rows
    "record_owner",  # a trigger: records the agency that owns a new aggregate
    "record_author",  # intake, a trigger: records who wrote what decides on a payment
    "check_payout_confirmation",  # intake, a trigger: reads who wrote the account of a person
    "ask_other_agencies",  # intake: whether another agency has a person like this, true or false; counts and limits
    "questions_received",  # intake: how often other agencies asked, as counts
    "agencies_with_seals",  # intake: the agencies whose access log is to be verified, for the timer
    "agencies_with_unsealed_entries",  # intake: the agencies whose access log is to be sealed, for the timer
    "seal_access_entries",  # intake: seals the access log of the acting agency, which its service cannot change
    "access_log_due",  # intake: how many entries of the acting agency's log have reached the end of their period
    "cut_access_log",  # intake: deletes these, up to a seal, and none that is younger than five years
    "check_consent_use",  # intake, a trigger: whether package and consent of a case are of its person
    "agencies_with_keys_not_wrapped_by",  # intake: the agencies whose keys are to be wrapped anew
    "agencies_with_people_not_indexed_by",  # intake: the agencies whose people are to be indexed anew
    "delete_person",  # intake: deletes whatever belongs to a person of the acting agency; only `erase_person` calls it
    "require_person",  # intake, a trigger: whether the person of a new row is there, and locks them until the commit
    "erase_person",  # intake: the same, for a person without a legal hold whose erasure is recorded
    "require_replayed_erasures",  # intake: refuses a restored copy of the database, reads no agency's rows
    "agencies_with_people",  # intake: the agencies that have registered somebody, for the timer of retention
    "packages_ended_before",  # intake: ids of the acting agency's packages whose period is over
    "delete_ended_packages",  # intake: deletes packages of the acting agency whose consent has ended
    "restricted_needs_before",  # intake: ids of the acting agency's restricted needs whose period is over
    "delete_restricted_needs",  # intake: deletes restricted needs of the acting agency
    "publish_centre",  # intake, a trigger: keeps the public copy of a centre, whose agency wrote it
    "forget_queue",  # intake: forgets who was in the queue of an earlier day, for the timer
    "complaint_of_code",  # intake: what the code of one complaint shows to the person who has it; never its text
    "appeal_complaint",  # intake: appeals against an answer, by the code
    "restrict_complaint",  # intake: hands a complaint of the acting agency to the restricted circle
    "close_answered_complaints",  # intake: closes complaints after the time of the appeal, for the timer
    "delete_closed_complaints",  # intake: deletes complaints whose period is over, for the timer
    "delete_abandoned_batches",  # intake: deletes batches of imports that nobody applied for a week, for the timer
    "delete_searches_before",  # intake: deletes searches that are a day old, for the timer
    "sign_off_makers",  # cash, triggers: makers and approvals of plans, states and amounts of payments, balances
    "check_plan_change",
    "check_added_payments",
    "check_changed_payments",
    "check_approval",
    "apply_transfers",
    "check_moved_payments",
    "check_flag_decision",
    "flagged_payments",  # cash: own payments whose household or account another payment shares, never which
    "check_approval_tier",
    "claim_missing_profiles",  # cash: ids and agencies of enrolments whose profile is missing, for the timer
    "claim_pending_referrals",  # cash: ids and agencies of referrals not taken in yet, for the timer
    "abandoned_plans",  # cash: ids and agencies of plans without a step or an approval for long, for the timer
    "delete_order_files",  # cash: deletes files of orders whose time is over, for the timer
    "check_payee_permit_use",  # intake, a trigger: a releaser's permit against its use, of the agency's own rows
    "consents_to_expire",  # intake: ids and agencies of consents whose time is over, for the timer
    "count_overdue_referrals",  # referrals: their number, rounded down to tens, for telemetry
    "count_provisional_people",  # intake: the same of people who may be registered twice
    "count_stuck_plans",  # cash: the number of payment plans, for telemetry
    "count_paused_webhooks",  # subscriptions: numbers of webhooks and an age, for telemetry
    "count_failing_webhooks",
    "oldest_waiting_delivery",
    "find_overdue_referrals",  # referrals: ids and agencies of requests without an answer in time, for the timer
    # planning, triggers: cards, the log and the boxes of one round against each other
    "check_ballot_entry",
    "check_reconciliation",
    "check_box_numbers",
    "check_box_change",
    "check_ballot",
    "check_ballots_counted",
    "end_referral_share",  # referrals, a trigger: a receiver's rejection ends the share that its sender gave
}
"""The only functions that act across agencies, with what each of them does."""

OWN_MACHINERY: dict[str, set[str]] = {
    "cash": {"moved_payments"},
    "console": {"page_session"},
    "intake": {"erasures_replayed"},
}
"""Further tables of `machinery` that a single service has."""


@pytest.fixture(scope="module", params=service_names())
def database(request, run):
    service = load_service(request.param)
    with throwaway_database(run, request.param, service.folder / "migrations") as made:
        yield request.param, made


def query(made, statement: str) -> set[str]:
    with psycopg.connect(made.admin) as connection:
        return {str(row[0]) for row in connection.execute(statement.encode())}


def test_every_data_table_has_forced_row_level_security(database):
    _, made = database
    assert not query(
        made,
        """SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname IN ('data', 'keys') AND relkind IN ('r', 'p', 'm') AND NOT (relrowsecurity AND relforcerowsecurity
            AND EXISTS (SELECT FROM pg_policies p WHERE p.schemaname = nspname AND p.tablename = relname))""",
    )


def test_every_policy_checks_the_agency(database):
    _, made = database
    assert not query(
        made,
        """SELECT tablename || '.' || policyname FROM pg_policies
        WHERE schemaname IN ('data', 'keys') AND permissive = 'PERMISSIVE'
            AND coalesce(qual, with_check) !~ 'app.agency'""",
    )


def test_no_view_and_only_listed_functions_act_across_agencies(database):
    # A view has the rights of its owner, whom no policy restricts. So has a SECURITY DEFINER function.
    _, made = database
    assert not query(
        made, "SELECT viewname FROM pg_views WHERE schemaname IN ('data', 'machinery', 'published')"
    )
    definers = query(
        made,
        """SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
        WHERE prosecdef AND nspname IN ('data', 'machinery', 'published')""",
    )
    assert definers <= DEFINERS


def test_machinery_has_only_the_listed_tables(database):
    name, made = database
    tables = query(made, "SELECT tablename FROM pg_tables WHERE schemaname = 'machinery'")
    assert tables == MACHINERY | OWN_MACHINERY.get(name, set())


def test_service_role_owns_nothing_and_cannot_bypass_policies(database):
    name, made = database
    with psycopg.connect(made.roles["app"]) as connection:
        row = connection.execute(
            """SELECT rolbypassrls OR rolsuper OR rolcreaterole OR rolcreatedb,
            (SELECT count(*) FROM pg_class WHERE relowner = r.oid) FROM pg_roles r WHERE rolname = current_user"""
        ).fetchone()
    assert row == (False, 0), name


def test_query_without_a_scope_raises_in_every_table_with_rows(scenario_run):
    tried = 0
    for name in service_names():
        with psycopg.connect(scenario_run.run.postgres.admin, dbname=name) as admin:
            tables = [
                table
                for (table,) in admin.execute(
                    "SELECT tablename FROM pg_tables WHERE schemaname = 'data'"
                ).fetchall()
                if admin.execute(f"SELECT FROM data.{table} LIMIT 1".encode()).fetchall()
            ]
        for table in tables:
            tried += 1
            with (
                psycopg.connect(scenario_run.run.databases[name]["app"]) as app,
                pytest.raises(psycopg.Error) as refused,
            ):
                app.execute(f"SELECT * FROM data.{table}".encode())
            assert re.search("app.(agency|subject|duties)", str(refused.value)), (
                f"{name}.{table}: {refused.value}"
            )
    assert tried >= 25
