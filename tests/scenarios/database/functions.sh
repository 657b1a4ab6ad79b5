#!/bin/sh
# plpgsql_check checks every PL/pgSQL function of schema amends; the server checks
# those in SQL when they are created. And nothing with state depends on the schema, which is dropped.
set -u
: "${AMENDS:=build/amends}"
if [ -z "${AMENDS_TEST_DATABASE_URL:-}" ]; then
  exec sh tests/with_postgres.sh sh "$0"
fi
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
admin=$AMENDS_TEST_DATABASE_URL
url="$(printf '%s' "$admin" | sed 's/user=.*//') user=postgres dbname=functions_judged"
unset AMENDS_TEST_DATABASE_URL
n=0
result() { # result NAME STATUS [OUTPUT]
  n=$((n + 1))
  if [ "$2" = 0 ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    printf '%s\n' "${3:-}" | sed 's/^/# /'
  fi
}
sql() { psql -X -q -A -t -F ': ' -v ON_ERROR_STOP=1 -d "$url" "$@" 2>&1; }
drop() { psql -X -q -d "$admin" -c 'drop database if exists functions_judged' >/dev/null 2>&1; }
trap drop EXIT
drop
psql -X -q -d "$admin" -c 'create database functions_judged'
said=$(AMENDS_DATABASE_URL=$url "$AMENDS" migrate 2>&1)
result 'the schema is made' $? "$said"
sql -c 'create extension plpgsql_check' >/dev/null

# A function that reads a temporary table of another function is checked with that table: runs the
# steps of a run that does not exist, and the functions that create the tables of imports.
sql -c "create function amends.faulty() returns int language plpgsql as 'begin return x.y; end'"
judge() { sql <<END
begin;
set local search_path = public;
set local client_min_messages = warning;
do \$\$
declare
  one text;
begin
  for one in
    select 'select amends.' || step
    from unnest(array['credit_run_begin(0)', 'credit_run_accounts()', 'credit_run_write(0)']) as step
    union all
    select made[1] from pg_proc, regexp_matches(prosrc, '(create temp table [^;]+);') made
    where proname in ('account_import_write', 'cohort_refresh', 'import_write')
  loop
    execute one;
  end loop;
end \$\$;
select p.oid::regprocedure, concat_ws(' ', nullif(t.tgrelid::regclass::text, '-'), 'line', c.lineno),
  c.level, c.message, c.detail, c.hint
from pg_proc p join pg_language l on l.oid = p.prolang left join pg_trigger t on t.tgfoid = p.oid
  cross join lateral plpgsql_check_function_tb(p.oid, coalesce(t.tgrelid, 0),
    oldtable => t.tgoldtable, newtable => t.tgnewtable, fatal_errors => false,
    security_warnings => true) c
where p.pronamespace = 'amends'::regnamespace and l.lanname = 'plpgsql';
END
}
said=$(judge)
result "it finds a fault that is made" \
  "$(printf '%s' "$said" | grep -c '^amends.faulty().*missing FROM-clause' | sed 's/^1$/0/')" "$said"
sql -c 'drop function amends.faulty()'
said=$(judge)
result "and no other" "${#said}" "$said"

said=$(sql -c "select p.oid::regprocedure from pg_proc p
  where p.pronamespace = 'amends'::regnamespace and p.prorettype = 'trigger'::regtype
    and not exists (select from pg_trigger t where t.tgfoid = p.oid)")
result "each function of a trigger has one" "${#said}" "$said"

said=$(sql -c "select p.oid::regproc, a.name
  from pg_proc p, unnest(proargnames, coalesce(proargmodes, array_fill('i'::\"char\",
    array[coalesce(cardinality(proargnames), 0)]))) a (name, mode)
  where p.pronamespace = 'amends'::regnamespace
    and (a.mode = 'i' and a.name !~ '^in_' or a.mode = 'o' and a.name !~ '^out_')")
result "parameters are in_x and out_x" "${#said}" "$said"

said=$(sql -c "select distinct pg_describe_object(d.classid, d.objid, d.objsubid)
  from pg_depend d join (
    select 'pg_proc'::regclass as class, oid from pg_proc where pronamespace = 'amends'::regnamespace
    union all select 'pg_class', oid from pg_class where relnamespace = 'amends'::regnamespace
    union all select 'pg_type', oid from pg_type where typnamespace = 'amends'::regnamespace) o
    on d.refclassid = o.class and d.refobjid = o.oid
  where d.classid <> 'pg_trigger'::regclass and d.classid <> 'pg_rewrite'::regclass
    and not exists (select from pg_identify_object(d.classid, d.objid, d.objsubid) i
      where i.schema = 'amends')")
result "no index, constraint, default or column depends on the schema" "${#said}" "$said"
echo "1..$n"
