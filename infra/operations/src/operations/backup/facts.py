"""The facts of a database in figures, taken at the moment of a backup and compared after a restore."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import LiteralString

import psycopg
from psycopg import sql
from stack.provision.databases import KEYCLOAK
from stack.secret_file import Secrets

from operations.backup.manifest import Contents, DatabaseFacts, TableFacts

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1, 2
"""
CHECKSUM: LiteralString = (
    "SELECT count(*), coalesce(sum(hashtextextended(whole_row::text, 0)), 0)::text FROM {} whole_row"
)
GRANTS = """
    SELECT md5(coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), '')) FROM (
        SELECT concat_ws(' ', 'relation', c.oid::regclass, c.relrowsecurity, c.relforcerowsecurity,
            pg_get_userbyid(c.relowner), pg_get_userbyid(a.grantee), a.privilege_type) AS line
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN aclexplode(coalesce(c.relacl,
                acldefault(CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) a
        WHERE c.relkind IN ('r', 'v', 'S', 'm') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
        UNION ALL
        SELECT concat_ws(' ', 'routine', p.oid::regprocedure, p.prosecdef, pg_get_userbyid(p.proowner),
            pg_get_userbyid(a.grantee), a.privilege_type)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
        UNION ALL
        SELECT concat_ws(' ', 'policy', schemaname, tablename, policyname, permissive, roles::text, cmd, qual,
            with_check)
        FROM pg_policies
        UNION ALL
        SELECT concat_ws(' ', 'trigger', tgrelid::regclass, tgenabled, pg_get_triggerdef(oid))
        FROM pg_trigger WHERE NOT tgisinternal
    ) AS lines
"""
ROLES = """
    SELECT rolname, concat_ws(' ', 'superuser', rolsuper, 'inherit', rolinherit, 'createrole', rolcreaterole,
        'createdb', rolcreatedb, 'login', rolcanlogin, 'replication', rolreplication, 'bypassrls', rolbypassrls,
        (SELECT string_agg(part, ' ' ORDER BY part) FROM unnest(rolconfig) AS part),
        (SELECT string_agg(pg_get_userbyid(m.roleid), ' ' ORDER BY pg_get_userbyid(m.roleid)::text)
            FROM pg_auth_members m WHERE m.member = pg_roles.oid))
    FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' ORDER BY 1
"""
FIGURES: Mapping[str, Mapping[str, LiteralString]] = {
    "intake": {
        "people": "SELECT count(*)::text FROM data.person",
        "erasures": "SELECT count(*)::text FROM data.erasure",
        "last seals of the access log": """
            SELECT coalesce(
                string_agg(concat_ws(' ', agency, number, encode(digest, 'hex')), ', ' ORDER BY agency), 'none')
            FROM (SELECT DISTINCT ON (agency) agency, number, digest
                FROM data.access_seal ORDER BY agency, number DESC) AS last_seals
        """,
    },
    "cash": {
        "ledger": """
            SELECT coalesce(string_agg(line, ', ' ORDER BY line), 'empty') FROM (
                SELECT concat_ws(' ', currency, role, sum(debits_posted), sum(credits_posted), sum(debits_pending),
                    sum(credits_pending)) AS line
                FROM data.account GROUP BY currency, role) AS lines
        """,
    },
    KEYCLOAK: {
        "agencies": "SELECT coalesce(string_agg(alias || ' ' || id, ', ' ORDER BY alias), 'none') FROM org",
        "logins": "SELECT count(*)::text FROM user_entity WHERE enabled AND service_account_client_link IS NULL",
    },
}
"""The figures of a database that an operator compares by eye; the checksums of its tables hold them too."""
LASTING = (*(name for name in Secrets.model_fields if name.endswith("_keys")), "keycloak_provisioner")
"""The secrets without which restored rows are of no use, beside those of the services."""


def database_facts(connection: psycopg.Connection) -> DatabaseFacts:
    """Return the facts of a database, in the transaction of the connection."""
    connection.execute("SET LOCAL search_path = pg_catalog")
    tables = {}
    for schema, name in connection.execute(TABLES).fetchall():
        row = connection.execute(sql.SQL(CHECKSUM).format(sql.Identifier(schema, name))).fetchone()
        assert row is not None
        tables[f"{schema}.{name}"] = TableFacts(rows=row[0], checksum=row[1])
    return DatabaseFacts(tables=tables, grants=_text(connection, GRANTS))


def roles(connection: psycopg.Connection) -> dict[str, str]:
    """Return the attributes, settings and memberships of each role of the cluster."""
    return dict(connection.execute(ROLES).fetchall())


def figures(name: str, connection: psycopg.Connection) -> dict[str, str]:
    """Return the figures of a database that an operator compares by eye."""
    connection.execute("SET LOCAL search_path = public")
    return {title: _text(connection, statement) for title, statement in FIGURES.get(name, {}).items()}


def secret_digests(secrets: Secrets) -> dict[str, str]:
    """Return a digest of each secret that must be the same after a restore. The secrets are random and long."""
    lasting = {name: str(getattr(secrets, name)) for name in LASTING}
    lasting |= {f"services.{name}": secret for name, secret in secrets.services.items()}
    return {
        name: hmac.new(secret.encode(), b"solidary backup", hashlib.sha256).hexdigest()
        for name, secret in lasting.items()
    }


def differences(before: Contents, after: Contents) -> list[str]:
    """Return a line for each fact of a backup that a restored instance lacks or has otherwise."""
    lines = [
        f"role {name}: {after.roles.get(name, 'missing')} instead of {attributes}"
        for name, attributes in before.roles.items()
        if after.roles.get(name) != attributes
    ]
    for database, facts in before.databases.items():
        found = after.databases.get(database, DatabaseFacts(tables={}, grants=""))
        for table, wanted in facts.tables.items():
            has = found.tables.get(table)
            if has is None:
                lines.append(f"{database}, table {table}: missing")
            elif has.rows != wanted.rows:
                lines.append(f"{database}, table {table}: {has.rows} rows instead of {wanted.rows}")
            elif has != wanted:
                lines.append(f"{database}, table {table}: {has.rows} rows with other values")
        if found.grants != facts.grants:
            lines.append(f"{database}: other grants, policies or triggers")
    for topic, partitions in before.topics.items():
        for number, partition in partitions.items():
            events = after.topics.get(topic, {}).get(number)
            if events is None or events.events != partition.events:
                found_events = events.events if events else 0
                lines.append(
                    f"topic {topic}, partition {number}: {found_events} events instead of {partition.events}"
                )
    for database, expected in before.figures.items():
        for title, value in expected.items():
            if (shown := after.figures.get(database, {}).get(title)) != value:
                lines.append(f"{database}, {title}: {shown} instead of {value}")
    return lines


def _text(connection: psycopg.Connection, statement: LiteralString) -> str:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return str(row[0])
